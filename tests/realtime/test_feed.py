"""The live feed: right after any gap, deaf to other societies, and held up by nobody."""

import asyncio
import json
import os
import random
from collections.abc import Callable
from uuid import UUID

import psycopg
import pytest
from django.db import OperationalError
from redis import Redis

from dispatch.journal.queries import entries
from tests.cast import Cast
from tests.realtime.conftest import OwnRedis, Web, closing, database, snapshot, write


def marks(society_id: UUID, first: int, count: int) -> Callable[[], None]:
    """Work that commits entries marked with consecutive numbers."""

    def work() -> None:
        for mark in range(first, first + count):
            write(society_id, mark=mark)

    return work


async def test_an_entry_reaches_an_open_page(calm_web: Web, cast: Cast) -> None:
    async with calm_web.page(cast.users["dunya"], cast.libya) as page:
        await database(lambda: write(cast.libya, "callout.launched", mark=7))
        await page.read_to(1)
    (event,) = page.frames[0]["events"]
    assert (event["number"], event["kind"], event["data"]) == (1, "callout.launched", {"mark": 7})
    assert set(event) == {"number", "kind", "subject", "at", "data"}
    assert event["at"] == "2023-09-11T01:00:00Z"


@pytest.mark.parametrize("seed", range(3))
async def test_a_snapshot_and_its_events_equal_a_fresh_snapshot(web: Web, cast: Cast, seed: int) -> None:
    random.seed(seed)

    async def look_on(drops: float) -> tuple[int, list[int], int]:
        await asyncio.sleep(random.random() * 0.5)
        async with web.page(cast.users["dunya"], cast.libya, drops) as page:
            await page.read_to(120)
        return page.upto, page.marks, page.refetches

    async def work(writer: int) -> None:
        for n in range(30):
            await database(marks(cast.libya, writer * 100 + n, 1))
            await asyncio.sleep(random.random() * 0.05)

    pages = [asyncio.create_task(look_on(drops)) for drops in (0, 0, 0.3, 0.6)]
    await asyncio.gather(*(work(writer) for writer in range(4)))
    fresh = await database(lambda: snapshot(cast.libya))
    seen = [await page for page in pages]
    assert fresh[0] == 120
    assert [(upto, found) for upto, found, _ in seen] == [fresh] * 4
    assert seen[0][2] == seen[1][2] == 0, "a page that lost nothing never had to read everything again"
    assert seen[3][2] > 0, "the page that lost frames noticed"


async def test_a_page_that_was_away_gets_what_it_missed(web: Web, cast: Cast) -> None:
    async with web.page(cast.users["dunya"], cast.libya) as page:
        await database(marks(cast.libya, 0, 3))
        await page.read_to(3)
    await database(marks(cast.libya, 3, 4))
    await web.read_up_to(cast.libya, 7)
    async with web.line(cast.users["dunya"], after=3) as line:
        frame = json.loads(await line.recv())
    assert (frame["from"], frame["upto"], len(frame["events"])) == (4, 7, 4)


