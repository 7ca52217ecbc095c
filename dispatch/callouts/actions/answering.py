"""What happens when somebody answers, by text, link or a dispatcher's hand; and when a text could not be delivered."""

import datetime as dt
from uuid import UUID

from django.db import transaction

from dispatch.callouts.actions.ending import stand_down_silent
from dispatch.callouts.actions.moving import move, tell
from dispatch.callouts.models import Assignment
from dispatch.callouts.rules import moves, replies
from dispatch.incidents.models import Need
from dispatch.journal.actions import entries_last, record
from dispatch.people.actions import opt_out, reserve
from dispatch.people.queries import by_phone

CLARIFY_AT_MOST = 2
UNDELIVERED = frozenset({"failed", "expired"})
OPTED_OUT = "21610"  # the carrier's word that this number has unsubscribed


def answer_text(*, from_number: str, text: str, source: UUID, now: dt.datetime) -> bool:
    """Apply a text to the person's newest call; False when nobody with this number was called.

    Only one open call-out asks a person at a time (planner), so "the newest" is the only one that can be meant.
    """
    volunteer_id = by_phone(from_number)
    row = (
        Assignment.objects.filter(volunteer_id=volunteer_id)
        .order_by("-asked_at")
        .values_list("id", flat=True)
        .first()
        if volunteer_id
        else None
    )
    if volunteer_id and replies.wants_out(text):
        _leave_for_good(volunteer_id, row, now)
        return True
    if row is None:
        return False
    answer(assignment_id=row, reply=replies.read(text), source=str(source), by=None, now=now)
    return True


def _leave_for_good(volunteer_id: UUID, assignment_id: UUID | None, now: dt.datetime) -> None:
    """The person wants no more texts: never asked again, and an open call counts as declined. Nothing is answered."""
    with transaction.atomic(), entries_last():
        if assignment_id is not None:
            need_id = Assignment.objects.values_list("need_id", flat=True).get(id=assignment_id)
            need = Need.objects.select_for_update(no_key=True).get(id=need_id)
            assignment = (
                Assignment.objects.select_for_update(of=("self",), no_key=True)
                .select_related("volunteer")
                .get(id=assignment_id)
            )
            _decline(assignment, need, None, now)
        opt_out(volunteer_id=volunteer_id, by=None, now=now)


def answer(
    *, assignment_id: UUID, reply: replies.Reply, source: str, by: UUID | None, now: dt.datetime
) -> str:
    """Apply one reply and tell the person what follows; returns the state the assignment has then.

    `source` names the reply (inbound id, link press) and makes its confirmation go out once. Capacity is decided
    under the lock on the need, so that people coming never exceed its limit.
    """
    with transaction.atomic(), entries_last():
        need_id = Assignment.objects.values_list("need_id", flat=True).get(id=assignment_id)
        need = Need.objects.select_for_update(no_key=True).get(id=need_id)
        assignment = (
            Assignment.objects.select_for_update(of=("self",), no_key=True)
            .select_related("volunteer", "need__incident", "need__skill", "call_out")
            .get(id=assignment_id)
        )
        assignment.need.filled, assignment.need.limit = need.filled, need.limit
        purpose = _apply(assignment, need, reply, by, now)
        if purpose:
            text = "clarify" if purpose == "clarify" else "confirmation"
            tell(assignment, purpose, key=f"{purpose}:{assignment.id}:{source}", now=now, text=text)
    return assignment.state


