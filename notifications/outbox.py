"""Where texts are handed in: in the transaction of whatever they tell about, and never twice."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from notifications import clock, ledger, phone, rules
from notifications.ids import uuid7
from notifications.models import Message, Route, Unwanted


@dataclass(frozen=True, slots=True)
class Draft:
    """A text to one number (E.164), before it is a message.

    dedupe_key: the same key in a society is the same message, however often it is handed in.
    priority: lower leaves first. valid_until: domain time after which it is better not sent.
    """

    purpose: str
    subject: UUID
    to: str
    text: str
    dedupe_key: str
    priority: int
    valid_until: dt.datetime
    language: str


def enqueue(*, society_id: UUID, drafts: Sequence[Draft], now: dt.datetime) -> list[UUID]:
    """Store drafts as queued messages, within the caller's transaction and society; ids in their order.

    A draft whose dedupe key exists gives the existing message's id. A number without any route gives a
    message that has failed with reason "no_route", so that nobody is skipped in silence. Raises ValueError
    for a number that is not E.164.
    """
    if not drafts:
        return []
    ways = routes()
    due = clock.real_now()
    rows = [_message(society_id, draft, choose(ways, draft.to), now, due) for draft in drafts]
    Message.objects.bulk_create(rows, ignore_conflicts=True, batch_size=2000)
    keys = [draft.dedupe_key for draft in drafts]
    stored = dict(Message.objects.filter(dedupe_key__in=keys).values_list("dedupe_key", "id"))
    return [stored[key] for key in keys]


def cancel(*, society_id: UUID, dedupe_keys: Iterable[str], now: dt.datetime) -> set[str]:
    """Take back messages nobody has claimed yet; the keys of those that certainly never leave.

    A row somebody holds is passed over: callers hold a need and people, and whoever holds the row may be about
    to ask for those people. Such a row, and one in flight, is noted as unwanted instead, which waits for no
    row: what is with the provider arrives, but what comes back unsent is cancelled and never claimed again.
    """
    keys = list(dedupe_keys)
    queued = Message.objects.select_for_update(skip_locked=True).filter(
        society_id=society_id, dedupe_key__in=keys, state=rules.State.QUEUED
    )
    taken = {m.dedupe_key for m in queued.order_by("id") if ledger.apply(m, rules.Event.CANCEL, now=now)}
    # "Sent" is among them: an id adopted from a listing may turn out to be another message's.
    others = Message.objects.filter(society_id=society_id, dedupe_key__in=keys, state__in=rules.OPEN)
    Unwanted.objects.bulk_create(
        [
            Unwanted(society_id=society_id, message_id=pk)
            for pk in others.order_by("id").values_list("id", flat=True)
        ],
        ignore_conflicts=True,
        batch_size=2000,
    )
    return taken


def routes() -> list[Route]:
    """The current society's routes for texts, in the order they are considered."""
    return list(Route.objects.filter(active=True, channel="sms").order_by("position", "id"))


def choose(ways: Sequence[Route], number: str) -> Route | None:
    """The first route of the number's country, else the first for all countries. number: E.164."""
    country = phone.country(number)
    return next((way for way in ways if way.country == country), None) or next(
        (way for way in ways if not way.country), None
    )


def _message(
    society_id: UUID, draft: Draft, route: Route | None, now: dt.datetime, due: dt.datetime
) -> Message:
    if not phone.is_e164(draft.to):
        raise ValueError(f"The number of {draft.dedupe_key} is not E.164: normalise it first.")
    return Message(
        id=uuid7(),
        society_id=society_id,
        purpose=draft.purpose,
        subject=draft.subject,
        to_number=draft.to,
        text=draft.text,
        language=draft.language,
        dedupe_key=draft.dedupe_key,
        priority=draft.priority,
        state=rules.State.QUEUED if route else rules.State.FAILED,
        reason="" if route else "no_route",
        route=route,
        parts=rules.segments(draft.text),
        created_at=now,
        changed_at=now,
        valid_until=draft.valid_until,
        not_before_real=due,
    )
