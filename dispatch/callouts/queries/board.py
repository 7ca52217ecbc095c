"""The board of a call-out: what the console shows beside its map, and what the API returns as its detail."""

import datetime as dt
import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import F, OrderBy, QuerySet, Window
from django.db.models.functions import RowNumber

from dispatch.callouts.models import Assignment
from dispatch.callouts.queries.standing import CallOutStanding, NeedStanding, standing
from dispatch.callouts.rules import course, moves

ROWS_SHOWN = 60  # of each state; the count stands beside them
SHORT_UNDER = 0.8  # a need less likely than this is short, whatever was asked for
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("on_the_way", (moves.EN_ROUTE, moves.COMING)),
    ("on_site", (moves.ARRIVED,)),
    ("silent", (moves.ASKED,)),
    ("reserve", (moves.RESERVE,)),
    ("declined", (moves.DECLINED,)),
    ("unreachable", (moves.UNREACHABLE,)),
    ("no_show", (moves.NO_SHOW,)),
    ("home_safe", (moves.HOME_SAFE,)),
    ("stood_down", (moves.STOOD_DOWN,)),
)


@dataclass(frozen=True)
class NeedView:
    """One need as parts/need.html and the API show it; `probability` None when full or not called."""

    id: UUID
    skill_id: UUID
    skill: str
    name: dict[str, str]
    group: str
    remote: bool
    required: int
    limit: int
    arrived: int
    en_route: int
    coming: int
    open: int
    silent: int
    reserve: int
    declined: int
    unreachable: int
    asked: int
    delivered: int
    short: bool
    probability: float | None
    by: dt.datetime
    report_by: dt.datetime
    full_since: dt.datetime | None

    @property
    def filled(self) -> int:
        return self.arrived + self.en_route + self.coming


@dataclass(frozen=True)
class PersonView:
    """One person of a call-out; `at` is the time the row is about (ETA, arrival, answer or asking)."""

    id: UUID
    name: str
    latin_name: str
    phone: str
    need_id: UUID
    skill: dict[str, str]
    remote: bool
    state: str
    reason: str
    was: str
    distance_m: float
    delivered: bool
    eta: dt.datetime | None
    late_min: int
    at: dt.datetime
    help_at: dt.datetime | None


@dataclass(frozen=True)
class Alarm(PersonView):
    """Somebody who asked for help, in whichever incident."""

    incident_id: UUID
    incident_code: str


@dataclass(frozen=True)
class GroupView:
    """People in the same position: how many, why (reason code, count), and the first rows."""

    key: str
    count: int
    reasons: list[tuple[str, int]]
    moving: int
    remote: int
    delivered: int
    next_at: dt.datetime | None
    people: list[PersonView]

    @property
    def more(self) -> int:
        return self.count - len(self.people)


@dataclass(frozen=True)
class Point:
    """Places filled at a moment; `low` and `high` only in the forecast."""

    at: dt.datetime
    filled: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Verdict:
    """Two figures: places open, and the chance that all fill by `by` if nobody else is asked."""

    required: int
    filled: int
    open: int
    chance: float | None
    by: dt.datetime
    bottleneck: NeedView | None
    others_short: int
    history: list[Point]
    forecast: list[Point]


@dataclass(frozen=True)
class Board:
    """An incident's people by need and position; `call_out_id` None when nobody was called yet.

    alarms: everybody of the society who asked for help, so that no console hides one.
    """

    incident: dict[str, Any]
    call_out_id: UUID | None
    state: str
    launched_at: dt.datetime | None
    closed_at: dt.datetime | None
    confidence: float | None
    report_by: dt.datetime | None
    verdict: Verdict
    needs: list[NeedView]
    groups: list[GroupView]
    alarms: list[Alarm]
    now: dt.datetime

    @property
    def asked(self) -> int:
        return sum(need.asked for need in self.needs)


