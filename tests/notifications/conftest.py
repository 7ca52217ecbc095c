"""Texts of the Libyan society, handed in and claimed the way the service does it."""

import datetime as dt
from collections.abc import Callable
from uuid import UUID

import pytest

from notifications import clock, doors, ledger, outbox
from notifications.doors import Claim
from notifications.ids import uuid7
from notifications.ledger import Result
from notifications.models import Message
from notifications.outbox import Draft
from notifications.rules import Event, State
from notifications.tenancy import society
from tests.cast import Cast

TEXT = "الهلال: فيضان درنة K7. مطلوب إسعاف. رد 1=قادم 2=لا 3=احتياط"
MINUTE = dt.timedelta(minutes=1)


def draft(n: int, *, key: str = "ask", priority: int = 10, life: dt.timedelta = 60 * MINUTE) -> Draft:
    return Draft("callout", uuid7(), f"+21892{n:07d}", TEXT, f"{key}:{n}", priority, clock.now() + life, "ar")


def hand_in(society_id: UUID, *drafts: Draft) -> list[UUID]:
    with society(society_id):
        return outbox.enqueue(society_id=society_id, drafts=drafts, now=clock.now())


def claim(
    most: int = 10, *, lease: dt.timedelta = MINUTE, free: dict[UUID, int] | None = None
) -> list[Claim]:
    ids = [uuid7() for _ in range(most)]
    return doors.claim_messages(worker="test", attempts=ids, now=clock.now(), lease=lease, free=free or {})


def message(society_id: UUID, message_id: UUID) -> Message:
    with society(society_id):
        return Message.objects.get(pk=message_id)


def finish(claimed: Claim, result: Result) -> bool:
    with society(claimed.society_id):
        return ledger.record(claimed.message_id, claimed.attempt_id, result, now=clock.now())


@pytest.fixture
def sending(cast: Cast) -> Claim:
    """One text of Libya's, claimed."""
    hand_in(cast.libya, draft(1))
    return claim()[0]


@pytest.fixture
def sent(sending: Claim) -> Claim:
    """One text of Libya's that the provider took as SM + 1s."""
    finish(sending, Result(Event.ACCEPTED, provider_id="SM" + "1" * 32, status="queued"))
    return sending


@pytest.fixture
def unknown(sending: Claim) -> Claim:
    """One text of Libya's of which nobody knows whether it left."""
    finish(sending, Result(Event.LOST, "timeout"))
    return sending


@pytest.fixture
def state() -> Callable[[Claim], State]:
    """The state of a claimed message now."""
    return lambda claimed: State(message(claimed.society_id, claimed.message_id).state)