async def test_a_page_older_than_the_ring_reads_the_journal_in_pages(
    calm_web: Web, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("realtime.queries.PAGE", 20)
    await database(marks(cast.libya, 0, 60))
    async with calm_web.line(cast.users["dunya"], after=5) as line:
        frames = [json.loads(await line.recv()) for _ in range(3)]
    assert [(f["from"], f["upto"]) for f in frames] == [(6, 25), (26, 45), (46, 60)]


async def test_a_page_that_missed_too_much_is_told_to_start_again(
    calm_web: Web, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("realtime.hub.CATCH_UP", 20)
    await database(marks(cast.libya, 0, 40))
    async with calm_web.line(cast.users["dunya"], after=19) as line:
        assert json.loads(await line.recv()) == {"reset": True, "upto": 40}
    async with calm_web.line(cast.users["dunya"], after=20) as line:
        assert json.loads(await line.recv())["from"] == 21


async def test_a_number_from_the_future_is_told_to_start_again(calm_web: Web, cast: Cast) -> None:
    await database(marks(cast.libya, 0, 2))
    async with calm_web.line(cast.users["dunya"], after=900) as line:
        assert json.loads(await line.recv()) == {"reset": True, "upto": 2}


async def test_a_burst_is_a_few_frames(calm_web: Web, cast: Cast) -> None:
    async with calm_web.page(cast.users["dunya"], cast.libya) as page:
        started = asyncio.get_running_loop().time()
        await database(marks(cast.libya, 0, 200))
        await page.read_to(200)
        took = asyncio.get_running_loop().time() - started
    assert page.marks == list(range(200))
    assert len(page.frames) <= took / 0.15 + 2


async def test_a_heartbeat_carries_the_number(web: Web, cast: Cast) -> None:
    await database(marks(cast.libya, 0, 5))
    async with web.line(cast.users["dunya"], after=5) as line:
        assert json.loads(await line.recv()) == {"upto": 5}


async def test_a_heartbeat_heals_a_crash_between_commit_and_publish(
    own_redis: OwnRedis, web: Web, cast: Cast
) -> None:
    """The writer here publishes to a Redis nobody listens to: for the hub it never said a word."""
    async with web.page(cast.users["dunya"], cast.libya) as page:
        await page.read()
        own_redis.stop()
        await database(marks(cast.libya, 0, 3))
        await page.read_to(3)
    assert page.marks == [0, 1, 2]
    assert page.refetches == 0


async def test_a_flushed_redis_changes_nothing(own_redis: OwnRedis, calm_web: Web, cast: Cast) -> None:
    async with calm_web.page(cast.users["dunya"], cast.libya) as page:
        for n in range(3):
            with Redis.from_url(own_redis.url) as redis:
                redis.flushall()
            await database(marks(cast.libya, n, 1))
            await page.read_to(n + 1)
    assert page.marks == [0, 1, 2]


async def test_news_come_at_once_again_after_redis_came_back(
    own_redis: OwnRedis, calm_web: Web, cast: Cast
) -> None:
    async with calm_web.page(cast.users["dunya"], cast.libya) as page:
        await database(marks(cast.libya, 0, 1))
        await page.read_to(1)
        own_redis.stop()
        await database(marks(cast.libya, 1, 1))
        own_redis.start()
        await page.read_to(2)  # said by nobody: looked for when the subscription came back
        await database(marks(cast.libya, 2, 1))
        await page.read_to(3)
    assert page.marks == [0, 1, 2]
    assert page.refetches == 0


async def test_the_feed_comes_back_when_its_database_sessions_are_cut(
    web: Web, committed: str, cast: Cast
) -> None:
    def cut() -> None:
        with psycopg.connect(os.environ["NAFEER_TEST_SUPERUSER_URL"]) as cluster:
            mine = "datname = %s AND usename = 'app'"
            cluster.execute(
                f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {mine}", [committed]
            )

    async def commit() -> bool:
        try:
            await database(marks(cast.libya, 0, 1))
        except OperationalError:  # a dead connection of the pool: each is found by whoever takes it
            return False
        return True

    async with web.page(cast.users["dunya"], cast.libya) as page, asyncio.timeout(20):
        await page.read()
        await asyncio.to_thread(cut)
        while not await commit():
            continue
        await page.read_to(1)
    assert page.marks == [0]


async def test_a_writer_never_waits_for_redis(own_redis: OwnRedis, committed: str, cast: Cast) -> None:
    loop = asyncio.get_running_loop()
    await database(marks(cast.libya, 0, 5))
    own_redis.freeze()
    started = loop.time()
    await database(marks(cast.libya, 0, 50))
    assert loop.time() - started < 5, "50 waits of 0.2 s are 10 s"


async def test_the_other_society_hears_nothing_and_its_numbers_stay_its_own(web: Web, cast: Cast) -> None:
    async with (
        web.line(cast.users["eman"], after=0) as egypt,
        web.line(cast.users["dunya"], after=0) as libya,
    ):
        await database(marks(cast.libya, 0, 9))
        while json.loads(await libya.recv())["upto"] < 9:
            continue
        heard = [json.loads(await egypt.recv()) for _ in range(4)]
    assert heard == [{"upto": 0}] * 4


async def test_without_a_society_the_journal_is_empty(committed: str, cast: Cast) -> None:
    await database(marks(cast.libya, 0, 3))
    assert await database(lambda: len(snapshot(cast.libya)[1])) == 3
    assert await database(lambda: entries(cast.libya, after=0)) == []


async def test_what_a_role_may_not_hear_still_counts(web: Web, cast: Cast) -> None:
    async with web.line(cast.users["dunya"], after=0) as line:
        await database(lambda: write(cast.libya, "route.changed", mark=1))
        await database(lambda: write(cast.libya, "readiness.changed", mark=2))
        frame = json.loads(await line.recv())
        while frame["upto"] < 2:
            frame = json.loads(await line.recv())
    assert frame.get("events", []) == []


async def test_each_role_hears_its_own(calm_web: Web, cast: Cast) -> None:
    async with (
        calm_web.line(cast.users["dunya"], after=0) as dispatcher,
        calm_web.line(cast.users["amal"], after=0) as admin,
    ):
        await database(lambda: write(cast.libya, "route.changed", mark=1))
        assert json.loads(await dispatcher.recv()) == {"from": 1, "upto": 1, "events": []}
        assert [e["kind"] for e in json.loads(await admin.recv())["events"]] == ["route.changed"]


async def test_a_slow_socket_is_dropped_and_the_others_get_all(
    calm_web: Web, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("realtime.hub.OUTBOX", 5)
    count = 0

    def flood() -> None:
        for mark in range(count, count + 20):
            write(cast.libya, mark=mark, note="م" * 40_000)

    sleeper = calm_web.line(cast.users["malik"], max_queue=1, max_size=None, ping_interval=None)
    async with sleeper as slow, calm_web.page(cast.users["dunya"], cast.libya) as page, asyncio.timeout(60):
        await calm_web.seated(2)
        while calm_web.hub.sockets == 2:
            await asyncio.gather(database(flood), page.read_to(count + 20))
            count += 20
        assert page.marks == list(range(count))
        assert await closing(slow) == 4008
