"""`python -m dispatch bench live`: one event to many open pages, the hub beside two peers, in one run.

Each server is a uvicorn process of its own with real sockets; this process holds the pages. Measured is the time
from before the event is made (for the hub: before its transaction, so commit, Redis, the hub's gathering of 20 ms
and its reading of the journal are inside) until the last page has it; the peers only pass a text on.
"""

import asyncio
import os
import socket
import statistics
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any
from uuid import UUID

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.apps import apps
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.auth.hashers import make_password
from django.db import connections
from django.utils.module_loading import import_string
from redis import Redis

from notifications import clock
from notifications.ids import uuid7
from notifications.tenancy import society

AT_ONCE = 100  # handshakes under way
PATIENCE_S, FIRST_PATIENCE_S = 20.0, 120.0

# By string: in the service sockets never write; only this bench makes a society and an event of its own.
record = import_string("dispatch.journal.actions.record")


class Line(asyncio.Protocol):
    """A page, as little as can receive: notes when it saw the mark it waits for."""

    def __init__(self, key: str, port: int) -> None:
        self.open: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.mark = b""
        self.seen: asyncio.Future[float] | None = None
        self._tail = b""
        self._hello = (
            f"GET /ws/live/?from=0 HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\n"
            f"Cookie: {settings.SESSION_COOKIE_NAME}={key}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        ).encode()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        transport.write(self._hello)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self._tail = (self._tail + data)[-2000:]
        if not self.open.done() and b"\r\n\r\n" in self._tail:
            if b" 101 " in self._tail.split(b"\r\n")[0]:
                self.open.set_result(None)
            else:
                self.open.set_exception(ConnectionError(self._tail.decode(errors="replace")))
        if self.seen is not None and not self.seen.done() and self.mark in self._tail:
            self.seen.set_result(time.perf_counter())


async def _connect(key: str, port: int, pages: int) -> list[Line]:
    gate = asyncio.Semaphore(AT_ONCE)
    loop = asyncio.get_running_loop()

    async def one() -> Line:
        async with gate:
            _, line = await loop.create_connection(lambda: Line(key, port), "127.0.0.1", port)
            await line.open
            return line

    return list(await asyncio.gather(*(one() for _ in range(pages))))


async def _rounds(lines: list[Line], tell: Callable[[str], None], rounds: int) -> tuple[list[float], int]:
    """Milliseconds to the last page for each event, and how many deliveries never came."""
    took, lost = [], 0
    for number in range(rounds + 1):
        mark = f"bench-{os.getpid()}-{number}."
        for line in lines:
            line.mark, line.seen = mark.encode(), asyncio.get_running_loop().create_future()
        waiting = [line.seen for line in lines if line.seen]
        start = time.perf_counter()
        await asyncio.to_thread(tell, mark)
        done, pending = await asyncio.wait(waiting, timeout=PATIENCE_S if number else FIRST_PATIENCE_S)
        if not number:  # warms up, and waits for pages that are still being admitted
            continue
        lost += len(pending)
        if done:
            took.append((max(seen.result() for seen in done) - start) * 1000)
        await asyncio.sleep(0.5)
    return took, lost


@contextmanager
def _server(application: str) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    options = ["--port", str(port), "--log-level", "error", "--ws-per-message-deflate", "false"]
    options += ["--ws-ping-interval", "3600"]  # the pages here do not answer pings
    web = subprocess.Popen([sys.executable, "-m", "uvicorn", application, *options])
    try:
        while web.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield port
    finally:
        web.kill()
        web.wait()


@contextmanager
def _bench_society() -> Iterator[tuple[UUID, str]]:
    """A society with one user; the society's id and the key of the user's session."""
    society_id, slug, names = uuid7(), f"bench-live-{os.getpid()}", {"en": "Bench", "ar": "قياس"}
    user = get_user_model().objects.create(username=slug, password=make_password(None))
    with society(society_id):
        apps.get_model("orgs", "Society").objects.create(
            id=society_id, slug=slug, name=names, sender_name=names, country="LY", is_demo=True
        )
        apps.get_model("orgs", "Membership").objects.create(
            society_id=society_id, user=user, role="dispatcher"
        )
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    try:
        yield society_id, session.session_key
    finally:
        session.delete()
        with connections["owner"].cursor() as cursor:
            for table in ("journal_entry", "journal_counter", "orgs_membership"):
                cursor.execute(f"DELETE FROM {table} WHERE society_id = %s", [society_id])
            cursor.execute("DELETE FROM orgs_society WHERE id = %s", [society_id])
        user.delete()


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--pages", type=int, default=4000, help="live: open pages (default 4000)")
    parser.add_argument("--events", type=int, default=5, help="live: events measured (default 5)")


def live(*, pages: int, events: int, say: Callable[[str], None], **_: Any) -> dict[str, Any]:
    """Medians in milliseconds to the last page: hub_ms, bare_ms, group_ms; lost deliveries of each."""
    redis = Redis.from_url(settings.REDIS_URL)
    result: dict[str, Any] = {"pages": pages, "events": events}
    with _bench_society() as (society_id, key):

        def commit(mark: str) -> None:
            with society(society_id):
                record(
                    society_id=society_id, kind="assignment.moved", subject=uuid7(), by=None, now=clock.now(),
                    new={"state": mark},
                )  # fmt: skip

        def publish(mark: str) -> None:
            redis.publish("bench:go", f'{{"from":1,"upto":1,"events":[{{"data":"{mark}"}}]}}')

        def group_send(mark: str) -> None:
            async_to_sync(get_channel_layer().group_send)("bench", {"type": "tell", "text": mark})

        peers = {
            "hub": ("realtime.asgi:application", commit),
            "bare": ("realtime.bench_peers:bare", publish),
            "group": ("realtime.bench_peers:group", group_send),
        }
        for name, (application, tell) in peers.items():
            say(f"{name}: opening {pages} pages")
            with _server(application) as port:
                opened, took, lost = asyncio.run(_measure(key, port, pages, tell, events))
            result[f"{name}_ms"] = round(statistics.median(took), 1) if took else None
            result[f"{name}_lost"] = lost
            result[f"{name}_opened_s"] = round(opened, 1)
    result["hub_to_bare"] = round(result["hub_ms"] / result["bare_ms"], 2)
    result["group_to_hub"] = round(result["group_ms"] / result["hub_ms"], 2)
    return result


async def _measure(
    key: str, port: int, pages: int, tell: Callable[[str], None], events: int
) -> tuple[float, list[float], int]:
    start = time.perf_counter()
    lines = await _connect(key, port, pages)
    opened = time.perf_counter() - start
    await asyncio.sleep(2)
    took, lost = await _rounds(lines, tell, events)
    for line in lines:
        line.transport.close()
    return opened, took, lost
