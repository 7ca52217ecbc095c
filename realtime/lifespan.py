"""Starts and stops what a web process holds: its hub and its subscription."""

import asyncio
import contextlib

from django.conf import settings
from prometheus_client import REGISTRY

from notifications import startup
from realtime import queries
from realtime.consumers import Message, Receive, Send
from realtime.hub import Hub
from realtime.metrics import HubGauges
from realtime.subscription import Subscription


class Lifespan:
    """The server's lifespan protocol. A process that may not run says why and ends."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        await receive()
        try:
            await queries.run(queries.FEEDS, startup.check)
        except startup.Refused as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        gauges = HubGauges(lambda: self._hub.sockets, self._hub.standing)
        REGISTRY.register(gauges)
        listening = asyncio.create_task(Subscription(self._hub, settings.REDIS_URL).run())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        listening.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await listening
        await self._hub.stop()
        REGISTRY.unregister(gauges)
        await send({"type": "lifespan.shutdown.complete"})
