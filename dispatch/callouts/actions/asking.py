"""Launching a call-out and asking more people as the planner sees fit."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Q

from dispatch.callouts.actions.answering import call_in, note_delivery
from dispatch.callouts.actions.moving import PRIORITY, wording
from dispatch.callouts.models import Assignment, CallOut, Wave
from dispatch.callouts.rules import links, moves, planner
from dispatch.incidents.models import Incident, Need
from dispatch.journal.actions import entries_last, record
from dispatch.orgs.queries import society
from dispatch.people.models import Volunteer
from dispatch.people.queries import nearest
from dispatch.people.rules import week_hour
from notifications import clock
from notifications.ids import uuid7
from notifications.outbox import Draft, enqueue
from notifications.queries import answer_by, failures

CLAIM_S = 10  # real time: a look that its ticker did not finish is due again
LOOK_EVERY = dt.timedelta(minutes=2)  # domain time
LOOK_AT_LEAST = dt.timedelta(seconds=1)  # real time: a fast clock must not turn the ticker into a busy loop
FILL_WITHIN = dt.timedelta(minutes=60)
NIGHT = range(22, 24), range(7)


class AlreadyCalledOut(RuntimeError):
    """The incident has an open call-out; ask more people there, or close it first."""


def launch(*, incident_id: UUID, confidence: float, by: UUID | None, now: dt.datetime) -> UUID:
    """Open the call-out of an incident and ask the first people of every need, in one transaction.

    `confidence` is the probability to fill that the planner asks for. Call-out, waves, assignments, texts and one
    journal entry commit together or not at all. Raises AlreadyCalledOut, Incident.DoesNotExist.
    """
    with transaction.atomic():
        incident = Incident.objects.select_for_update(no_key=True).get(id=incident_id, state="open")
        if CallOut.objects.filter(incident=incident, state="open").exists():
            raise AlreadyCalledOut(f"Incident {incident.code} already has an open call-out.")
        call_out = CallOut.objects.create(
            society_id=incident.society_id,
            incident=incident,
            confidence=confidence,
            launched_at=now,
            launched_by_id=by,
            next_look_at=_next_look(),
            # Where people shoot, a person decides about every further call (POLICY 10).
            asks_by_itself=incident.kind != "conflict",
        )
        # A new call is a new decision: what a stand-down stopped in the last one starts again.
        Need.objects.filter(incident=incident).update(stopped_at=None)
        asked = _look_at_needs(call_out, _locked_needs(incident), now)
        record(
            society_id=call_out.society_id,
            kind="callout.launched",
            subject=call_out.id,
            by=by,
            now=now,
            new={"incident_id": incident.id, "asked": asked},
        )
    return call_out.id


def look(*, call_out_id: UUID, now: dt.datetime) -> int:
    """Let the planner look at an open call-out again and ask more where it says so; how many were asked.

    People whose call will not arrive are noted first, in case the news of it was lost on the way.
    """
    with transaction.atomic(), entries_last():
        call_out = CallOut.objects.select_related("incident").get(id=call_out_id)
        Incident.objects.select_for_update(no_key=True).get(id=call_out.incident_id)
        call_out.refresh_from_db(fields=["state", "asks_by_itself"])
        if call_out.state != "open" or not call_out.asks_by_itself:
            return 0
        needs = _locked_needs(call_out.incident)
        _note_failures(call_out, now)
        asked = _look_at_needs(call_out, needs, now)
        CallOut.objects.filter(id=call_out_id).update(next_look_at=_next_look())
        if total := sum(asked.values()):
            record(
                society_id=call_out.society_id,
                kind="callout.asked_more",
                subject=call_out_id,
                by=None,
                now=now,
                new={"asked": asked},
            )
    return total


class NobodyLeft(RuntimeError):
    """Nobody else can be asked for the need now: all in reach are asked, resting, reserved or lapsed."""


class NotOpen(RuntimeError):
    """The call-out has ended, or the need is full: nobody more is asked."""


def ask_more(*, call_out_id: UUID, need_id: UUID, count: int, by: UUID, now: dt.datetime) -> int:
    """Ask `count` more people for one need because a dispatcher says so, nearest first; how many there were.

    Raises NotOpen and NobodyLeft, with nothing sent.
    """
    with transaction.atomic():
        call_out = CallOut.objects.select_related("incident").get(id=call_out_id)
        Incident.objects.select_for_update(no_key=True).get(id=call_out.incident_id)
        call_out.refresh_from_db(fields=["state"])
        need = (
            Need.objects.select_for_update(of=("self",), no_key=True)
            .select_related("skill")
            .get(id=need_id, incident_id=call_out.incident_id)
        )
        if call_out.state != "open" or need.filled >= need.limit:
            raise NotOpen("Nobody was asked: the call-out has ended or the places are filled.")
        decision = planner.Decision(count, 0.0, 0.0, 0.0, {"code": "by_hand", "ask": count})
        asked = _ask(call_out, call_out.incident, need, decision, now)
        Need.objects.filter(id=need.id).update(stopped_at=None)
        if not asked:
            raise NobodyLeft("Nobody else with this skill can be asked within the radius now.")
        record(
            society_id=call_out.society_id,
            kind="callout.asked_more",
            subject=call_out_id,
            by=by,
            now=now,
            new={"asked": {str(need.id): asked}},
        )
    return asked


def _note_failures(call_out: CallOut, now: dt.datetime) -> None:
    silent = Assignment.objects.filter(call_out=call_out, state=moves.ASKED).values_list("id", flat=True)
    for assignment_id, reason in failures(silent, "callout").items():
        note_delivery(assignment_id=assignment_id, state="failed", reason={"code": reason}, at=now, now=now)


def take_due(*, at: dt.datetime, most: int = 20) -> list[tuple[UUID, UUID]]:
    """Claim call-outs of any society whose look is due (real time): (society_id, call_out_id).

    A claimed call-out is due again after 10 s, so one whose ticker died is not forgotten.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT society_id, call_out_id FROM door.due_call_outs(%s, make_interval(secs => %s), %s)",
            [at, CLAIM_S, most],
        )
        return list(cursor.fetchall())


