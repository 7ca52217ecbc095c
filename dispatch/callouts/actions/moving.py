"""The only writer of an assignment's state, and the texts that go with a move."""

import datetime as dt
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings

from dispatch.callouts import texts
from dispatch.callouts.models import Assignment
from dispatch.callouts.rules import links, moves
from dispatch.incidents.models import Incident, Need
from dispatch.journal.actions import record
from dispatch.orgs.queries import society
from dispatch.people.actions import release
from notifications.outbox import Draft, enqueue

PRIORITY = {"callout": 10, "stand_down": 20, "confirmation": 15, "clarify": 25}
# A confirmation that comes hours late misleads more than it helps (domain time).
CONFIRMATION_LIFE = dt.timedelta(hours=2)


class Overtaken(RuntimeError):
    """Another worker moved the assignment first; look again and decide anew."""


def move(
    assignment: Assignment,
    new: str,
    *,
    now: dt.datetime,
    by: UUID | None,
    reason: dict[str, Any],
    **fields: Any,
) -> None:
    """Move an assignment, whose need the caller has locked, and journal it; updates the object too.

    Raises Overtaken when its state is no longer the one the caller read. A place that a move would take above the
    limit is refused by the database (CHECK need_never_over).
    """
    old = assignment.state
    if not moves.allowed(old, new):
        raise ValueError(f"An assignment that is {old} cannot become {new}.")
    values = {"state": new, "reason": reason, "changed_at": now, **fields}
    if Assignment.objects.filter(id=assignment.id, state=old).update(**values) != 1:
        raise Overtaken(f"Assignment {assignment.id} is no longer {old}.")
    for name, value in values.items():
        setattr(assignment, name, value)
    if old in moves.TAKEN and new not in moves.TAKEN:
        release(person_key=assignment.volunteer.person_key, assignment_id=assignment.id)
    record(
        society_id=assignment.society_id,
        kind="assignment.moved",
        subject=assignment.id,
        by=by,
        now=now,
        old={"state": old},
        new={
            "state": new,
            "reason": reason,
            "need_id": assignment.need_id,
            "call_out_id": assignment.call_out_id,
            "volunteer_id": assignment.volunteer_id,
        },
    )


def link_url(assignment_id: UUID) -> str:
    """The address of a person's own page for this call."""
    return f"{settings.NAFEER_PUBLIC_URL}/a/{links.token(assignment_id, settings.NAFEER_LINK_KEY)}"


def draft(assignment: Assignment, purpose: str, text: str, *, key: str, now: dt.datetime) -> Draft:
    """A text to the assigned person: `purpose` a key of texts.TEXTS, `text` its class for the outbox."""
    volunteer, need = assignment.volunteer, assignment.need
    return Draft(
        purpose=text,
        subject=assignment.id,
        to=volunteer.phone,
        text=wording(purpose, assignment, need, need.incident),
        dedupe_key=key,
        priority=PRIORITY[text],
        valid_until=now + CONFIRMATION_LIFE,
        language=volunteer.language,
    )


def tell(
    assignment: Assignment, purpose: str, *, key: str, now: dt.datetime, text: str = "confirmation"
) -> None:
    """Put one text to the assigned person in the outbox, once per `key`."""
    made = draft(assignment, purpose, text, key=key, now=now)
    enqueue(society_id=assignment.society_id, drafts=[made], now=now)


def wording(purpose: str, assignment: Assignment, need: Need, incident: Incident) -> str:
    """The words of a text in the person's language."""
    volunteer, ours = assignment.volunteer, society()
    language = volunteer.language if volunteer.language in texts.TEXTS else "ar"
    if need.is_remote and f"{purpose}_remote" in texts.TEXTS[language]:
        purpose = f"{purpose}_remote"
    place = incident.place.get(language) or incident.place.get("en", "")
    return texts.word(
        purpose,
        language,
        is_drill=incident.is_drill,
        sender=ours["sender_name"].get(language) or ours["sender_name"]["en"],
        kind=texts.KINDS[language][incident.kind],
        place=place,
        code=incident.code,
        skill=texts.skill_word(need.skill.code, need.skill.name, language),
        name=volunteer.given_name,
        report_by=f"{need.report_by.astimezone(ZoneInfo(ours['timezone'])):%H:%M}",
        muster=incident.muster.get(language) or place,
        link=link_url(assignment.id),
    )
