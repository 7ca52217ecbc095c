"""What every transport offers, and the one vocabulary in which it fails."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Final, Protocol
from uuid import UUID

from notifications.inbox import Reply
from notifications.models import MOST_OF_AN_ID
from notifications.rules import Outcome


@dataclass(frozen=True, slots=True)
class Line:
    """A route, opened for use: the token is in the clear here and nowhere else."""

    route_id: UUID
    society_id: UUID
    provider: str
    sender: str
    account: str
    token: str
    webhook_key: str
    public_url: str
    concurrency: int
    polled_real: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A text to hand over. attempt_id goes into the status callback's address. validity: whole seconds."""

    attempt_id: UUID
    to_number: str
    text: str
    validity: int


@dataclass(frozen=True, slots=True)
class Taken:
    """The provider has it, under this id."""

    provider_id: str
    status: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A message as the provider lists it. created: real time, whole seconds. code: why it failed, or ""."""

    provider_id: str
    to_number: str
    text: str
    status: str
    created: dt.datetime
    code: str = ""


class TransportError(Exception):
    """It did not work. code: the provider's, or one of rules.OUTCOMES; detail: for the log, no secrets."""

    def __init__(self, outcome: Outcome, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".strip())
        self.outcome, self.code, self.detail = outcome, code, detail


def is_id(provider_id: str) -> bool:
    """Whether a provider's id can be stored; without one nothing is known of a message."""
    return 0 < len(provider_id) <= MOST_OF_AN_ID and provider_id.isascii() and provider_id.isprintable()


class Transport(Protocol):
    """A provider. One object per process, used by many tasks at once; every method raises TransportError.

    can_list: whether `listed` exists, so that an unknown outcome can be settled without a receipt.
    """

    can_list: bool

    async def send(self, line: Line, outgoing: Outgoing, fence: Callable[[], None]) -> Taken:
        """Hand one text over, once. Calls fence() right before the request; what it raises passes through."""

    async def listed(self, line: Line, to_number: str, since: dt.datetime) -> list[Listed]:
        """Messages to a number created at or after `since`, newest first."""

    async def replies(self, line: Line, since: dt.datetime) -> list[Reply]:
        """Texts to our sender created at or after `since`, oldest first."""

    async def announce(self, line: Line) -> None:
        """Tell the provider where replies to our sender go."""

    async def close(self) -> None:
        """Let go of connections."""


def unpolled_since(line: Line, now_real: dt.datetime) -> dt.datetime:
    """From when to read the inbound list: two minutes before the last look, for listings show rows late."""
    return (line.polled_real or now_real) - dt.timedelta(minutes=2)


# Loaded by name so that a provider's library is imported only where it is used.
TRANSPORTS: Final = {
    "memory": "notifications.transports.memory.transport",
    "twilio": "notifications.transports.twilio.transport",
}


def transport(provider: str) -> Transport:
    """A new transport of a provider. Raises KeyError for a name that is not in TRANSPORTS."""
    made: Transport = import_module(TRANSPORTS[provider]).make()
    return made
