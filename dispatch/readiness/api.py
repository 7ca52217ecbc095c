"""Readiness over HTTP; the same query as the page."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from dispatch.orgs.api import needs
from dispatch.readiness import actions, queries
from dispatch.readiness.serializers import BoardSerializer, TargetsSerializer
from notifications import clock


class Readiness(APIView):
    """Ready people against targets, per region and specialty, counted now."""

    permission_classes = (needs("see_readiness"),)

    @extend_schema(operation_id="readiness", responses=BoardSerializer)
    def get(self, request: Request) -> Response:
        return Response(BoardSerializer(queries.board(now=clock.now())).data)


class Targets(APIView):
    """The targets of one region."""

    permission_classes = (needs("edit_people"),)

    @extend_schema(operation_id="readiness_targets", request=TargetsSerializer, responses={204: None})
    def put(self, request: Request, region_id: UUID) -> Response:
        given = TargetsSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            actions.set_targets(
                region_id=region_id,
                required=given.validated_data["targets"],
                by=request.actor.user_id,  # type: ignore[attr-defined]
                now=clock.now(),
            )
        except actions.NoSuchRegion as error:
            raise NotFound("Your society has no such region.") from error
        return Response(status=status.HTTP_204_NO_CONTENT)