def _next_look() -> dt.datetime:
    return clock.real_now() + max(clock.to_real(LOOK_EVERY), LOOK_AT_LEAST)


def _locked_needs(incident: Incident) -> list[Need]:
    """The needs of an incident, locked in the order of their ids until the transaction ends."""
    needs = Need.objects.select_for_update(of=("self",), no_key=True).filter(incident=incident)
    return list(needs.select_related("skill").order_by("id"))


def _look_at_needs(call_out: CallOut, needs: list[Need], now: dt.datetime) -> dict[str, int]:
    """Decide and ask for each open need in turn; people asked by need id."""
    asked = {}
    for need in needs:
        if need.filled >= need.limit or need.stopped_at or need.report_by <= now:
            continue
        decision = planner.decide(
            _standing(call_out, need, now),
            confidence=call_out.confidence,
            available=planner.ASKED_PER_PLACE * need.limit,
        )
        if decision.ask:
            asked[str(need.id)] = _ask(call_out, call_out.incident, need, decision, now)
        if asked.get(str(need.id), 0) < decision.ask or decision.reason["code"] in planner.OUT_OF_PEOPLE:
            # Nobody else to ask: whoever waits in reserve is needed now.
            call_in(need, need.limit - need.filled, by=None, now=now)
    return asked


