"""Call-outs over HTTP, through the same queries and actions as the pages.

Another society's ids are unknown here, as any other id that does not exist.
"""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import APIException, NotFound
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from dispatch.callouts import actions, queries, serializers
from dispatch.callouts.rules.replies import Reply
from dispatch.callouts.rules.urgency import CONFIDENCE
from dispatch.incidents.queries import incident, too_late
from dispatch.incidents.queries import needs as needs_of
from dispatch.orgs.api import needs
from notifications import clock
from notifications.ids import uuid7


class Refused(APIException):
    """The state of things does not allow it now; the message says why."""

    status_code = 409
    default_code = "refused"


def _by(request: Request) -> UUID:
    return request.actor.user_id  # type: ignore[attr-defined,no-any-return]


def _given(serializer: Any) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _incident(call_out_id: UUID) -> UUID:
    found = queries.incident_of(call_out_id)
    if found is None:
        raise NotFound("There is no such call-out.")
    return found


class CallOuts(APIView):
    """Call-outs, newest first, and launching one."""

    def get_permissions(self) -> list[BasePermission]:
        return [needs("launch" if self.request.method == "POST" else "see_console")()]

    @extend_schema(operation_id="call_outs", responses=serializers.CallOutSerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response(serializers.CallOutSerializer(queries.call_outs(), many=True).data)

    @extend_schema(
        operation_id="launch",
        request=serializers.LaunchSerializer,
        responses={201: serializers.CallOutBoardSerializer},
    )
    def post(self, request: Request) -> Response:
        given, now = _given(serializers.LaunchSerializer(data=request.data)), clock.now()
        found = incident(given["incident_id"])
        if found is None or found["state"] != "open":
            raise NotFound("There is no such open incident.")
        if too_late(found["id"], now):
            raise Refused("The time to report by has passed; open a new incident with a later one.")
        try:
            actions.launch(
                incident_id=found["id"], confidence=CONFIDENCE[given["urgency"]], by=_by(request), now=now
            )
        except actions.AlreadyCalledOut as error:
            raise Refused(str(error)) from None
        return Response(
            serializers.CallOutBoardSerializer(queries.board(found["id"], now=now)).data, status=201
        )


class CallOut(APIView):
    """The board of one call-out."""

    permission_classes = (needs("see_console"),)

    @extend_schema(operation_id="call_out", responses=serializers.CallOutBoardSerializer)
    def get(self, request: Request, call_out_id: UUID) -> Response:
        board = queries.board(_incident(call_out_id), now=clock.now(), call_out_id=call_out_id)
        return Response(serializers.CallOutBoardSerializer(board).data)


class Ask(APIView):
    """Ask more people for a need."""

    permission_classes = (needs("launch"),)

    @extend_schema(
        operation_id="ask_more", request=serializers.AskSerializer, responses=serializers.CountSerializer
    )
    def post(self, request: Request, call_out_id: UUID) -> Response:
        given, incident_id = _given(serializers.AskSerializer(data=request.data)), _incident(call_out_id)
        if given["need_id"] not in {need["id"] for need in needs_of(incident_id)}:
            raise NotFound("This call-out has no such need.")
        try:
            count = actions.ask_more(
                call_out_id=call_out_id,
                need_id=given["need_id"],
                count=given["count"],
                by=_by(request),
                now=clock.now(),
            )
        except (actions.NotOpen, actions.NobodyLeft) as error:
            raise Refused(str(error)) from None
        return Response({"count": count})


class StandDown(APIView):
    """Stand people down, with thanks."""

    permission_classes = (needs("launch"),)

    @extend_schema(
        operation_id="stand_down",
        request=serializers.StandDownSerializer,
        responses=serializers.CountSerializer,
    )
    def post(self, request: Request, call_out_id: UUID) -> Response:
        given = _given(serializers.StandDownSerializer(data=request.data))
        _incident(call_out_id)
        count = actions.stand_down(call_out_id=call_out_id, by=_by(request), now=clock.now(), **given)
        return Response({"count": count})


class Close(APIView):
    """End a call-out; everybody waiting hears it. Closing twice changes nothing."""

    permission_classes = (needs("launch"),)

    @extend_schema(operation_id="close_call_out", request=None, responses=serializers.CountSerializer)
    def post(self, request: Request, call_out_id: UUID) -> Response:
        _incident(call_out_id)
        return Response({"count": actions.close(call_out_id=call_out_id, by=_by(request), now=clock.now())})


class Assignments(APIView):
    """The people of a call-out, nearest first."""

    permission_classes = (needs("see_people"),)

    @extend_schema(
        operation_id="assignments",
        parameters=[serializers.AssignmentQuery],
        responses=serializers.AssignmentSerializer(many=True),
    )
    def get(self, request: Request, call_out_id: UUID) -> Response:
        _incident(call_out_id)
        asked = _given(serializers.AssignmentQuery(data=request.query_params))
        found = queries.assignments(call_out_id, now=clock.now(), **asked)
        return Response(serializers.AssignmentSerializer(found, many=True).data)


class Answer(APIView):
    """Set for a person what they said by phone or at the gate."""

    permission_classes = (needs("answer_for"),)

    @extend_schema(
        operation_id="answer_for",
        request=serializers.AnswerSerializer,
        responses=serializers.StateSerializer,
    )
    def post(self, request: Request, assignment_id: UUID) -> Response:
        given, now = _given(serializers.AnswerSerializer(data=request.data)), clock.now()
        found = queries.assignment(assignment_id, now=now)
        if found is None:
            raise NotFound("There is no such assignment.")
        kind, by = given["kind"], _by(request)
        if kind == "no_show":
            if not actions.mark_no_show(assignment_id=assignment_id, by=by, now=now):
                raise Refused(f"Somebody who is {found[0].state} cannot be a no-show.")
            return Response({"state": "no_show"})
        reply = Reply(kind, given["minutes"] if kind == "coming" else None)
        source = f"desk:{uuid7()}"
        state = actions.answer(assignment_id=assignment_id, reply=reply, source=source, by=by, now=now)
        return Response({"state": state})
