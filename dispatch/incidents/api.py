"""Incidents over HTTP. Another society's ids are unknown here, as any other id that does not exist."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from dispatch.incidents import queries, serializers
from dispatch.incidents.actions import NewNeed, open_incident
from dispatch.orgs.api import needs
from dispatch.people.queries import skill_id
from geo.queries import region_at
from notifications import clock


class Incidents(APIView):
    """Open incidents, and opening one."""

    def get_permissions(self) -> list[BasePermission]:
        return [needs("launch" if self.request.method == "POST" else "see_console")()]

    @extend_schema(operation_id="incidents", responses=serializers.IncidentSerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response(serializers.IncidentSerializer(queries.open_incidents(), many=True).data)

    @extend_schema(
        operation_id="open_incident",
        request=serializers.NewIncidentSerializer,
        responses={201: serializers.IncidentDetailSerializer},
    )
    def post(self, request: Request) -> Response:
        asked = serializers.NewIncidentSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given, actor = asked.validated_data, request.actor  # type: ignore[attr-defined]
        region = region_at((given["lon"], given["lat"]))
        incident_id = open_incident(
            society_id=actor.society_id,
            kind=given["kind"],
            title=given["title"],
            place=given["place"],
            muster=given.get("muster"),
            lon=given["lon"],
            lat=given["lat"],
            hazard=given.get("hazard"),
            needs=[_need(row) for row in given["needs"]],
            region_id=region.id if region else None,
            is_drill=given["is_drill"],
            by=actor.user_id,
            now=clock.now(),
        )
        return Response(_detail(incident_id), status=201)


class Incident(APIView):
    """One incident with its needs."""

    permission_classes = (needs("see_console"),)

    @extend_schema(operation_id="incident", responses=serializers.IncidentDetailSerializer)
    def get(self, request: Request, incident_id: UUID) -> Response:
        return Response(_detail(incident_id))


class Needs(APIView):
    """The needs of an incident, in their order."""

    permission_classes = (needs("see_console"),)

    @extend_schema(operation_id="incident_needs", responses=serializers.NeedSerializer(many=True))
    def get(self, request: Request, incident_id: UUID) -> Response:
        if queries.incident(incident_id) is None:
            raise NotFound("There is no such incident.")
        return Response(serializers.NeedSerializer(queries.needs(incident_id), many=True).data)


def _need(row: dict[str, Any]) -> NewNeed:
    return NewNeed(
        skill_id(row["skill"]), row["required"], row["report_by"], row["is_remote"], row["radius_m"]
    )


def _detail(incident_id: UUID) -> Any:
    found = queries.incident(incident_id)
    if found is None:
        raise NotFound("There is no such incident.")
    return serializers.IncidentDetailSerializer(found | {"needs": queries.needs(incident_id)}).data
