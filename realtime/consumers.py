"""/ws/live/?from=N: what happens in one's society, from journal entry N on.

The socket carries frames (realtime.frames), a heartbeat {"upto": N} every two seconds, or {"reset": true,
"upto": N} when more was missed than is worth telling. It closes with 4400 (not understood: pages never send),
4401 (not signed in), 4403 (no member, or the role hears nothing), 4008 (too slow) or 1011 (unable now, come
back). A page served from elsewhere is refused before the handshake.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs, urlparse

from channels.security.websocket import OriginValidator
from django.conf import settings
from django.db import DatabaseError, InterfaceError

from dispatch.orgs.rules import MAY_HEAR
from realtime import metrics, queries
from realtime.hub import UNABLE, Hub, Seat
from realtime.queries import Guest, Nobody

log = logging.getLogger(__name__)

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

NOT_UNDERSTOOD = 4400
FAREWELL_S = 10.0  # how long a socket that reads nothing is given to take its close frame


def _header(scope: Message, name: bytes) -> str:
    values = (value for key, value in scope["headers"] if key == name)
    return str(next(values, b"").decode("latin-1"))


def _from(scope: Message) -> int | None:
    """The number in ?from=, None without one. Raises ValueError."""
    values = parse_qs(scope["query_string"].decode("latin-1")).get("from")
    if not values:
        return None
    if not (values[0].isascii() and values[0].isdigit() and len(values[0]) < 19):
        raise ValueError(values[0])
    return int(values[0])


def _from_our_page(scope: Message) -> bool:
    """A browser names the page's origin; without one it is no page of ours. Channels' rule, without its
    layer.
    """
    origin = _header(scope, b"origin")
    rule = OriginValidator(None, settings.ALLOWED_HOSTS)
    return bool(origin and rule.valid_origin(urlparse(origin)))


class Live:
    """The ASGI application behind the route. It holds no channel layer: each socket would cost a
    subscription.
    """

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        await receive()  # websocket.connect
        if not _from_our_page(scope):
            await send({"type": "websocket.close", "code": 4403})
            return
        await send({"type": "websocket.accept"})
        code = await self._attend(scope, receive, send)
        metrics.CLOSED.labels(str(code)).inc()
        try:
            async with asyncio.timeout(FAREWELL_S):
                await send({"type": "websocket.close", "code": code})
        except (TimeoutError, OSError):
            return  # gone already, or it reads nothing: the server cuts the line when this returns

    async def _attend(self, scope: Message, receive: Receive, send: Send) -> int:
        """Serve a socket until it ends; the code to close it with."""
        try:
            after = _from(scope)
        except ValueError:
            return NOT_UNDERSTOOD
        try:
            guest = await queries.run(queries.DOORS, queries.admit, _header(scope, b"cookie"))
            if isinstance(guest, Nobody):
                return guest.code
            if not MAY_HEAR.get(guest.role):
                return 4403
            return await self._serve(guest, after, receive, send)
        except (DatabaseError, InterfaceError) as error:
            log.warning("live: database: %s", str(error).strip().splitlines()[:1])
            return UNABLE

    async def _serve(self, guest: Guest, after: int | None, receive: Receive, send: Send) -> int:
        seat = await self._hub.join(guest, after)
        reader, writer = asyncio.create_task(_read(receive)), asyncio.create_task(_write(seat, send))
        first_to_end: set[asyncio.Future[Any]] = {reader, writer, seat.closed}
        try:
            await asyncio.wait(first_to_end, return_when=asyncio.FIRST_COMPLETED)
            if seat.closed.done():
                return seat.closed.result()
            return reader.result() if reader.done() else 1000
        finally:
            self._hub.leave(seat)
            for task in (reader, writer):
                task.cancel()
            await asyncio.gather(reader, writer, return_exceptions=True)


async def _read(receive: Receive) -> int:
    """Wait for the end of the socket. Pages act by POST and never send here."""
    message = await receive()
    return 1000 if message["type"] == "websocket.disconnect" else NOT_UNDERSTOOD


async def _write(seat: Seat, send: Send) -> None:
    while True:
        text = await seat.outbox.get()
        try:
            await send({"type": "websocket.send", "text": text})
        except OSError:
            return  # the other side has gone; the reader hears it too
