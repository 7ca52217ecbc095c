"""Handing texts in and taking them back."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from uuid import UUID

import pytest
from django.db import connection

from notifications import clock, ledger, outbox, queries, rules
from notifications.doors import Claim
from notifications.ledger import Result
from notifications.models import Message, Route
from notifications.rules import Event
from notifications.sender import work
from notifications.tenancy import society
from tests.cast import Cast
from tests.conftest import superuser
from tests.notifications.conftest import claim, draft, finish, hand_in, message


def test_the_same_key_is_the_same_message(cast: Cast) -> None:
    first = hand_in(cast.libya, draft(1), draft(2))
    again = hand_in(cast.libya, draft(2), draft(3))
    assert again[0] == first[1]
    with society(cast.libya):
        assert Message.objects.count() == 3


def test_two_societies_may_use_the_same_key(cast: Cast) -> None:
    assert hand_in(cast.libya, draft(1)) != hand_in(cast.egypt, draft(1))


def test_a_number_without_a_route_is_kept_as_failed(cast: Cast) -> None:
    with society(cast.libya):
        Route.objects.update(country="EG")
    kept = message(cast.libya, hand_in(cast.libya, draft(1))[0])
    assert (kept.state, kept.reason) == ("failed", "no_route")


def test_a_route_of_the_number_s_country_goes_before_the_general_one(cast: Cast) -> None:
    with society(cast.libya):
        special = Route.objects.get()
        special.pk, special.country, special.webhook_key = None, "LY", "key-special"
        special.save(force_insert=True)
    assert message(cast.libya, hand_in(cast.libya, draft(1))[0]).route_id == special.pk


def test_the_way_of_answering_is_that_of_the_route_a_text_would_take(
    cast: Cast, django_assert_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    with society(cast.libya):
        special = Route.objects.get()
        special.pk, special.country, special.webhook_key = None, "EG", "key-special"
        special.answer_by = "link"
        special.save(force_insert=True)
        with django_assert_num_queries(1):
            ways = queries.answer_by(["+218920000001", "+201000000001", "+201000000002"])
    assert list(ways.values()) == ["local_gateway", "link", "link"]


def test_a_number_no_route_leads_to_has_no_way_of_answering(cast: Cast) -> None:
    with society(cast.libya):
        Route.objects.update(country="EG")
        assert queries.answer_by(["+218920000001"]) == {}


def test_a_number_that_is_not_e164_is_refused(cast: Cast) -> None:
    bad = draft(1).__class__("callout", draft(1).subject, "0912345678", "x", "k", 10, clock.now(), "ar")
    with pytest.raises(ValueError, match="normalise it first"):
        hand_in(cast.libya, bad)


def test_only_what_nobody_has_claimed_is_taken_back(cast: Cast) -> None:
    hand_in(cast.libya, draft(1), draft(2))
    taken = claim(1)[0]
    with society(cast.libya):
        back = outbox.cancel(society_id=cast.libya, dedupe_keys=["ask:1", "ask:2"], now=clock.now())
    assert back == {"ask:2"}
    assert message(cast.libya, taken.message_id).state == "sending"


def test_a_message_taken_back_is_never_claimed(cast: Cast) -> None:
    hand_in(cast.libya, draft(1))
    with society(cast.libya):
        outbox.cancel(society_id=cast.libya, dedupe_keys=["ask:1"], now=clock.now())
    assert claim() == []


def call_off(society_id: UUID, key: str = "ask:1") -> set[str]:
    with society(society_id):
        return outbox.cancel(society_id=society_id, dedupe_keys=[key], now=clock.now())


@pytest.mark.parametrize(
    "came_to_nothing",
    [Result(Event.NOT_PROCESSED, "429", outcome=rules.AGAIN), Result(Event.NOT_PROCESSED, fenced=True)],
)
def test_what_comes_back_unsent_after_it_was_called_off_never_leaves(
    sending: Claim, came_to_nothing: Result
) -> None:
    assert call_off(sending.society_id) == set(), "on the wire is not taken back for certain"
    finish(sending, came_to_nothing)
    assert message(sending.society_id, sending.message_id).state == "cancelled"


def test_what_is_absent_at_the_provider_after_it_was_called_off_never_leaves(unknown: Claim) -> None:
    call_off(unknown.society_id)
    with society(unknown.society_id):
        for _ in range(rules.Pace().looks):
            ledger.settle(unknown.message_id, unknown.attempt_id, None, now=clock.now())
    assert message(unknown.society_id, unknown.message_id).state == "cancelled"


def test_what_the_provider_took_is_sent_though_it_was_called_off(sending: Claim) -> None:
    call_off(sending.society_id)
    finish(sending, Result(Event.ACCEPTED, provider_id="SM" + "1" * 32))
    assert message(sending.society_id, sending.message_id).state == "sent"


def test_calling_off_does_not_wait_for_a_row_somebody_holds(committed: str, cast: Cast) -> None:
    (held,) = hand_in(cast.libya, draft(1))
    database = superuser(committed)
    with database, database.transaction():
        database.execute("SELECT 1 FROM notifications_message FOR UPDATE")
        with society(cast.libya), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = '2s'")
            assert call_off(cast.libya) == set()
    assert claim() == [], "what was called off is not claimed"
    work.sweep()
    assert message(cast.libya, held).state == "cancelled"
