"""The one writer of a message's state: every move passes `apply`, and each is announced.

All functions run inside `society(...)`; the callers hold the message's row lock, so a late answer, a receipt
and a listing never overwrite each other.
"""

import datetime as dt
import logging
import random
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db import connection

from notifications import clock, rules
from notifications.announce import announce
from notifications.models import Attempt, Message, Receipt, Route, Unwanted
from notifications.pace import pace
from notifications.rules import Event, State
from notifications.signals import delivery_changed

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one attempt. detail: the provider's words, for the log only."""

    event: Event
    code: str = ""
    detail: str = ""
    provider_id: str = ""
    status: str = ""
    fenced: bool = False
    outcome: rules.Outcome | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """A message as the provider's list shows it. code: why it failed, if it did."""

    provider_id: str
    status: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class StatusCallback:
    """A verified status callback."""

    attempt_id: UUID
    provider_id: str
    to_number: str
    status: str
    code: str
    price: Decimal | None
    currency: str
    payload: dict[str, str]


def apply(message: Message, event: Event, *, now: dt.datetime, reason: str = "") -> bool:
    """Move a locked message, store and announce it; False where the event changes nothing."""
    state = rules.move(State(message.state), event)
    if state is State.QUEUED and Unwanted.objects.filter(message_id=message.pk).exists():
        state = rules.move(State(message.state), event, wanted=False)
    if state is None:
        return False
    message.state, message.reason, message.changed_at = state, reason, now
    if state is not State.SENDING:
        message.lease_until_real = None
    if state is State.EXPIRED:
        message.reason = "expired"
    message.save(
        update_fields=[
            "state", "reason", "changed_at", "lease_until_real", "not_before_real", "failures", "looks",
            "look_at_real", "provider_id", "price", "currency",
        ]
    )  # fmt: skip
    _announce(message)
    return True


def _announce(message: Message) -> None:
    _announce_all([message])


def _announce_all(messages: list[Message]) -> None:
    """Announce together; if a receiver fails, once more one by one, so that only its own part is undone."""
    errors = announce(delivery_changed, Message, [_fact(message) for message in messages])
    if errors and len(messages) > 1:
        for message in messages:
            _announce_all([message])
        return
    for error in errors:
        log.error("delivery_changed receiver failed: message %s", messages[0].id, exc_info=error)


def _fact(message: Message) -> dict[str, object]:
    return {
        "society_id": message.society_id,
        "message_id": message.id,
        "subject": message.subject,
        "purpose": message.purpose,
        "state": str(message.state),
        "reason": message.reason,
        "at": message.changed_at,
    }


def locked(message_id: UUID) -> Message | None:
    """The message, locked until the transaction ends."""
    return Message.objects.select_for_update().filter(pk=message_id).first()


def record(message_id: UUID, attempt_id: UUID, result: Result, *, now: dt.datetime) -> bool:
    """Store what came of an attempt. A repeated call changes nothing.

    An attempt that is no longer the message's newest settles the message only by a provider's id: a refusal
    of the old one says nothing about the new one.
    """
    message = locked(message_id)
    if message is None:
        return False
    _end_attempt(attempt_id, result)
    if message.attempt_id != attempt_id and result.event is not Event.ACCEPTED:
        return False
    if result.event is Event.ACCEPTED:
        message.provider_id = message.provider_id or result.provider_id
        message.failures = 0
    elif result.event is Event.NOT_PROCESSED:
        _wait(message, fenced=result.fenced)
    elif result.event is Event.LOST:
        look_for(message)
    if result.outcome is not None and (result.outcome.alarm or result.outcome.stops):
        alarm(message.route_id, result.code, stops=result.outcome.stops)
    return apply(message, result.event, now=now, reason="" if result.event is Event.ACCEPTED else result.code)


_ATTEMPTS_TAKEN = """
UPDATE notifications_attempt a SET provider_id = v.provider_id, "end" = 'accepted', code = '',
       ended_real = %s, status = CASE WHEN a.status = '' THEN v.status ELSE a.status END
FROM unnest(%s::uuid[], %s::text[], %s::text[]) AS v (id, provider_id, status) WHERE a.id = v.id
"""
_MESSAGES_TAKEN = """
UPDATE notifications_message m SET state = 'sent', reason = '', changed_at = %s, lease_until_real = NULL,
       failures = 0, provider_id = v.provider_id
FROM unnest(%s::uuid[], %s::text[]) AS v (id, provider_id) WHERE m.id = v.id
"""


