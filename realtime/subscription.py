"""This process's one subscription: what Redis says about every society, for the hub.

Redis may be flushed, restarted or away at any time. The subscription comes back by itself, and whatever was
said meanwhile is in the journal.
"""

import asyncio
import logging
from uuid import UUID

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from realtime.hub import Hub

log = logging.getLogger(__name__)

PREFIX = "society:"
ASK_S = 5.0  # silence after which Redis is asked whether it is there
FIRST_WAIT_S, MOST_WAIT_S = 0.1, 5.0


class Subscription:
    """Runs until cancelled. `connected`: whether Redis answers now."""

    def __init__(self, hub: Hub, url: str) -> None:
        self.connected = False
        self._hub = hub
        self._url = url
        self._wait = FIRST_WAIT_S

    async def run(self) -> None:
        while True:
            try:
                await self._listen()
            except (RedisError, OSError) as error:
                level = logging.WARNING if self.connected or self._wait == FIRST_WAIT_S else logging.DEBUG
                log.log(level, "redis is away, pages move with the heartbeat until it is back: %s", error)
            finally:
                self.connected = False
            await asyncio.sleep(self._wait)
            self._wait = min(MOST_WAIT_S, self._wait * 2)

    async def _listen(self) -> None:
        async with Redis.from_url(self._url, socket_connect_timeout=2) as client, client.pubsub() as pubsub:
            await pubsub.psubscribe(f"{PREFIX}*")
            asked = False
            while True:
                message = await pubsub.get_message(timeout=ASK_S)
                if message is None:
                    await self._ask(pubsub, asked)
                    asked = True
                    continue
                asked = False
                if message["type"] == "psubscribe":
                    self._back()
                elif message["type"] == "pmessage":
                    self._hear(message["channel"], message["data"])

    async def _ask(self, pubsub: PubSub, asked: bool) -> None:
        """A line cut without a word looks like silence; only an answer tells."""
        if asked:
            raise ConnectionError("no answer to a ping")
        await pubsub.ping()

    def _back(self) -> None:
        if not self.connected:
            log.info("redis: subscribed")
        self.connected, self._wait = True, FIRST_WAIT_S
        self._hub.look_everywhere()

    def _hear(self, channel: bytes, data: bytes) -> None:
        """Anybody may publish on a shared Redis: what is not ours is passed over."""
        try:
            society_id, number = UUID(channel.decode().removeprefix(PREFIX)), int(data)
        except ValueError:
            log.warning("redis: a message that is not ours on %r", channel)
            return
        self._hub.hear(society_id, number)
