"""Where each need of a call-out stands, from three reads; what the planner and every page start from."""

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.fields.json import KT

from dispatch.callouts.models import Assignment, CallOut
from dispatch.callouts.rules import moves, planner
from dispatch.incidents.models import Incident, Need
from dispatch.orgs.queries import society
from dispatch.people.rules import week_hour

# As the planner's own look (callouts.actions.asking): within an hour of the launch, or by the need's time.
FILL_WITHIN = dt.timedelta(minutes=60)
NIGHT = frozenset({22, 23, *range(7)})


@dataclass(frozen=True)
class NeedStanding:
    """One need: people and reasons by state, delivered among the silent, and the planner's view of its call-out."""

    need: Need
    states: Counter[str]
    reasons: dict[str, Counter[str]]
    delivered: int
    planner: planner.Standing
    by: dt.datetime


@dataclass(frozen=True)
class CallOutStanding:
    """A call-out (None before the first launch) of an incident with its needs in their order, and its people."""

    incident: Incident
    call_out: CallOut | None
    people: QuerySet[Assignment]
    needs: list[NeedStanding]
    is_night: bool = False


def is_night(now: dt.datetime) -> bool:
    """Whether it is night in the society's country (22:00 to 07:00)."""
    return week_hour(now, society()["timezone"]) % 24 in NIGHT


def all_of(incident_id: UUID) -> list[CallOut]:
    """The call-outs of an incident, the newest first; only that one can be open."""
    return list(CallOut.objects.filter(incident_id=incident_id).order_by("-launched_at", "-id"))


def people_of(call_outs: list[CallOut]) -> QuerySet[Assignment]:
    """The people of an incident's call-outs, each as they stand now.

    Whoever holds a place counts in whichever call-out it was taken; of all others only the newest asking.
    """
    rows = Assignment.objects.filter(call_out__in=call_outs)
    if len(call_outs) < 2:
        return rows
    newer = Assignment.objects.filter(
        call_out__in=call_outs, volunteer_id=OuterRef("volunteer_id"), id__gt=OuterRef("id")
    )
    return rows.filter(Q(state__in=moves.COUNTED) | ~Exists(newer))


def standing(incident_id: UUID, now: dt.datetime, call_out_id: UUID | None = None) -> CallOutStanding | None:
    """How an incident stands with all its call-outs, the newest in front; None when this society has no such incident.

    With `call_out_id` that call-out and its own people only.
    """
    incident = Incident.objects.filter(id=incident_id).first()
    if incident is None:
        return None
    call_outs = [CallOut.objects.get(id=call_out_id)] if call_out_id else all_of(incident_id)
    call_out, people = next(iter(call_outs), None), people_of(call_outs)
    needs = list(Need.objects.filter(incident=incident).select_related("skill").order_by("position", "id"))
    states, reasons, delivered = _counts(people)
    asked = states if len(call_outs) < 2 else _counts(people_of(call_outs[:1]))[0]
    ages = _ages(call_out, now)
    night = is_night(now)
    return CallOutStanding(
        incident=incident,
        call_out=call_out,
        people=people,
        needs=[
            _need(
                need,
                call_out,
                states[need.id],
                reasons[need.id],
                delivered[need.id],
                asked[need.id],
                ages[need.id],
                night,
                now,
            )
            for need in needs
        ],
        is_night=night,
    )


def _counts(
    people: QuerySet[Assignment],
) -> tuple[dict[UUID, Counter[str]], dict[UUID, dict[str, Counter[str]]], Counter[UUID]]:
    states: dict[UUID, Counter[str]] = defaultdict(Counter)
    reasons: dict[UUID, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    delivered: Counter[UUID] = Counter()
    rows = people.values_list("need_id", "state", KT("reason__code")).annotate(
        n=Count("id"), heard=Count("id", filter=Q(delivered_at__isnull=False))
    )
    for need_id, state, code, n, heard in rows:
        states[need_id][state] += n
        reasons[need_id][state][code or ""] += n
        if state == moves.ASKED:
            delivered[need_id] += heard
    return states, reasons, delivered


def _ages(call_out: CallOut | None, now: dt.datetime) -> dict[UUID, list[float]]:
    """Minutes in which each silent person could have answered, as the planner counts them."""
    ages: dict[UUID, list[float]] = defaultdict(list)
    if call_out is None or call_out.state != "open":
        return ages
    rows = Assignment.objects.filter(call_out=call_out, state=moves.ASKED)
    for need_id, delivered, asked in rows.values_list("need_id", "delivered_at", "asked_at"):
        ages[need_id].append(planner.waited(delivered, asked, now))
    return ages


def _need(
    need: Need,
    call_out: CallOut | None,
    states: Counter[str],
    reasons: dict[str, Counter[str]],
    delivered: int,
    asked: Counter[str],
    ages: list[float],
    night: bool,
    now: dt.datetime,
) -> NeedStanding:
    launched = call_out.launched_at if call_out else now
    horizon = (min(launched + FILL_WITHIN, need.report_by) - now).total_seconds() / 60
    horizon = max(horizon, planner.SHORTEST_HORIZON_MIN)
    return NeedStanding(
        need=need,
        states=states,
        reasons=reasons,
        delivered=delivered,
        planner=planner.Standing(
            required=need.required,
            filled=min(need.filled, need.required),
            ages=tuple(ages),
            yes=sum(asked[s] for s in (*moves.COUNTED, moves.RESERVE)),
            no=asked[moves.DECLINED],
            asked=asked.total(),
            horizon=horizon,
            night=night,
        ),
        by=now + dt.timedelta(minutes=horizon),
    )
