"""Handing texts in and taking them back."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from notifications import clock, outbox, queries
from notifications.models import Message, Route
from notifications.tenancy import society
from tests.cast import Cast
from tests.notifications.conftest import claim, draft, hand_in, message


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
