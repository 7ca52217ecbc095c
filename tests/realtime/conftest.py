"""The feed as it runs: uvicorn, real sockets, real Redis and committed rows."""

import asyncio
import contextlib
import json
import random
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

import pytest
import uvicorn
from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application
from django.test import Client
from redis import Redis
from redis.exceptions import RedisError
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin

from dispatch.journal.actions import record
from dispatch.journal.queries import entries
from dispatch.orgs.models import User
from notifications.ids import uuid7
from notifications.tenancy import society
from realtime import queries
from realtime.hub import Hub
from realtime.lifespan import Lifespan
from realtime.routing import sockets
from tests.cast import NOW

R = TypeVar("R")


async def database(work: Callable[[], R]) -> R:
    """Run database work of a test on a thread, as the event loop must not."""
    return await queries.run(queries.DOORS, work)


def write(society_id: UUID, kind: str = "assignment.moved", **new: Any) -> None:
    """Commit one journal entry."""
    with society(society_id):
        record(society_id=society_id, kind=kind, subject=uuid7(), by=None, now=NOW, new=new)


def snapshot(society_id: UUID) -> tuple[int, list[int]]:
    """What a page is made from: the newest number and, here, the marks of all entries."""
    with society(society_id):
        rows = entries(society_id, after=0, limit=100_000)
    return (rows[-1]["number"] if rows else 0), [row["new"]["mark"] for row in rows]


@dataclass
class Page:
    """A page as live.js is one: it applies what follows, and reads everything anew after a gap.

    drops: the share of frames that never reach it.
    """

    society_id: UUID
    line: ClientConnection
    upto: int
    marks: list[int]
    drops: float = 0.0
    refetches: int = 0
    frames: list[dict[str, Any]] = field(default_factory=list)

    async def read(self) -> None:
        message = json.loads(await self.line.recv())
        self.frames.append(message)
        if random.random() < self.drops:
            return
        events = message.get("events")
        if "reset" in message or message.get("from", message["upto"]) > self.upto + 1:
            await self._refetch()
        elif events is not None:
            self.marks += [e["data"]["mark"] for e in events if e["number"] > self.upto]
        elif message["upto"] > self.upto:
            await self._refetch()
        self.upto = max(self.upto, message["upto"])

    async def _refetch(self) -> None:
        self.refetches += 1
        self.upto, self.marks = await database(lambda: snapshot(self.society_id))

    async def read_to(self, number: int) -> None:
        async with asyncio.timeout(15):
            while self.upto < number:
                await self.read()


async def closing(line: ClientConnection) -> int:
    """The code a line is closed with, whatever comes before."""
    async with asyncio.timeout(10):
        while True:
            try:
                await line.recv()
            except ConnectionClosed as ended:
                return ended.rcvd.code if ended.rcvd else 1006


@dataclass
class Web:
    """A running web process. `hub` is looked into only to wait for it."""

    port: int
    hub: Hub

    @contextlib.asynccontextmanager
    async def line(
        self, user: User | None, after: int | str | None = 0, origin: str = "", **options: Any
    ) -> AsyncIterator[ClientConnection]:
        """An open socket of somebody, from a number on."""
        cookie = await database(lambda: sign_in(user)) if user else ""
        query = "" if after is None else f"?from={after}"
        async with connect(
            f"ws://127.0.0.1:{self.port}/ws/live/{query}",
            origin=Origin(origin or f"http://127.0.0.1:{self.port}"),
            additional_headers={"Cookie": f"sessionid={cookie}"},
            proxy=None,
            **options,
        ) as line:
            yield line

    async def seated(self, count: int) -> None:
        """Wait until so many sockets sit in the feed."""
        async with asyncio.timeout(5):
            while self.hub.sockets != count:
                await asyncio.sleep(0.01)

    async def read_up_to(self, society_id: UUID, number: int) -> None:
        """Wait until the feed has handed out an entry."""
        async with asyncio.timeout(5):
            while self.hub.standing().get(society_id) != number:
                await asyncio.sleep(0.01)

    @contextlib.asynccontextmanager
    async def page(self, user: User, society_id: UUID, drops: float = 0.0) -> AsyncIterator[Page]:
        """A page made from a snapshot, listening."""
        upto, marks = await database(lambda: snapshot(society_id))
        async with self.line(user, upto, max_size=None) as line:
            yield Page(society_id, line, upto, marks, drops)


def sign_in(user: User) -> str:
    """A new session of a user; its key."""
    client = Client()
    client.force_login(user)
    return str(client.session.session_key)


@contextlib.asynccontextmanager
async def serving(hub: Hub) -> AsyncIterator[Web]:
    """uvicorn on a free port, in this event loop."""
    application = ProtocolTypeRouter(
        {"http": get_asgi_application(), "websocket": sockets(hub), "lifespan": Lifespan(hub)}
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(
            application, lifespan="on", ws_per_message_deflate=False, log_config=None, access_log=False
        )
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:
            assert not task.done(), "the server refused to start"
            await asyncio.sleep(0.01)
        yield Web(listener.getsockname()[1], hub)
        server.should_exit = True
        await task


@pytest.fixture
async def web(committed: str) -> AsyncIterator[Web]:
    """A web process whose heart beats every 0.4 s, so that tests of the heartbeat need not wait long."""
    async with serving(Hub(beat_s=0.4)) as running:
        yield running


@pytest.fixture
async def calm_web(committed: str) -> AsyncIterator[Web]:
    """A web process whose heart does not beat during a test: what arrives came by Redis."""
    async with serving(Hub(beat_s=60)) as running:
        yield running


class OwnRedis:
    """A Redis server of the test's own, to be stopped and started."""

    def __init__(self, folder: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        program = shutil.which("redis-server")
        assert program, "these tests stop and start a Redis of their own: install redis-server"
        options = ["--port", str(self.port), "--save", "", "--dir", self._folder, "--bind", "127.0.0.1"]
        self._process = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)
        while not self._answers():
            assert self._process.poll() is None, "redis-server ended"

    def _answers(self) -> bool:
        try:
            with Redis.from_url(self.url) as client:
                return bool(client.ping())
        except (RedisError, OSError):
            return False

    def freeze(self) -> None:
        """It takes connections and answers nothing, until it is stopped."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@pytest.fixture
def own_redis(settings: Any) -> Iterator[OwnRedis]:
    """Started, and the one this process publishes to. Name it before `web`."""
    with tempfile.TemporaryDirectory() as folder:
        redis = OwnRedis(folder)
        redis.start()
        settings.REDIS_URL = redis.url
        yield redis
        redis.stop()
