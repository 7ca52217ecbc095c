"""Regions and cities over HTTP, for anybody signed in; what is seen follows the society of the request."""

from typing import Any
from uuid import UUID

from django.utils.cache import patch_cache_control
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from geo import queries

OUTLINES_LAST_S = 300  # outlines change when a society imports its own: rarely, and then not within a minute


class NameSerializer(serializers.Serializer[Any]):
    """A name in the languages it is known in."""

    ar = serializers.CharField(required=False)
    en = serializers.CharField()


class RegionSerializer(serializers.Serializer[Any]):
    """A region without its outline; points are [longitude, latitude]."""

    id = serializers.UUIDField()
    code = serializers.CharField()
    country = serializers.CharField()
    level = serializers.IntegerField()
    parent_code = serializers.CharField()
    name = NameSerializer()
    own = serializers.BooleanField(help_text="from the society's own boundaries")
    middle = serializers.ListField(child=serializers.FloatField(), help_text="a point inside")
    box = serializers.ListField(child=serializers.FloatField(), help_text="west, south, east, north")


class CitySerializer(serializers.Serializer[Any]):
    """A city; `metres` is its distance when a point was asked about."""

    id = serializers.IntegerField(help_text="GeoNames")
    country = serializers.CharField()
    region_code = serializers.CharField()
    name = NameSerializer()
    location = serializers.ListField(child=serializers.FloatField())
    population = serializers.IntegerField()
    metres = serializers.FloatField(allow_null=True)


class AreaQuery(serializers.Serializer[Any]):
    """Which regions."""

    level = serializers.IntegerField(min_value=0, max_value=5, default=1)
    country = serializers.RegexField(r"^[A-Z]{2}$", required=False, help_text="ISO 3166-1 alpha-2")


class PointQuery(serializers.Serializer[Any]):
    """A point on the map."""

    lon = serializers.FloatField(min_value=-180, max_value=180)
    lat = serializers.FloatField(min_value=-90, max_value=90)


class RegionAtQuery(PointQuery):
    """A point and the level to find it at."""

    level = serializers.IntegerField(min_value=0, max_value=5, default=1)


class NearQuery(PointQuery):
    """A point and how many cities."""

    limit = serializers.IntegerField(min_value=1, max_value=100, default=10)


class BoxQuery(serializers.Serializer[Any]):
    """A box on the map and how many cities."""

    west = serializers.FloatField(min_value=-180, max_value=180)
    south = serializers.FloatField(min_value=-90, max_value=90)
    east = serializers.FloatField(min_value=-180, max_value=180)
    north = serializers.FloatField(min_value=-90, max_value=90)
    limit = serializers.IntegerField(min_value=1, max_value=500, default=200)


class RegionList(APIView):
    """The regions of a level, by country and code."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(operation_id="geo_regions", parameters=[AreaQuery], responses=RegionSerializer(many=True))
    def get(self, request: Request) -> Response:
        asked = AreaQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        return Response(RegionSerializer(queries.regions(**asked.validated_data), many=True).data)


class RegionOutlines(APIView):
    """The same as GeoJSON, to draw."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(operation_id="geo_outlines", parameters=[AreaQuery], responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        asked = AreaQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        response = Response(
            queries.regions_geojson(**asked.validated_data), content_type="application/geo+json"
        )
        patch_cache_control(response, private=True, max_age=OUTLINES_LAST_S)
        return response


class RegionDetail(APIView):
    """One region."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(operation_id="geo_region", responses=RegionSerializer)
    def get(self, request: Request, region_id: UUID) -> Response:
        found = queries.region(region_id)
        if found is None:
            raise NotFound("There is no such region here.")
        return Response(RegionSerializer(found).data)


class RegionAt(APIView):
    """The region around a point, or the nearest one within 25 km."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(operation_id="geo_region_at", parameters=[RegionAtQuery], responses=RegionSerializer)
    def get(self, request: Request) -> Response:
        asked = RegionAtQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        place = asked.validated_data
        found = queries.region_at((place["lon"], place["lat"]), level=place["level"])
        if found is None:
            raise NotFound("No region lies within 25 km of this point.")
        return Response(RegionSerializer(found).data)


class CitiesNear(APIView):
    """The nearest cities to a point."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="geo_cities_near", parameters=[NearQuery], responses=CitySerializer(many=True)
    )
    def get(self, request: Request) -> Response:
        asked = NearQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        place = asked.validated_data
        found = queries.cities_near((place["lon"], place["lat"]), limit=place["limit"])
        return Response(CitySerializer(found, many=True).data)


class CitiesIn(APIView):
    """The largest cities inside a box."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(operation_id="geo_cities_in", parameters=[BoxQuery], responses=CitySerializer(many=True))
    def get(self, request: Request) -> Response:
        asked = BoxQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        v = asked.validated_data
        found = queries.cities_in((v["west"], v["south"], v["east"], v["north"]), limit=v["limit"])
        return Response(CitySerializer(found, many=True).data)
