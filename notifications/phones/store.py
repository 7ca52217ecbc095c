"""What the carrier knows: its messages, its numbers, who opted out. In memory; one process, one thread."""

import uuid
from bisect import bisect_left
from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from notifications.phones.reading import parts

OUTBOUND, INBOUND = "outbound-api", "inbound"


@dataclass(slots=True)
class Post:
    """One webhook, as it went: `outcome` is the HTTP status, or why there is none."""

    kind: str
    """status, inbound or fallback."""
    status: str
    url: str
    outcome: str = "waiting"
    at: datetime | None = None


@dataclass(slots=True)
class Message:
    seq: int
    sid: str
    account: str
    direction: str
    sender: str | None
    to: str
    body: str
    created: datetime
    status: str
    key: str
    """Names its dice: the account, number, text and how often they were seen before."""
    callback: str | None = None
    attempt: str | None = None
    service: str | None = None
    validity: int = 36000
    answered: str = "201"
    """How the POST that made it ended: 201, 500, dropped or hung."""
    error_code: int | None = None
    sent: datetime | None = None
    updated: datetime | None = None
    history: list[tuple[str, datetime, int | None]] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    to_post: deque[Post] = field(default_factory=deque)
    held: Post | None = None
    replies: list[str] = field(default_factory=list)
    in_reply_to: str | None = None
    redacted: bool = False
    deleted: bool = False

    @property
    def parts(self) -> int:
        return parts(self.body)


@dataclass(slots=True)
class Number:
    """A number of the carrier's own, rented by one account."""

    sid: str
    account: str
    phone_number: str
    created: datetime
    updated: datetime
    fields: dict[str, str] = field(default_factory=dict)
    """The settable fields of Twilio's IncomingPhoneNumber, by their names in its JSON."""


class Store:
    def __init__(self) -> None:
        self.numbers: dict[str, Number] = {}
        self.forget_messages()

    def forget_messages(self) -> None:
        self.messages: list[Message] = []
        self.by_sid: dict[str, Message] = {}
        self.opted_out: set[tuple[str, str]] = set()
        self.tries: Counter[tuple[str, ...]] = Counter()
        self.accepted: Counter[str] = Counter()
        self._index: defaultdict[tuple[str, ...], list[Message]] = defaultdict(list)

    def add(self, **fields: Any) -> Message:
        """A new message; the sid is random, since a restarted carrier must never give a sid twice."""
        message = Message(seq=len(self.messages), sid="SM" + uuid.uuid4().hex, **fields)
        message.updated = message.created
        message.history.append((message.status, message.created, None))
        self.messages.append(message)
        self.by_sid[message.sid] = message
        self._index[message.account,].append(message)
        self._index[message.account, "to", message.to].append(message)
        if message.sender:
            self._index[message.account, "from", message.sender].append(message)
        if message.direction == OUTBOUND:
            self.accepted[message.account] += 1
        return message

    def sent_by(self, message: Message, sender: str) -> None:
        """A messaging service chose its sender."""
        message.sender = sender
        place = self._index[message.account, "from", sender]
        place.insert(bisect_left(place, message.seq, key=lambda m: m.seq), message)

    def newest_first(
        self, account: str, to: str | None, sender: str | None, before: int | None
    ) -> Iterator[Message]:
        """Messages of an account older than `before`, by the narrower of the indexes."""
        choices: list[tuple[str, ...]] = [(account,)]
        choices += [(account, "to", to)] if to else []
        choices += [(account, "from", sender)] if sender else []
        found = min((self._index.get(choice, []) for choice in choices), key=len)
        end = len(found) if before is None else bisect_left(found, before, key=lambda m: m.seq)
        for place in range(end - 1, -1, -1):
            message = found[place]
            wanted = (to is None or message.to == to) and (sender is None or message.sender == sender)
            if wanted and not message.deleted:
                yield message

    def numbers_of(self, account: str) -> list[Number]:
        return [number for number in self.numbers.values() if number.account == account]

    def next_try(self, account: str, to: str, body: str) -> str:
        """The key of the next attempt at this text to this number."""
        self.tries[account, to, body] += 1
        return "\x1f".join((account, to, body, str(self.tries[account, to, body])))