def _apply(
    assignment: Assignment, need: Need, reply: replies.Reply, by: UUID | None, now: dt.datetime
) -> str | None:
    """Do what the reply says; returns the text to send back (a key of texts.TEXTS), or None."""
    if reply.kind == replies.UNCLEAR:
        return _unclear(assignment, by, now)
    if reply.kind == replies.HELP:
        Assignment.objects.filter(id=assignment.id).update(help_at=now)
        _note(assignment, "assignment.help", by, now)
        return "help"
    if reply.kind == replies.ARRIVED:
        return _step(assignment, moves.ARRIVED, "arrived", by, now, arrived_at=now)
    if reply.kind == replies.SAFE:
        return _step(assignment, moves.HOME_SAFE, "home_safe", by, now, left_at=now)
    # Whoever is on the way when a call-out ends can still say when, or that they will not come.
    if assignment.call_out.state != "open" and assignment.state not in moves.COUNTED:
        return "closed"
    if reply.kind == replies.DECLINED:
        return _decline(assignment, need, by, now)
    if reply.kind == replies.RESERVE:
        return _to_reserve(assignment, {"code": "wished"}, by, now)
    return _come(assignment, need, reply, by, now)


def _unclear(assignment: Assignment, by: UUID | None, now: dt.datetime) -> str | None:
    asked_back = int(assignment.reason.get("asked_back", 0))
    if asked_back >= CLARIFY_AT_MOST or assignment.state in {moves.STOOD_DOWN, moves.HOME_SAFE}:
        _note(assignment, "assignment.unclear", by, now)
        return None
    Assignment.objects.filter(id=assignment.id).update(
        reason={**assignment.reason, "asked_back": asked_back + 1}
    )
    _note(assignment, "assignment.unclear", by, now)
    return "clarify"


def _note(assignment: Assignment, kind: str, by: UUID | None, now: dt.datetime) -> None:
    record(
        society_id=assignment.society_id,
        kind=kind,
        subject=assignment.id,
        by=by,
        now=now,
        new={"need_id": assignment.need_id, "call_out_id": assignment.call_out_id, "state": assignment.state},
    )


def _step(
    assignment: Assignment, new: str, purpose: str, by: UUID | None, now: dt.datetime, **fields: object
) -> str | None:
    """Arrived or home safe: a repeated or impossible step changes nothing and is still answered kindly."""
    if moves.allowed(assignment.state, new):
        move(assignment, new, now=now, by=by, reason={"code": "said"}, **fields)
        return purpose
    if assignment.state == new:
        return None
    return _unclear(assignment, by, now)


def _decline(assignment: Assignment, need: Need, by: UUID | None, now: dt.datetime) -> str | None:
    if not moves.allowed(assignment.state, moves.DECLINED):
        return "declined" if assignment.state == moves.STOOD_DOWN else None
    frees_place = assignment.state in moves.COUNTED
    move(assignment, moves.DECLINED, now=now, by=by, reason={"code": "said"}, answered_at=now, eta_at=None)
    if frees_place:
        _promote(need, by, now)
    return "declined"


def _promote(need: Need, by: UUID | None, now: dt.datetime) -> None:
    """Give a place that became free to whoever has waited in reserve longest; else open the need again."""
    if not call_in(need, 1, by=by, now=now):
        Need.objects.filter(id=need.id).update(filled_at=None)


def call_in(need: Need, places: int, *, by: UUID | None, now: dt.datetime) -> int:
    """Call people in from reserve for open places, those first who said yes; how many. The need is locked.

    Somebody who asked to be kept in reserve is called in last and told how to say that they cannot.
    """
    waiting = (
        Assignment.objects.select_for_update(of=("self",), no_key=True)
        .filter(need_id=need.id, state=moves.RESERVE, call_out__state="open")
        .select_related("volunteer", "need__incident", "need__skill", "call_out")
    )
    called = 0
    for assignment in sorted(waiting, key=lambda a: (a.reason.get("code") == "wished", a.answered_at, a.id)):
        if called == places:
            break
        if reserve(person_key=assignment.volunteer.person_key, assignment_id=assignment.id, now=now):
            move(assignment, moves.COMING, now=now, by=by, reason={"code": "promoted"})
            tell(assignment, "called_in", key=f"called_in:{assignment.id}:{now.isoformat()}", now=now)
            called += 1
    filled = Need.objects.values_list("filled", flat=True).get(id=need.id)
    if called and filled >= need.limit:
        Need.objects.filter(id=need.id).update(filled_at=now)
        stand_down_silent(need.id, now=now)
    return called


