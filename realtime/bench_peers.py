"""What the live feed is measured against: a bare loop over sockets, and one group membership per socket."""

import asyncio
import contextlib
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dispatch.settings")

import django

django.setup()

from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402
from django.conf import settings  # noqa: E402
from redis.asyncio import Redis  # noqa: E402

from realtime.consumers import Message, Receive, Send  # noqa: E402

GO = "bench:go"
GROUP = "bench"


class Bare:
    """Sends what Redis says to every socket, one after another: the least there is to do."""

    def __init__(self) -> None:
        self._sends: list[Send] = []

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        await receive()
        await send({"type": "websocket.accept"})
        self._sends.append(send)
        while (await receive())["type"] != "websocket.disconnect":
            continue
        self._sends.remove(send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        loop = asyncio.create_task(self._loop())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        loop.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await loop
        await send({"type": "lifespan.shutdown.complete"})

    async def _loop(self) -> None:
        async with Redis.from_url(settings.REDIS_URL) as client, client.pubsub() as pubsub:
            await pubsub.subscribe(GO)
            async for message in pubsub.listen():
                if message["type"] == "message":
                    for send in tuple(self._sends):
                        await send({"type": "websocket.send", "text": message["data"].decode()})


class Group(AsyncWebsocketConsumer):  # type: ignore[misc]
    """One group membership per socket, on the configured layer."""

    async def connect(self) -> None:
        await self.channel_layer.group_add(GROUP, self.channel_name)
        await self.accept()

    async def tell(self, event: Message) -> None:
        await self.send(text_data=event["text"])


bare = Bare()
group = Group.as_asgi()
