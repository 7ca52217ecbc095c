"""Incidents and their needs as JSON."""

import datetime as dt
import json
import math
from typing import Any

from django.contrib.gis.gdal import GDALException
from django.contrib.gis.geos import GEOSException, GEOSGeometry, MultiPolygon, Polygon, WKBWriter
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from dispatch.incidents.rules import KINDS
from dispatch.people.queries import skills
from notifications import clock

Row = Any


class Names(serializers.Serializer[Row]):
    """A name in Arabic and English; at least English."""

    ar = serializers.CharField(required=False, max_length=80)
    en = serializers.CharField(max_length=80)


@extend_schema_field(OpenApiTypes.OBJECT)
class Outline(serializers.Field[MultiPolygon, Any, Any, Any]):
    """A GeoJSON Polygon or MultiPolygon in degrees; heights are left out."""

    def to_internal_value(self, data: object) -> MultiPolygon:
        try:
            given = GEOSGeometry(json.dumps(data), srid=4326)
            shape = GEOSGeometry(WKBWriter(dim=2).write(given), srid=4326)
        except (GEOSException, GDALException, ValueError, TypeError):
            raise serializers.ValidationError("This is no GeoJSON geometry.") from None
        if isinstance(shape, Polygon):
            shape = MultiPolygon(shape, srid=4326)
        if not isinstance(shape, MultiPolygon) or shape.empty or not shape.valid:
            raise serializers.ValidationError("Give a valid Polygon or MultiPolygon.")
        west, south, east, north = shape.extent
        if west < -180 or south < -90 or east > 180 or north > 90:
            raise serializers.ValidationError(
                "Give longitudes from -180 to 180 and latitudes from -90 to 90."
            )
        return shape

    def to_representation(self, value: Any) -> Any:
        return json.loads(value) if isinstance(value, str) else value


class NewNeedSerializer(serializers.Serializer[Row]):
    """So many people of a skill (its code) by a time, within `radius_m` unless remote."""

    skill = serializers.SlugField()
    required = serializers.IntegerField(min_value=1, max_value=500)  # type: ignore[assignment]  # a field, not the option
    is_remote = serializers.BooleanField(default=False)
    radius_m = serializers.IntegerField(min_value=100, max_value=2_000_000, default=100_000)
    report_by = serializers.DateTimeField()

    def validate_skill(self, code: str) -> str:
        if not any(skill["code"] == code for skill in skills()):
            raise serializers.ValidationError("The taxonomy has no such skill.")
        return code

    def validate_report_by(self, time: dt.datetime) -> dt.datetime:
        if time <= clock.now():
            raise serializers.ValidationError("This time has passed; give one that people can keep.")
        return time


class Degrees(serializers.FloatField):
    """A number of degrees; "nan" is a float and no place."""

    def to_internal_value(self, data: Any) -> float:
        value = super().to_internal_value(data)
        if not math.isfinite(value):
            self.fail("invalid")
        return value


class NewIncidentSerializer(serializers.Serializer[Row]):
    """An incident to open; nobody is asked by this."""

    kind = serializers.ChoiceField(choices=KINDS)
    title = Names()
    place = Names(help_text="as texts say it, so keep it short")
    muster = Names(required=False)
    lon = Degrees(min_value=-180, max_value=180)
    lat = Degrees(min_value=-90, max_value=90)
    hazard = Outline(required=False, allow_null=True)
    is_drill = serializers.BooleanField(default=False)
    needs = NewNeedSerializer(many=True, allow_empty=False)

    def validate_needs(self, rows: list[Row]) -> list[Row]:
        codes = [row["skill"] for row in rows]
        if len(set(codes)) != len(codes):
            raise serializers.ValidationError("A skill is listed twice; put its places in one need.")
        return rows


class IncidentSerializer(serializers.Serializer[Row]):
    """An incident in a list."""

    id = serializers.UUIDField()
    code = serializers.CharField()
    kind = serializers.CharField()
    title = Names()
    place = Names()
    state = serializers.CharField(help_text="open or closed")
    is_drill = serializers.BooleanField()
    opened_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)
    lon = serializers.FloatField()
    lat = serializers.FloatField()


class NeedSerializer(serializers.Serializer[Row]):
    """A need with how far it is filled."""

    id = serializers.UUIDField()
    skill_id = serializers.UUIDField()
    skill = serializers.CharField()
    skill_name = Names()
    is_remote = serializers.BooleanField()
    required = serializers.IntegerField()  # type: ignore[assignment]  # a field, not the option
    limit = serializers.IntegerField()
    filled = serializers.IntegerField()
    open = serializers.IntegerField()
    radius_m = serializers.IntegerField()
    report_by = serializers.DateTimeField()
    filled_at = serializers.DateTimeField(allow_null=True)


class IncidentDetailSerializer(IncidentSerializer):
    """An incident with its hazard, muster point and needs."""

    hazard = Outline(allow_null=True)
    muster = serializers.DictField(child=serializers.CharField())
    needs = NeedSerializer(many=True)