def board(incident_id: UUID, *, now: dt.datetime, call_out_id: UUID | None = None) -> Board | None:
    """An incident with the people of all its call-outs, or of one, in as many reads however many were asked.

    None when there is no such incident.
    """
    stands = standing(incident_id, now, call_out_id)
    if stands is None:
        return None
    needs = [need_view(stands, one) for one in stands.needs]
    call_out = stands.call_out
    people = _people(stands.people, now)
    return Board(
        incident=incident_view(stands),
        call_out_id=call_out.id if call_out else None,
        state=call_out.state if call_out else "none",
        launched_at=call_out.launched_at if call_out else None,
        closed_at=call_out.closed_at if call_out else None,
        confidence=call_out.confidence if call_out else None,
        # On site when anybody is wanted there; `remote` sorts behind.
        report_by=min(((need.remote, need.report_by) for need in needs), default=(False, None))[1],
        verdict=_verdict(stands, needs, now),
        needs=needs,
        groups=_groups(stands, people),
        alarms=alarms(now=now),
        now=now,
    )


def alarms(*, now: dt.datetime) -> list[Alarm]:
    """Everybody of the society whose call for help nobody has seen to yet, the longest waiting first."""
    rows = (
        Assignment.objects.exclude(help_at=None)
        .select_related("volunteer", "need__skill", "need__incident")
        .order_by("help_at", "id")
    )
    return [
        Alarm(
            **vars(person_view(row, now)),
            incident_id=row.need.incident_id,
            incident_code=row.need.incident.code,
        )
        for row in rows
    ]


def incident_view(stands: CallOutStanding) -> dict[str, Any]:
    """What pages say of the incident itself."""
    row = stands.incident
    return {
        "id": row.id, "code": row.code, "kind": row.kind, "title": row.title, "place": row.place,
        "muster": row.muster, "state": row.state, "is_drill": row.is_drill, "opened_at": row.opened_at,
        "lon": row.location.x, "lat": row.location.y,
    }  # fmt: skip


def need_view(stands: CallOutStanding, one: NeedStanding) -> NeedView:
    """One need with its chance, computed only while it is called out and open."""
    need, states = one.need, one.states
    left = max(need.required - need.filled, 0)
    called = stands.call_out is not None and stands.call_out.state == "open"
    chance = course.need_chance(one.planner) if called and left else None
    target = min(stands.call_out.confidence, SHORT_UNDER) if stands.call_out else SHORT_UNDER
    return NeedView(
        id=need.id,
        skill_id=need.skill_id,
        skill=need.skill.code,
        name=need.skill.name,
        group=need.skill.group,
        remote=need.is_remote,
        required=need.required,
        limit=need.limit,
        arrived=states[moves.ARRIVED] + states[moves.HOME_SAFE],
        en_route=states[moves.EN_ROUTE],
        coming=states[moves.COMING],
        open=left,
        silent=states[moves.ASKED],
        reserve=states[moves.RESERVE],
        declined=states[moves.DECLINED],
        unreachable=states[moves.UNREACHABLE],
        asked=states.total(),
        delivered=one.delivered,
        short=chance is not None and chance < target,
        probability=chance,
        by=one.by,
        report_by=need.report_by,
        full_since=None if left else need.filled_at,
    )


def _verdict(stands: CallOutStanding, needs: list[NeedView], now: dt.datetime) -> Verdict:
    chances = [need.probability for need in needs if need.probability is not None]
    worst = min(
        (n for n in needs if n.probability is not None), key=lambda n: n.probability or 0, default=None
    )
    by = max((need.by for need in needs if need.open), default=now)
    filled = sum(min(one.need.filled, one.need.required) for one in stands.needs)
    ahead = (
        course.course([one.planner for one in stands.needs], (by - now).total_seconds() / 60)
        if chances
        else []
    )
    return Verdict(
        required=sum(need.required for need in needs),
        filled=filled,
        open=sum(need.open for need in needs),
        chance=math.prod(chances) if chances else None,
        by=by,
        bottleneck=worst,
        others_short=sum(need.short for need in needs) - 1 if worst and worst.short else 0,
        history=_history(stands, filled, now),
        forecast=[
            Point(now + dt.timedelta(minutes=step.minutes), step.likely, step.low, step.high)
            for step in ahead
        ],
    )


