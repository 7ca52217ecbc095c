"""A provider in this process: keeps what it was given and fails as it is told. For tests."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

from notifications.inbox import Reply
from notifications.transports.base import Line, Listed, Outgoing, Taken, TransportError


@dataclass
class MemoryTransport:
    """taken: what it accepted, oldest first. plan: what the next sends do.

    A plan entry is None (accept), an error to raise instead, or (error,) to raise after accepting.
    prefix: how its ids begin.
    """

    can_list: bool = True
    taken: list[tuple[Outgoing, str, dt.datetime]] = field(default_factory=list)
    plan: list[TransportError | tuple[TransportError] | None] = field(default_factory=list)
    inbound: list[Reply] = field(default_factory=list)
    announced: list[str] = field(default_factory=list)
    hidden: bool = False
    prefix: str = "MEM"

    async def send(self, line: Line, outgoing: Outgoing, fence: Callable[[], None]) -> Taken:
        """Accept, or fail by plan."""
        fence()
        step = self.plan.pop(0) if self.plan else None
        if isinstance(step, TransportError):
            raise step
        provider_id = f"{self.prefix}{len(self.taken):06d}"
        self.taken.append((outgoing, provider_id, dt.datetime.now(dt.UTC)))
        if step is not None:
            raise step[0]
        return Taken(provider_id, "queued")

    async def listed(self, line: Line, to_number: str, since: dt.datetime) -> list[Listed]:
        """Newest first; nothing while `hidden`."""
        rows = [
            Listed(provider_id, out.to_number, out.text, "sent", at)
            for out, provider_id, at in reversed(self.taken)
            if out.to_number == to_number and at >= since
        ]
        return [] if self.hidden else rows

    async def replies(self, line: Line, since: dt.datetime) -> list[Reply]:
        """Everything in `inbound`."""
        return list(self.inbound)

    async def announce(self, line: Line) -> None:
        """Remember the address."""
        self.announced.append(f"{line.public_url}/webhooks/memory/{line.webhook_key}/inbound/")

    async def close(self) -> None:
        """Nothing to let go of."""


def make() -> MemoryTransport:
    """A provider with an empty memory."""
    return MemoryTransport()
