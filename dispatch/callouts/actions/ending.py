"""Standing people down with thanks, and closing a call-out."""

import datetime as dt
from uuid import UUID

from django.db import transaction
from django.db.models import F

from dispatch.callouts.actions.moving import draft
from dispatch.callouts.models import Assignment, CallOut
from dispatch.callouts.rules import moves
from dispatch.incidents.actions import close_incident
from dispatch.incidents.models import Incident, Need
from dispatch.journal.actions import entries_last, record
from dispatch.people.actions import release
from notifications import outbox

# Why somebody is stood down, and the text that says it.
WORDS = {"full": "stand_down", "not_needed": "not_needed"}


class StillOpen(RuntimeError):
    """The incident's call-out is open; close it first, so that everybody waiting hears it."""


def stand_down_silent(need_id: UUID, *, now: dt.datetime) -> int:
    """The need is full: everybody who has not answered hears it at once. The caller holds the need's lock."""
    return _stand_down([need_id], frozenset({moves.ASKED}), reason="full", by=None, now=now)


def stand_down(
    *,
    call_out_id: UUID,
    need_id: UUID | None,
    include_coming: bool = False,
    by: UUID | None,
    now: dt.datetime,
) -> int:
    """Stand down the silent and the reserve of one need, or of all; with `include_coming` also those on their way.

    Returns how many people were stood down; each who had been sent the call is thanked. For a need with open places
    it is also the word that nobody more shall be asked, until a person asks again.
    """
    states = {moves.ASKED, moves.RESERVE} | ({moves.COMING, moves.EN_ROUTE} if include_coming else set())
    with transaction.atomic(), entries_last():
        call_out = CallOut.objects.get(id=call_out_id)
        needs = (
            Need.objects.select_for_update(no_key=True)
            .filter(incident_id=call_out.incident_id)
            .order_by("id")
        )
        ids = [need.id for need in needs if need_id in (None, need.id)]
        gone = _stand_down(ids, frozenset(states), reason="not_needed", by=by, now=now)
        Need.objects.filter(id__in=ids, filled__lt=F("limit")).update(stopped_at=now)
    return gone


def _stand_down(
    need_ids: list[UUID], states: frozenset[str], *, reason: str, by: UUID | None, now: dt.datetime
) -> int:
    people = (
        Assignment.objects.filter(need_id__in=need_ids, state__in=states)
        .select_related("volunteer", "need__incident", "need__skill")
        .order_by("id")
    )
    waiting = list(people)
    # Texts still queued are taken back first: who never got the call need not hear that it is over.
    if not waiting:
        return 0
    keys = [f"callout:{a.id}" for a in waiting]
    never_asked = outbox.cancel(society_id=waiting[0].society_id, dedupe_keys=keys, now=now)
    gone = [a for a in waiting if _leave(a, reason, now)]
    told = [a for a in gone if f"callout:{a.id}" not in never_asked]
    if gone:
        drafts = [
            draft(a, WORDS[reason], "stand_down", key=f"stand_down:{a.id}:{now.isoformat()}", now=now)
            for a in told
        ]
        outbox.enqueue(society_id=gone[0].society_id, drafts=drafts, now=now)
        record(
            society_id=gone[0].society_id,
            kind="assignment.stood_down",
            subject=need_ids[0] if len(need_ids) == 1 else gone[0].call_out_id,
            by=by,
            now=now,
            new={"ids": [a.id for a in gone], "told": len(told), "reason": reason},
        )
    return len(gone)


def _leave(assignment: Assignment, reason: str, now: dt.datetime) -> bool:
    """Stand one person down unless they answered meanwhile; one journal entry covers them all."""
    if assignment.state in moves.TAKEN:
        release(person_key=assignment.volunteer.person_key, assignment_id=assignment.id)
    moved = Assignment.objects.filter(id=assignment.id, state=assignment.state).update(
        state=moves.STOOD_DOWN, reason={"code": reason, "was": assignment.state}, changed_at=now
    )
    return moved == 1


def close(*, call_out_id: UUID, by: UUID | None, now: dt.datetime) -> int:
    """End a call-out: nobody more is asked, the silent and the reserve are stood down; how many those were.

    People coming or on site stay so and can still report arrived, safe or help. Closing twice changes nothing.
    """
    with transaction.atomic(), entries_last():
        incident_id = CallOut.objects.values_list("incident_id", flat=True).get(id=call_out_id)
        Incident.objects.select_for_update(no_key=True).get(id=incident_id)
        if not CallOut.objects.filter(id=call_out_id, state="open").exists():
            return 0
        stood_down = stand_down(call_out_id=call_out_id, need_id=None, by=by, now=now)
        CallOut.objects.filter(id=call_out_id).update(state="closed", closed_at=now, next_look_at=None)
        society_id = CallOut.objects.values_list("society_id", flat=True).get(id=call_out_id)
        record(
            society_id=society_id,
            kind="callout.closed",
            subject=call_out_id,
            by=by,
            now=now,
            old={"state": "open"},
            new={"state": "closed", "stood_down": stood_down},
        )
    return stood_down


def end(*, incident_id: UUID, by: UUID | None, now: dt.datetime) -> bool:
    """Close an incident and give its people back, also those who never said that they are home; False if it was closed.

    Raises StillOpen while its call-out is open.
    """
    with transaction.atomic(), entries_last():
        Incident.objects.select_for_update(no_key=True).get(id=incident_id)
        if CallOut.objects.filter(incident_id=incident_id, state="open").exists():
            raise StillOpen("Close the call-out first, then the incident.")
        taken = Assignment.objects.filter(need__incident_id=incident_id, state__in=moves.TAKEN)
        for assignment in taken.select_related("volunteer").order_by("id"):
            release(person_key=assignment.volunteer.person_key, assignment_id=assignment.id)
        return close_incident(incident_id=incident_id, by=by, now=now)


def seen_to(*, assignment_id: UUID, by: UUID, now: dt.datetime) -> bool:
    """A person has seen to somebody's call for help; False when there was none open."""
    with transaction.atomic():
        row = Assignment.objects.filter(id=assignment_id).exclude(help_at=None)
        society_id = row.values_list("society_id", flat=True).first()
        if society_id is None or row.update(help_at=None) != 1:
            return False
        record(society_id=society_id, kind="assignment.help_seen_to", subject=assignment_id, by=by, now=now)
    return True