def _history(stands: CallOutStanding, filled: int, now: dt.datetime) -> list[Point]:
    """Places filled so far, by the answers of those who have a place now."""
    if stands.call_out is None:
        return []
    rows = stands.people.filter(state__in=moves.COUNTED, answered_at__isnull=False)
    times = sorted(at for at in rows.values_list("answered_at", flat=True) if at)[: filled or None]
    start = stands.call_out.launched_at
    before = sum(at < start for at in times)
    points = [Point(start, before)]
    points += [Point(at, i) for i, at in enumerate(times[before:], start=before + 1)]
    return [*points, Point(now, float(filled))]


def _people(people: QuerySet[Assignment], now: dt.datetime) -> list[PersonView]:
    """The first people of every state, those who asked for help always among them."""
    order: list[OrderBy | str] = [
        F("help_at").asc(nulls_last=True),
        F("eta_at").asc(nulls_last=True),
        "-changed_at",
        "id",
    ]
    rows = (
        people.annotate(place=Window(RowNumber(), partition_by="state", order_by=order))
        .filter(place__lte=ROWS_SHOWN)
        .select_related("volunteer", "need__skill")
    )
    return [person_view(row, now) for row in rows]


def person_view(row: Assignment, now: dt.datetime) -> PersonView:
    """A row with its volunteer and its need's skill joined."""
    eta = row.eta_at
    late = (eta - row.need.report_by).total_seconds() / 60 if eta else 0
    at = {moves.ARRIVED: row.arrived_at, moves.HOME_SAFE: row.left_at, moves.ASKED: row.asked_at}.get(
        row.state
    )
    return PersonView(
        id=row.id,
        name=f"{row.volunteer.given_name} {row.volunteer.family_name}".strip(),
        latin_name=row.volunteer.latin_name,
        phone=row.volunteer.phone,
        need_id=row.need_id,
        skill=row.need.skill.name,
        remote=row.need.is_remote,
        state=row.state,
        reason=str(row.reason.get("code", "")),
        was=str(row.reason.get("was", "")),
        distance_m=row.distance_m,
        delivered=row.delivered_at is not None,
        eta=eta,
        late_min=max(0, round(late)),
        at=at or row.changed_at,
        help_at=row.help_at,
    )


def _groups(stands: CallOutStanding, people: Iterable[PersonView]) -> list[GroupView]:
    by_state: dict[str, list[PersonView]] = {}
    for person in people:
        by_state.setdefault(person.state, []).append(person)
    return [_group(key, states, stands, by_state) for key, states in GROUPS]


def _group(
    key: str, states: tuple[str, ...], stands: CallOutStanding, by_state: dict[str, list[PersonView]]
) -> GroupView:
    rows = [person for state in states for person in by_state.get(state, [])]
    if key == "on_the_way":
        rows.sort(key=lambda p: (p.eta is None, p.eta or p.at, str(p.id)))
    elif key == "silent":
        rows.sort(key=lambda p: (p.distance_m, str(p.id)))
    else:
        rows.sort(key=lambda p: (p.at, str(p.id)), reverse=True)
    reasons: Counter[str] = Counter()
    for one in stands.needs:
        for state in states:
            reasons.update(one.reasons.get(state, Counter()))
    return GroupView(
        key=key,
        count=sum(one.states[state] for one in stands.needs for state in states),
        reasons=[(code, n) for code, n in reasons.most_common() if code],
        moving=sum(one.states[moves.EN_ROUTE] for one in stands.needs) if key == "on_the_way" else 0,
        remote=sum(one.states[s] for one in stands.needs for s in states if one.need.is_remote),
        delivered=sum(one.delivered for one in stands.needs) if key == "silent" else 0,
        next_at=next((p.eta for p in rows if p.eta and not p.late_min), None)
        if key == "on_the_way"
        else None,
        people=rows,
    )
