"""What happens to a message after it was claimed."""

import datetime as dt
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from notifications import clock, ledger, rules
from notifications.doors import Claim, due_unknowns, lost_leases
from notifications.ledger import Result, Seen, StatusCallback
from notifications.models import Attempt, Message, Receipt, Route
from notifications.rules import Event, State
from notifications.signals import delivery_changed
from notifications.tenancy import society
from tests.cast import Cast
from tests.notifications.conftest import TEXT, claim, draft, finish, hand_in, message

SID, OTHER = "SM" + "1" * 32, "SM" + "2" * 32
StateOf = Callable[[Claim], State]


def receipt(claimed: Claim, status: str, *, sid: str = SID, code: str = "", to: str = "") -> bool:
    with society(claimed.society_id):
        row = Message.objects.get(pk=claimed.message_id)
        callback = StatusCallback(claimed.attempt_id, sid, to or row.to_number, status, code, None, "", {})
        route = Attempt.objects.get(pk=claimed.attempt_id).route_id
        return ledger.receive(callback, route_id=route, now=clock.now())


def look(claimed: Claim, found: Seen | None) -> bool:
    with society(claimed.society_id):
        return ledger.settle(claimed.message_id, claimed.attempt_id, found, now=clock.now())


def attempt(claimed: Claim) -> Attempt:
    with society(claimed.society_id):
        return Attempt.objects.get(pk=claimed.attempt_id)


def test_an_unknown_message_is_adopted_when_the_list_shows_it(unknown: Claim, state: StateOf) -> None:
    assert look(unknown, Seen(SID, "sent"))
    assert (state(unknown), attempt(unknown).provider_id, attempt(unknown).end) == ("sent", SID, "found")


def test_a_list_that_shows_it_delivered_settles_that_too(unknown: Claim, state: StateOf) -> None:
    look(unknown, Seen(SID, "delivered"))
    assert state(unknown) is State.DELIVERED


def test_an_unknown_message_is_sent_again_only_after_enough_looks(unknown: Claim, state: StateOf) -> None:
    states = []
    for _ in range(rules.Pace().looks):
        look(unknown, None)
        states.append(state(unknown))
    assert states == ["unknown", "unknown", "queued"]
    assert [c.message_id for c in claim()] == [unknown.message_id]


def test_nothing_is_looked_for_before_the_grace_is_over(unknown: Claim) -> None:
    assert due_unknowns(limit=9, hold=dt.timedelta(seconds=9)) == []
    with society(unknown.society_id):
        Message.objects.update(look_at_real=clock.real_now())
    assert due_unknowns(limit=9, hold=dt.timedelta(seconds=9)) == [unknown]
    assert due_unknowns(limit=9, hold=dt.timedelta(seconds=9)) == [], "held by whoever took it"


def test_a_callback_settles_an_unknown_outcome(unknown: Claim, state: StateOf) -> None:
    assert receipt(unknown, "sent")
    assert (state(unknown), attempt(unknown).provider_id) == ("sent", SID)


def test_a_callback_may_come_before_the_answer(sending: Claim, state: StateOf) -> None:
    receipt(sending, "delivered")
    finish(sending, Result(Event.ACCEPTED, provider_id=SID, status="queued"))
    assert (state(sending), attempt(sending).provider_id) == ("delivered", SID)


@pytest.mark.parametrize("late", ["sent", "failed", "undelivered", "delivered", "read", "made_up"])
def test_a_late_receipt_never_moves_a_final_state(sent: Claim, state: StateOf, late: str) -> None:
    receipt(sent, "delivered")
    assert not receipt(sent, late, code="30008")
    assert state(sent) is State.DELIVERED


def test_the_same_receipt_is_kept_once(sent: Claim) -> None:
    assert [receipt(sent, "delivered") for _ in range(3)] == [True, False, False]
    with society(sent.society_id):
        assert Receipt.objects.count() == 1


def test_a_receipt_for_another_number_or_another_id_changes_nothing(sent: Claim, state: StateOf) -> None:
    assert not receipt(sent, "delivered", to="+218929999999")
    assert not receipt(sent, "delivered", sid=OTHER)
    assert state(sent) is State.SENT