def _standing(call_out: CallOut, need: Need, now: dt.datetime) -> planner.Standing:
    rows = Assignment.objects.filter(call_out=call_out, need=need)
    counts = rows.aggregate(
        asked=Count("id", filter=~Q(state=moves.UNREACHABLE)),
        yes=Count("id", filter=Q(state__in=[*moves.COUNTED, moves.RESERVE])),
        no=Count("id", filter=Q(state=moves.DECLINED)),
        total=Count("id"),
    )
    silent = rows.filter(state=moves.ASKED).values_list("delivered_at", "asked_at")
    hour = week_hour(now, society()["timezone"]) % 24
    fill_by = min(call_out.launched_at + FILL_WITHIN, need.report_by)
    return planner.Standing(
        required=need.limit,
        filled=need.filled,
        ages=tuple(planner.waited(delivered, asked, now) for delivered, asked in silent),
        yes=counts["yes"],
        no=counts["no"],
        asked=counts["total"],
        horizon=(fill_by - now).total_seconds() / 60,
        night=any(hour in span for span in NIGHT),
    )


def _ask(
    call_out: CallOut, incident: Incident, need: Need, decision: planner.Decision, now: dt.datetime
) -> int:
    """Ask the nearest people who may be asked, as one wave; returns how many there were."""
    _one_at_a_time(call_out.society_id)
    busy = Assignment.objects.filter(
        Q(call_out=call_out) | Q(call_out__state="open", state__in=[moves.ASKED, moves.RESERVE])
    ).values_list("volunteer_id", flat=True)
    found = nearest(
        society_id=call_out.society_id,
        skill_id=need.skill_id,
        lon=incident.location.x,
        lat=incident.location.y,
        radius_m=None if need.is_remote else need.radius_m,
        limit=decision.ask,
        now=now,
        timezone=society()["timezone"],
        skip=busy,
        hazard=incident.hazard,
    )
    if not found.people:
        return 0
    wave = Wave.objects.create(
        society_id=call_out.society_id,
        call_out=call_out,
        need=need,
        number=Wave.objects.filter(call_out=call_out, need=need).count() + 1,
        at=now,
        asked=len(found.people),
        reason={**decision.reason, "excluded": found.excluded},
    )
    assignments = [
        _assignment(call_out, wave, need, near.volunteer_id, near.metres, now) for near in found.people
    ]
    Assignment.objects.bulk_create(assignments, batch_size=2000)
    _send(assignments, need, incident, now)
    return len(assignments)


def _one_at_a_time(society_id: UUID) -> None:
    """Two call-outs that look for people at once must not both find the same: a society asks in turn.

    Taken after the needs and before any message, until the transaction ends.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext('callouts.ask'), hashtext(%s))", [str(society_id)]
        )


def _assignment(
    call_out: CallOut, wave: Wave, need: Need, volunteer_id: UUID, metres: float, now: dt.datetime
) -> Assignment:
    key = uuid7()
    secret = settings.NAFEER_LINK_KEY
    return Assignment(
        id=key,
        society_id=call_out.society_id,
        call_out=call_out,
        wave=wave,
        need=need,
        volunteer_id=volunteer_id,
        distance_m=metres,
        link_hash=links.token_hash(links.token(key, secret), secret),
        asked_at=now,
        changed_at=now,
    )


def _send(assignments: list[Assignment], need: Need, incident: Incident, now: dt.datetime) -> None:
    """One text per person, worded once per language; where no reply is carried it holds the person's own link."""
    people: dict[UUID, Any] = Volunteer.objects.in_bulk([a.volunteer_id for a in assignments])
    ways = answer_by(volunteer.phone for volunteer in people.values())
    worded: dict[str, str] = {}
    drafts = []
    for assignment in assignments:
        assignment.volunteer = volunteer = people[assignment.volunteer_id]
        if ways.get(volunteer.phone) == "link":
            text = wording("ask_link", assignment, need, incident)
        else:
            text = worded.get(volunteer.language) or wording("ask", assignment, need, incident)
            worded[volunteer.language] = text
        drafts.append(
            Draft(
                purpose="callout",
                subject=assignment.id,
                to=volunteer.phone,
                text=text,
                dedupe_key=f"callout:{assignment.id}",
                priority=PRIORITY["callout"],
                valid_until=need.report_by,
                language=volunteer.language,
            )
        )
    enqueue(society_id=need.society_id, drafts=drafts, now=now)