def record_all(results: list[tuple[UUID, UUID, Result]], *, now: dt.datetime) -> None:
    """`record` of many (message, attempt, result) in one transaction.

    Those that simply went out, nearly all, are written by two statements: one by one is a third of the speed.
    """
    ids = sorted({message_id for message_id, _, _ in results})
    messages = {m.pk: m for m in Message.objects.select_for_update().filter(pk__in=ids).order_by("pk")}
    given = [result.provider_id for _, _, result in results if result.provider_id]
    taken_ids = set(Attempt.objects.filter(provider_id__in=given).values_list("provider_id", flat=True))
    plain: list[tuple[UUID, UUID, Result]] = []
    others: list[tuple[UUID, UUID, Result]] = []
    for message_id, attempt_id, result in results:
        message = messages.get(message_id)
        is_plain = (
            message is not None
            and result.event is Event.ACCEPTED
            and message.attempt_id == attempt_id
            and message.state == State.SENDING
            and result.provider_id not in taken_ids
        )
        (plain if is_plain else others).append((message_id, attempt_id, result))
    if plain:
        _record_taken([(messages[m], attempt, result) for m, attempt, result in plain], now)
    for message_id, attempt_id, result in others:
        record(message_id, attempt_id, result, now=now)


def _record_taken(taken: list[tuple[Message, UUID, Result]], now: dt.datetime) -> None:
    provider_ids = [result.provider_id for _, _, result in taken]
    statuses = [result.status[:20] for _, _, result in taken]
    with connection.cursor() as cursor:
        cursor.execute(
            _ATTEMPTS_TAKEN, [clock.real_now(), [attempt for _, attempt, _ in taken], provider_ids, statuses]
        )
        cursor.execute(_MESSAGES_TAKEN, [now, [message.pk for message, _, _ in taken], provider_ids])
    for message, _, result in taken:
        message.state, message.reason, message.changed_at = State.SENT, "", now
        message.provider_id = result.provider_id
    _announce_all([message for message, _, _ in taken])


def _end_attempt(attempt_id: UUID, result: Result) -> None:
    end = "fenced" if result.fenced else str(result.event)
    fields: dict[str, object] = {"ended_real": clock.real_now(), "end": end}
    fields |= {"code": result.code[:20], "detail": result.detail[:300]}
    if result.provider_id:
        _own_id(attempt_id, result.provider_id)
    # A lost attempt may still end with an answer that comes late; an answered one stays answered.
    Attempt.objects.filter(pk=attempt_id, end__in=("", "lost", "absent")).update(**fields)
    if result.status:
        Attempt.objects.filter(pk=attempt_id, status="").update(status=result.status[:20])


def _own_id(attempt_id: UUID, provider_id: str) -> None:
    """Give an attempt the id that the provider's own word ties to it.

    If another attempt had adopted that id from a listing (same number, same text), the listing was misread:
    that message is unknown again and looked for again.
    """
    attempt = Attempt.objects.get(pk=attempt_id)
    if attempt.provider_id == provider_id:
        return
    holder = Attempt.objects.filter(route_id=attempt.route_id, provider_id=provider_id).first()
    if holder is not None:
        Attempt.objects.filter(pk=holder.pk).update(provider_id=None, end="lost")
        message = locked(holder.message_id)
        if message is not None and message.attempt_id == holder.pk:
            message.provider_id = ""
            look_for(message)
            apply(message, Event.ID_CLAIMED, now=clock.now(), reason="id_claimed")
    Attempt.objects.filter(pk=attempt_id).update(provider_id=provider_id)


def _wait(message: Message, *, fenced: bool) -> None:
    """When a message that was not taken may be tried again; a lost fence says nothing bad of it."""
    if fenced:
        message.not_before_real = clock.real_now()
        return
    message.failures += 1
    draw = random.random()
    message.not_before_real = clock.real_now() + rules.backoff(message.failures, draw)


def look_for(message: Message) -> None:
    """Start the reconciliation: the first look is after the grace, for a listing shows new messages late."""
    message.looks = 0
    message.look_at_real = clock.real_now() + pace().grace


def lost(message_id: UUID, attempt_id: UUID, *, now: dt.datetime) -> bool:
    """A lease ran out in `sending`: unknown, never pending."""
    message = Message.objects.select_for_update(skip_locked=True).filter(
        pk=message_id, attempt_id=attempt_id, state=State.SENDING, lease_until_real__lt=clock.real_now()
    )
    return any(record(found.pk, attempt_id, Result(Event.LOST, "lease"), now=now) for found in message)


def expire(message_id: UUID, *, now: dt.datetime) -> bool:
    """Queued past its validity: shown as not sent in time."""
    due = Message.objects.select_for_update(skip_locked=True).filter(pk=message_id, valid_until__lte=now)
    return any(apply(message, Event.LIFE_OVER, now=now) for message in due)


