"""One sender in this process, on the memory transport: what leaves, what does not, what is settled how."""

import asyncio
import datetime as dt
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.conf import LazySettings
from django.db import OperationalError, connection

from notifications import clock, rules
from notifications.ledger import Result
from notifications.models import Attempt, Message, Route, Worker
from notifications.queries import health
from notifications.rules import Event
from notifications.sender import work
from notifications.sender.lanes import Lane
from notifications.sender.process import Sender
from notifications.sender.reconcile import look
from notifications.tenancy import society
from notifications.transports.base import TransportError
from notifications.transports.memory.transport import MemoryTransport
from tests.cast import Cast
from tests.notifications.conftest import draft, hand_in

CUT = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE usename = 'app' AND datname = current_database() AND pid <> pg_backend_pid()
"""
LOST = TransportError(rules.RECONCILE, "timeout")
BUSY = TransportError(rules.AGAIN, "429")


@pytest.fixture(autouse=True)
def _short_grace(settings: LazySettings) -> None:
    settings.SENDER_GRACE_S, settings.SENDER_LEASE_S = 0.3, 60.0


def states(society_id: UUID) -> Counter[str]:
    with society(society_id):
        return Counter(Message.objects.values_list("state", flat=True))


def ends(society_id: UUID) -> Counter[str]:
    with society(society_id):
        return Counter(Attempt.objects.values_list("end", flat=True))


async def run_until(sender: Sender, done: Callable[[], Any]) -> None:
    """Run the sender until `done` (on a thread of the database) is true; fails after 20 s."""
    running = asyncio.create_task(sender.run())
    async with asyncio.timeout(20):
        while not await sender.database.run(done):
            await asyncio.sleep(0.02)
        sender.stop.set()
        await running


def play(provider: MemoryTransport, done: Callable[[], Any]) -> None:
    connection.close()
    asyncio.run(run_until(Sender(transports={"memory": provider}), done))


def test_every_message_leaves_once_and_is_recorded(committed: str, cast: Cast) -> None:
    hand_in(cast.libya, *(draft(n) for n in range(40)))
    provider = MemoryTransport()
    play(provider, lambda: states(cast.libya) == {"sent": 40})
    assert len({out.to_number for out, _, _ in provider.taken}) == len(provider.taken) == 40


def test_an_accepted_message_whose_answer_was_lost_is_adopted_and_not_repeated(
    committed: str, cast: Cast
) -> None:
    hand_in(cast.libya, *(draft(n) for n in range(5)))
    provider = MemoryTransport(plan=[(LOST,)] * 5)
    play(provider, lambda: states(cast.libya) == {"sent": 5})
    assert (len(provider.taken), ends(cast.libya)) == (5, {"found": 5})


def test_a_message_the_provider_never_got_is_sent_again(committed: str, cast: Cast) -> None:
    hand_in(cast.libya, *(draft(n) for n in range(5)))
    provider = MemoryTransport(plan=[LOST] * 5)
    play(provider, lambda: states(cast.libya) == {"sent": 5})
    assert (len(provider.taken), ends(cast.libya)) == (5, {"absent": 5, "accepted": 5})


def test_two_alike_of_unknown_outcome_adopt_two_ids(committed: str, cast: Cast) -> None:
    hand_in(cast.libya, draft(1, key="a"), draft(1, key="b"))
    play(MemoryTransport(plan=[(LOST,), (LOST,)]), lambda: states(cast.libya) == {"sent": 2})
    with society(cast.libya):
        assert len(set(Attempt.objects.values_list("provider_id", flat=True))) == 2


def test_too_many_requests_are_sent_again_without_looking(committed: str, cast: Cast) -> None:
    hand_in(cast.libya, *(draft(n) for n in range(3)))
    play(MemoryTransport(plan=[BUSY, BUSY]), lambda: states(cast.libya) == {"sent": 3})
    assert ends(cast.libya) == {"not_processed": 2, "accepted": 3}


def test_without_a_list_an_unknown_message_stays_unknown(committed: str, cast: Cast) -> None:
    hand_in(cast.libya, draft(1))
    provider = MemoryTransport(can_list=False, plan=[LOST])

    def looked_for() -> bool:
        with society(cast.libya):
            row = Message.objects.get()
            return row.state == "unknown" and not work.searches(1) and row.look_at_real is not None

    play(provider, looked_for)
    assert (states(cast.libya), provider.taken) == ({"unknown": 1}, [])


def lose_key(society_id: UUID, sealed: str = "sealed with a key that is gone") -> None:
    with society(society_id):
        Route.objects.update(sealed_token=sealed)


def test_a_society_whose_token_cannot_be_opened_holds_up_no_other(committed: str, cast: Cast) -> None:
    for society_id in (cast.egypt, cast.libya):
        hand_in(society_id, *(draft(n) for n in range(5)))
    lose_key(cast.egypt)
    play(MemoryTransport(), lambda: states(cast.libya) == {"sent": 5})
    with society(cast.egypt):
        assert set(Route.objects.values_list("stopped_code", "alarm_code")) == {("token_unreadable",) * 2}
    assert (states(cast.egypt), ends(cast.egypt)) == ({"queued": 5}, {"not_processed": 5})


def test_searches_and_polls_go_on_for_those_whose_token_can_be_opened(cast: Cast) -> None:
    for society_id in (cast.egypt, cast.libya):
        hand_in(society_id, draft(1))
    for job in work.claim("test", 2, {}):
        work.record([(job, Result(Event.LOST, "timeout"))])
    for society_id in (cast.egypt, cast.libya):
        with society(society_id):
            Message.objects.update(look_at_real=clock.real_now())
    lose_key(cast.egypt, "not ASCII: ١")
    assert [search.society_id for search in work.searches(9)] == [cast.libya]
    assert [line.society_id for line in work.lines_to_poll()] == [cast.libya]


def test_an_id_too_long_to_store_leaves_the_outcome_unknown(cast: Cast) -> None:
    hand_in(cast.libya, draft(1))
    provider = MemoryTransport(prefix="X" * 70)
    result = attempt(one_job(), provider)
    assert (result.event, result.code, len(provider.taken)) == (Event.LOST, "unreadable", 1)


def test_a_list_with_an_id_too_long_to_store_never_counts_as_absence(cast: Cast) -> None:
    hand_in(cast.libya, draft(1))
    provider, job = MemoryTransport(prefix="X" * 70), one_job()
    work.record([(job, attempt(job, provider))])
    with society(cast.libya):
        Message.objects.update(look_at_real=clock.real_now())
    with pytest.raises(TransportError, match="unreadable"):
        asyncio.run(look(provider, work.searches(1)[0]))


def test_a_result_the_database_refuses_holds_up_no_other(committed: str, cast: Cast) -> None:
    hand_in(cast.libya, *(draft(n) for n in range(6)))
    refused = TransportError(rules.outcome("21614"), "21614", "no text in PostgreSQL holds a NUL: \x00")
    provider = MemoryTransport(can_list=False, plan=[refused])
    play(provider, lambda: states(cast.libya) == {"sent": 5, "unknown": 1})
    with society(cast.libya):
        assert Route.objects.get().alarm_code == "unrecordable"


def one_job() -> work.Job:
    (job,) = work.claim("test", 1, {})
    return job


def attempt(job: work.Job, provider: MemoryTransport) -> Result:
    return asyncio.run(Sender(transports={"memory": provider})._attempt(job))


@pytest.mark.parametrize(("left", "sent"), [(14.0, 0), (16.0, 1)])
def test_nothing_is_posted_when_too_little_of_the_lease_is_left(cast: Cast, left: float, sent: int) -> None:
    hand_in(cast.libya, draft(1))
    provider = MemoryTransport()
    job = replace(one_job(), lease_ends=time.monotonic() + left)
    result = attempt(job, provider)
    assert (len(provider.taken), result.fenced) == (sent, not sent)


def test_a_fenced_message_goes_to_whoever_claims_it_next(cast: Cast) -> None:
    hand_in(cast.libya, draft(1))
    job = replace(one_job(), lease_ends=time.monotonic())
    work.record([(job, attempt(job, MemoryTransport()))])
    assert (one_job().message_id, ends(cast.libya)) == (job.message_id, {"fenced": 1, "": 1})


def test_cut_database_sessions_lose_nothing_and_repeat_nothing(committed: str, cast: Cast) -> None:
    hand_in(cast.libya, *(draft(n) for n in range(60)))
    with society(cast.libya):
        Route.objects.update(per_second=15)
    provider, cuts = MemoryTransport(), [time.monotonic()]
    names = ("host", "port", "user", "password", "dbname")
    where = {k: v for k, v in connection.get_connection_params().items() if k in names}
    outside = psycopg.connect(**where, autocommit=True)

    def cut_until_done() -> bool:
        # Ten and no more: where connecting takes longer than the pause, cutting for ever leaves nothing to test.
        if len(cuts) <= 10 and time.monotonic() - cuts[-1] > 0.4:
            outside.execute(CUT)
            cuts.append(time.monotonic())
        try:
            return states(cast.libya) == {"sent": 60}
        except OperationalError:  # this very session was cut
            return False

    with outside:
        play(provider, cut_until_done)
    assert len(provider.taken) == 60
    assert len(cuts) > 2, "sessions were cut while it sent"


def test_a_running_sender_is_seen_and_a_stopped_one_is_gone(committed: str, cast: Cast) -> None:
    seen = []

    def alive() -> bool:
        seen.append(health().senders)
        return bool(seen[-1])

    play(MemoryTransport(), alive)
    assert (seen[-1], Worker.objects.count(), health().seen_ago) == (1, 0, None)


def test_a_crowd_of_refusals_at_once_halves_once(monkeypatch: pytest.MonkeyPatch) -> None:
    lane = Lane(most=32, limit=32.0)
    for _ in range(3):
        lane.trouble(rules.AGAIN)
    assert (lane.limit, lane.free()) == (16.0, 16)


def test_a_provider_that_takes_nothing_gets_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    lane = Lane(most=32, limit=32.0)
    for _ in range(5):
        lane.trouble(rules.RECONCILE)
    assert lane.free() == 0
    assert lane.paused_until - time.monotonic() <= dt.timedelta(seconds=5).total_seconds()


def test_a_refused_number_slows_nobody() -> None:
    lane = Lane(most=32, limit=32.0)
    for _ in range(9):
        lane.trouble(rules.outcome("21614"))
    assert lane.free() == 32