def test_an_id_the_provider_ties_to_another_attempt_is_taken_back(cast: Cast, state: StateOf) -> None:
    hand_in(cast.libya, draft(1, key="a"), draft(1, key="b"))
    first, second = claim()
    for lost in (first, second):
        finish(lost, Result(Event.LOST, "timeout"))
    look(first, Seen(SID, "sent"))
    receipt(second, "sent", sid=SID)
    assert (state(first), state(second)) == ("unknown", "sent")


def test_a_lease_that_ran_out_is_unknown_and_not_pending(cast: Cast, state: StateOf) -> None:
    hand_in(cast.libya, draft(1))
    claimed = claim(lease=dt.timedelta(seconds=-1))[0]
    assert lost_leases() == [claimed]
    with society(cast.libya):
        assert ledger.lost(claimed.message_id, claimed.attempt_id, now=clock.now())
    assert state(claimed) is State.UNKNOWN


def test_an_answer_after_the_lease_was_lost_still_counts(unknown: Claim, state: StateOf) -> None:
    finish(unknown, Result(Event.ACCEPTED, provider_id=SID))
    assert (state(unknown), attempt(unknown).end) == ("sent", "accepted")


def test_what_was_not_processed_waits_and_goes_again(sending: Claim, state: StateOf) -> None:
    finish(sending, Result(Event.NOT_PROCESSED, "429", outcome=rules.AGAIN))
    row = message(sending.society_id, sending.message_id)
    assert (row.state, row.failures) == ("queued", 1)
    assert row.not_before_real > clock.real_now()
    assert claim() == []


def test_a_refusal_of_an_old_attempt_says_nothing_of_the_new_one(unknown: Claim, state: StateOf) -> None:
    for _ in range(3):
        look(unknown, None)
    newest = claim()[0]
    finish(unknown, Result(Event.REFUSED, "21610"))
    assert not receipt(unknown, "failed")
    assert state(newest) is State.SENDING


def test_suspended_credentials_stop_the_route_and_keep_the_message(sending: Claim, state: StateOf) -> None:
    finish(sending, Result(Event.NOT_PROCESSED, "20003", outcome=rules.outcome("20003")))
    with society(sending.society_id):
        assert Route.objects.get().stopped_code == "20003"
    assert state(sending) is State.QUEUED


def test_a_message_that_outlived_its_use_expires(cast: Cast) -> None:
    (late,) = hand_in(cast.libya, draft(1, life=dt.timedelta(seconds=-1)))
    with society(cast.libya):
        assert ledger.expire(late, now=clock.now())
    assert message(cast.libya, late).reason == "expired"


def test_a_batch_is_recorded_as_one_by_one_would_be(cast: Cast, state: StateOf) -> None:
    hand_in(cast.libya, *(draft(n) for n in range(4)))
    taken, known, lost, refused = claim()
    receipt(known, "delivered", sid=OTHER)
    results = [
        Result(Event.ACCEPTED, provider_id=SID),
        Result(Event.ACCEPTED, provider_id=OTHER),
        Result(Event.LOST, "timeout"),
        Result(Event.REFUSED, "21614"),
    ]
    rows = [
        (c.message_id, c.attempt_id, r) for c, r in zip((taken, known, lost, refused), results, strict=True)
    ]
    with society(cast.libya):
        ledger.record_all(rows, now=clock.now())
    assert [state(c) for c in (taken, known, lost, refused)] == ["sent", "delivered", "unknown", "failed"]


def test_a_receiver_that_fails_undoes_itself_and_not_the_fact(sending: Claim, state: StateOf) -> None:
    def spoil(society_id: UUID, message_id: UUID, **_: Any) -> None:
        Message.objects.filter(pk=message_id).update(text="spoilt")
        raise RuntimeError("planted")

    delivery_changed.connect(spoil)
    try:
        finish(sending, Result(Event.ACCEPTED, provider_id=SID))
    finally:
        delivery_changed.disconnect(spoil)
    row = message(sending.society_id, sending.message_id)
    assert (row.state, row.text) == ("sent", TEXT)