def _to_reserve(
    assignment: Assignment, reason: dict[str, str], by: UUID | None, now: dt.datetime
) -> str | None:
    if assignment.state == moves.RESERVE:
        return None
    if not moves.allowed(assignment.state, moves.RESERVE):
        return _unclear(assignment, by, now)
    move(assignment, moves.RESERVE, now=now, by=by, reason=reason, answered_at=now)
    return "reserve"


def _come(
    assignment: Assignment, need: Need, reply: replies.Reply, by: UUID | None, now: dt.datetime
) -> str | None:
    """A yes: a place while there is one, reserve beyond, and the person's one reservation among all societies."""
    eta = now + dt.timedelta(minutes=reply.minutes) if reply.minutes else None
    if assignment.state in moves.COUNTED:
        if eta and assignment.state in {moves.COMING, moves.EN_ROUTE}:
            Assignment.objects.filter(id=assignment.id).update(eta_at=eta)
            _note(assignment, "assignment.eta", by, now)
        return None
    if assignment.state == moves.NO_SHOW:
        return None
    if need.filled >= need.limit:
        return _to_reserve(assignment, {"code": "full"}, by, now)
    if need.stopped_at or need.report_by <= now:
        # Nobody is expected any more, by a person's word or the clock's; the offer is kept all the same.
        return _to_reserve(assignment, {"code": "late_yes"}, by, now)
    if not reserve(person_key=assignment.volunteer.person_key, assignment_id=assignment.id, now=now):
        if moves.allowed(assignment.state, moves.DECLINED):
            move(assignment, moves.DECLINED, now=now, by=by, reason={"code": "elsewhere"}, answered_at=now)
        return "elsewhere"
    if assignment.state == moves.STOOD_DOWN:
        move(assignment, moves.RESERVE, now=now, by=by, reason={"code": "late_yes"}, answered_at=now)
    move(assignment, moves.COMING, now=now, by=by, reason={"code": "said"}, answered_at=now, eta_at=eta)
    if need.filled + 1 >= need.limit:
        Need.objects.filter(id=need.id).update(filled_at=now)
        stand_down_silent(need.id, now=now)
    return "coming"


def mark_no_show(*, assignment_id: UUID, by: UUID, now: dt.datetime) -> bool:
    """Somebody said they were coming and did not: the place goes to the reserve or opens again; False if not so."""
    with transaction.atomic(), entries_last():
        need_id = Assignment.objects.values_list("need_id", flat=True).get(id=assignment_id)
        need = Need.objects.select_for_update(no_key=True).get(id=need_id)
        assignment = (
            Assignment.objects.select_for_update(of=("self",), no_key=True)
            .select_related("volunteer")
            .get(id=assignment_id)
        )
        if not moves.allowed(assignment.state, moves.NO_SHOW):
            return False
        move(assignment, moves.NO_SHOW, now=now, by=by, reason={"code": "not_there"})
        _promote(need, by, now)
    return True


def note_delivery(
    *, assignment_id: UUID, state: str, reason: dict[str, object], at: dt.datetime, now: dt.datetime
) -> None:
    """A call text was delivered, or will not be: delivery starts the reply clock, failure makes the person unreachable."""
    with transaction.atomic(), entries_last():
        if state == "delivered":
            Assignment.objects.filter(id=assignment_id, delivered_at=None).update(delivered_at=at)
            return
        if state not in UNDELIVERED:
            return
        assignment = (
            Assignment.objects.select_for_update(of=("self",), no_key=True)
            .select_related("volunteer")
            .filter(id=assignment_id, state=moves.ASKED)
            .first()
        )
        if assignment is not None:
            move(assignment, moves.UNREACHABLE, now=now, by=None, reason=reason)
            if reason.get("code") == OPTED_OUT:
                opt_out(volunteer_id=assignment.volunteer_id, by=None, now=now)
