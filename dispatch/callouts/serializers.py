"""Call-outs as JSON: the board as the console shows it, and what may be asked of it."""

from typing import Any

from rest_framework import serializers

from dispatch.callouts.queries.board import Board
from dispatch.callouts.rules import moves
from dispatch.callouts.rules.urgency import BY_HAND, CONFIDENCE

Row = Any
STATES_ARE = ", ".join(moves.STATES)


class LaunchSerializer(serializers.Serializer[Row]):
    """Call out for an open incident, as sure as `urgency` wants to be."""

    incident_id = serializers.UUIDField()
    urgency = serializers.ChoiceField(choices=list(CONFIDENCE), default="life")


class AskSerializer(serializers.Serializer[Row]):
    """Ask so many more people for one need."""

    need_id = serializers.UUIDField()
    count = serializers.IntegerField(min_value=1, max_value=500)


class StandDownSerializer(serializers.Serializer[Row]):
    """Stand down the silent and the reserve of one need, or of all; with `include_coming` also those coming."""

    need_id = serializers.UUIDField(required=False, allow_null=True, default=None)
    include_coming = serializers.BooleanField(default=False)


class AnswerSerializer(serializers.Serializer[Row]):
    """What a dispatcher sets for a person; `minutes` until arrival with "coming"."""

    kind = serializers.ChoiceField(choices=BY_HAND)
    minutes = serializers.IntegerField(
        min_value=1, max_value=1440, required=False, allow_null=True, default=None
    )


class CountSerializer(serializers.Serializer[Row]):
    """How many people it concerned."""

    count = serializers.IntegerField()


class StateSerializer(serializers.Serializer[Row]):
    """The state an assignment has now."""

    state = serializers.CharField(help_text=STATES_ARE)


class AssignmentQuery(serializers.Serializer[Row]):
    """Which people of a call-out."""

    state = serializers.ChoiceField(choices=moves.STATES, required=False)
    need_id = serializers.UUIDField(required=False)


class CallOutSerializer(serializers.Serializer[Row]):
    """A call-out in a list."""

    id = serializers.UUIDField()
    incident_id = serializers.UUIDField()
    state = serializers.CharField()
    confidence = serializers.FloatField()
    launched_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)
    asks_by_itself = serializers.BooleanField()


class AssignmentSerializer(serializers.Serializer[Any]):
    """One person of a call-out."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    latin_name = serializers.CharField()
    phone = serializers.CharField()
    need_id = serializers.UUIDField()
    state = serializers.CharField(help_text=STATES_ARE)
    reason = serializers.CharField(help_text="a code, worded on display")
    distance_m = serializers.FloatField()
    delivered = serializers.BooleanField()
    eta = serializers.DateTimeField(allow_null=True)
    help_at = serializers.DateTimeField(allow_null=True)


class AlarmSerializer(AssignmentSerializer):
    """Somebody of the society who asked for help, and in which incident."""

    incident_id = serializers.UUIDField()
    incident_code = serializers.CharField()


class BoardNeedSerializer(serializers.Serializer[Any]):
    """One need: places, people by state, and the probability that it fills if nobody else is asked."""

    id = serializers.UUIDField()
    skill = serializers.CharField()
    name = serializers.DictField(child=serializers.CharField())
    remote = serializers.BooleanField()
    required = serializers.IntegerField()  # type: ignore[assignment]  # a field, not the option
    limit = serializers.IntegerField()
    open = serializers.IntegerField()
    arrived = serializers.IntegerField()
    en_route = serializers.IntegerField()
    coming = serializers.IntegerField()
    reserve = serializers.IntegerField()
    declined = serializers.IntegerField()
    unreachable = serializers.IntegerField()
    silent = serializers.IntegerField()
    asked = serializers.IntegerField()
    probability = serializers.FloatField(allow_null=True)
    by = serializers.DateTimeField()
    report_by = serializers.DateTimeField()
    full_since = serializers.DateTimeField(allow_null=True)


class PointSerializer(serializers.Serializer[Any]):
    """Places filled at a moment; low and high in the forecast."""

    at = serializers.DateTimeField()
    filled = serializers.FloatField()
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)


class VerdictSerializer(serializers.Serializer[Any]):
    """The call-out in two figures, and how it got and goes there."""

    required = serializers.IntegerField()  # type: ignore[assignment]  # a field, not the option
    filled = serializers.IntegerField()
    open = serializers.IntegerField()
    chance = serializers.FloatField(allow_null=True)
    by = serializers.DateTimeField()
    history = PointSerializer(many=True)
    forecast = PointSerializer(many=True)


class CallOutBoardSerializer(serializers.Serializer[Board]):
    """Everything of one call-out but the single people."""

    id = serializers.UUIDField(source="call_out_id")
    incident_id = serializers.UUIDField(source="incident.id")
    state = serializers.CharField()
    launched_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    confidence = serializers.FloatField(allow_null=True)
    asked = serializers.IntegerField()
    verdict = VerdictSerializer()
    needs = BoardNeedSerializer(many=True)
    groups = serializers.SerializerMethodField()
    alarms = AlarmSerializer(many=True)

    def get_groups(self, board: Board) -> dict[str, int]:
        return {group.key: group.count for group in board.groups}