def take_back(message_id: UUID, *, now: dt.datetime) -> bool:
    """Queued again though taken back: its return and the wish not to send it crossed each other."""
    back = Message.objects.select_for_update(skip_locked=True).filter(pk=message_id, state=State.QUEUED)
    return any(apply(message, Event.CANCEL, now=now) for message in back)


def settle(message_id: UUID, attempt_id: UUID, found: Seen | None, *, now: dt.datetime) -> bool:
    """One look at the provider's list: adopt what was found, or count it and after enough send again."""
    message = locked(message_id)
    if message is None or message.state != State.UNKNOWN or message.attempt_id != attempt_id:
        return False
    limits, real = pace(), clock.real_now()
    if found is not None:
        Attempt.objects.filter(pk=attempt_id).update(
            provider_id=found.provider_id, end="found", status=found.status[:20], ended_real=real
        )
        message.provider_id = found.provider_id
        apply(message, Event.FOUND, now=now)
        event = rules.RECEIPTS.get(found.status, Event.ON_ITS_WAY)
        apply(message, event, now=now, reason=found.code if event is Event.BOUNCED else "")
        return True
    if message.looks + 1 >= limits.looks:
        Attempt.objects.filter(pk=attempt_id).update(end="absent", ended_real=real)
        message.not_before_real = real
        return apply(message, Event.ABSENT, now=now)
    message.looks += 1
    message.look_at_real = real + limits.look_every
    message.save(update_fields=["looks", "look_at_real"])
    return False


def held(route_id: UUID, provider_ids: list[str]) -> set[str]:
    """Those of the provider's ids that a row holds already."""
    rows = Attempt.objects.filter(route_id=route_id, provider_id__in=provider_ids)
    return {str(row) for row in rows.values_list("provider_id", flat=True)}


def receive(callback: StatusCallback, *, route_id: UUID, now: dt.datetime) -> bool:
    """Store a receipt and let it move its message; False where it changed nothing or is not about ours.

    The raw callback is kept once per attempt, status and code: a replay adds nothing.
    """
    attempt = Attempt.objects.filter(pk=callback.attempt_id, route_id=route_id).first()
    message = locked(attempt.message_id) if attempt else None
    if attempt is None or message is None or message.to_number != callback.to_number:
        return False
    attempt.refresh_from_db()
    if attempt.provider_id and attempt.provider_id != callback.provider_id:
        return False
    event = rules.RECEIPTS.get(callback.status)
    if not attempt.provider_id:
        _own_id(attempt.pk, callback.provider_id)
    message.provider_id = message.provider_id or callback.provider_id
    if callback.price is not None:
        message.price, message.currency = callback.price, callback.currency
        message.save(update_fields=["price", "currency"])
    moved = event is not None and _receipt_moves(message, event, callback, now)
    Receipt.objects.bulk_create(
        [
            Receipt(
                society_id=message.society_id,
                attempt=attempt,
                status=callback.status[:20],
                code=callback.code[:20],
                payload=callback.payload,
                received_real=clock.real_now(),
                moved=moved,
            )
        ],
        ignore_conflicts=True,
    )
    final = attempt.status and rules.RECEIPTS.get(attempt.status) in (Event.ARRIVED, Event.BOUNCED)
    if not final:
        Attempt.objects.filter(pk=attempt.pk).update(status=callback.status[:20])
    return moved


def _receipt_moves(message: Message, event: Event, callback: StatusCallback, now: dt.datetime) -> bool:
    """A refusal of an earlier attempt says nothing about the newest one; a delivery of any settles all."""
    if event is Event.BOUNCED and message.attempt_id != callback.attempt_id:
        return False
    reason = (callback.code or callback.status) if event is Event.BOUNCED else ""
    if event is Event.BOUNCED and callback.code:
        outcome = rules.outcome(callback.code)
        if outcome.alarm:
            alarm(message.route_id, callback.code, stops=outcome.stops)
    return apply(message, event, now=now, reason=reason)


def alarm(route_id: UUID | None, code: str, *, stops: bool) -> None:
    """Show that a route is in trouble; with `stops` nothing more leaves by it until it is set up anew."""
    fields = {"alarm_code": code[:20]} | ({"stopped_code": code[:20]} if stops else {})
    if route_id is None:
        return
    changed = Route.objects.filter(pk=route_id).exclude(**fields).update(**fields)
    if changed:
        log.error("route %s needs a person: code %s%s", route_id, code, ", stopped" if stops else "")
