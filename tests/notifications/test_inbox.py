"""Replies: stored once, never lost, their effect tried until it comes through."""

import datetime as dt
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import connection

from notifications import clock, inbox, routes
from notifications.doors import open_inbound
from notifications.inbox import Reply
from notifications.models import Inbound, Message, Route
from notifications.sender import work
from notifications.signals import reply_received
from notifications.tenancy import society
from tests.cast import Cast
from tests.notifications.conftest import draft, hand_in

REPLY = Reply("SM" + "7" * 32, "+218921234567", "+218910000000", "١ بعد ٢٠ دقيقة", {"Body": "١"})


def come_in(society_id: UUID, reply: Reply = REPLY, *, came_by: str = "webhook") -> bool:
    with society(society_id):
        route = Route.objects.get().pk
        return inbox.receive(reply, society_id=society_id, route_id=route, came_by=came_by, now=clock.now())


@contextmanager
def hearing(effect: Any) -> Iterator[None]:
    """Only this effect, instead of what the service does."""
    others, reply_received.receivers = reply_received.receivers, []
    reply_received.sender_receivers_cache.clear()
    reply_received.connect(effect)
    try:
        yield
    finally:
        reply_received.receivers = others
        reply_received.sender_receivers_cache.clear()


def test_five_posts_of_one_reply_at_once_count_once(committed: str, cast: Cast) -> None:
    heard: list[UUID] = []

    def note(inbound_id: UUID, **_: Any) -> None:
        heard.append(inbound_id)

    def post(_: int) -> bool:
        try:
            return come_in(cast.libya)
        finally:
            connection.close()

    with hearing(note), ThreadPoolExecutor(5) as threads:
        assert sorted(threads.map(post, range(5))) == [False, False, False, False, True]
    assert len(heard) == 1


def test_a_failing_effect_keeps_the_reply_open_and_undoes_its_own_half(cast: Cast) -> None:
    def fail(society_id: UUID, **_: Any) -> None:
        hand_in(society_id, draft(1))
        raise RuntimeError("planted")

    with hearing(fail):
        assert come_in(cast.libya)
    with society(cast.libya):
        row = Inbound.objects.get()
        assert (row.text, row.done, row.tries) == (REPLY.text, False, 1)
        assert "planted" in row.error
        assert Message.objects.count() == 0


def test_an_open_reply_is_tried_again_when_its_wait_is_over(cast: Cast) -> None:
    troubles = [RuntimeError("planted")]

    def once(**_: Any) -> None:
        if troubles:
            raise troubles.pop()

    with hearing(once):
        come_in(cast.libya)
        assert open_inbound() == [], "it waits first"
        with society(cast.libya):
            Inbound.objects.update(again_real=clock.real_now() - dt.timedelta(seconds=1))
        assert work.effects() == 1
    assert open_inbound() == []


def test_polling_brings_what_the_webhook_missed_and_only_that(cast: Cast) -> None:
    come_in(cast.libya)
    missed = Reply("SM" + "8" * 32, REPLY.from_number, REPLY.to_number, "2", {})
    with society(cast.libya):
        line = routes.line(Route.objects.get().pk)
    assert line is not None
    assert work.store_listed(line, [REPLY, missed], clock.real_now()) == 1
    with society(cast.libya):
        assert dict(Inbound.objects.values_list("text", "came_by")) == {REPLY.text: "webhook", "2": "poll"}


def test_a_text_with_a_nul_is_kept_readable(cast: Cast) -> None:
    come_in(
        cast.libya, Reply("SM" + "9" * 32, REPLY.from_number, REPLY.to_number, "1\x00", {"Body": "1\x00"})
    )
    with society(cast.libya):
        assert Inbound.objects.get().text == "1\ufffd"
