"""API pieces every topic uses: permissions by word, errors in one shape, and who am I."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView, exception_handler

from dispatch.orgs import queries


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """One shape for every API error: {"code", "message", "fields"}."""
    response = exception_handler(error, context)
    if response is None:
        return None
    detail = response.data
    body: dict[str, Any]
    if isinstance(detail, dict) and set(detail) == {"detail"}:
        body = {
            "code": getattr(detail["detail"], "code", "error"),
            "message": str(detail["detail"]),
            "fields": {},
        }
    else:
        body = {
            "code": "invalid",
            "message": "Some fields are not right; each is named below.",
            "fields": detail,
        }
    response.data = body
    return response


def needs(what: str) -> type[BasePermission]:
    """A permission class: the actor's role holds `what` (orgs.rules.MAY)."""

    class Holds(BasePermission):
        message = f"Your role may not do this ({what}); ask an administrator of your society."

        def has_permission(self, request: Request, view: object) -> bool:
            actor = getattr(request, "actor", None)
            return actor is not None and actor.may(what)

    return Holds


class MeSerializer(serializers.Serializer[dict[str, Any]]):
    user_id = serializers.UUIDField()
    username = serializers.CharField()
    role = serializers.CharField()
    society = serializers.DictField()


class Me(APIView):
    """Who this token or session is, and the society and role it acts in."""

    permission_classes = [needs("see_home")]

    @extend_schema(responses=MeSerializer)
    def get(self, request: Request) -> Response:
        actor = request.actor  # type: ignore[attr-defined]
        body = {
            "user_id": actor.user_id,
            "username": request.user.get_username(),
            "role": actor.role,
            "society": queries.society(),
        }
        return Response(body, status=status.HTTP_200_OK)
