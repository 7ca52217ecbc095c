"""What travels on the live feed, as JSON texts; pure.

A frame is {"from": 7, "upto": 9, "events": [{"number", "kind", "subject", "at", "data"}]}: everything that
happened from number 7 up to 9, of which the reader sees `events`. What their role may not hear counts in
`upto` all the same, so a page has missed something exactly when `from` is above its own last `upto` + 1.
"""

import datetime as dt
import json
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from dispatch.orgs.rules import may_hear

RING = 2000  # entries a feed remembers; about 0.6 MB
FRAME = 500  # entries in one frame at most


@dataclass(frozen=True, slots=True)
class Event:
    """One journal entry, encoded once for all its readers."""

    number: int
    kind: str
    at: dt.datetime
    body: str


def event(row: Mapping[str, Any]) -> Event:
    """A row of journal.queries.entries as an event; `data` is what is new. Ids and states only, as in the
    journal.
    """
    body = {
        "number": row["number"],
        "kind": row["kind"],
        "subject": row["subject_id"],
        "at": row["at"],
        "data": row["new"],
    }
    text = json.dumps(body, cls=DjangoJSONEncoder, ensure_ascii=False, separators=(",", ":"))
    return Event(row["number"], row["kind"], row["at"], text)


def heartbeat(upto: int) -> str:
    """The society stands at `upto`."""
    return f'{{"upto":{upto}}}'


def reset(upto: int) -> str:
    """Too much was missed to tell it: read everything again, and count on from `upto`."""
    return f'{{"reset":true,"upto":{upto}}}'


def frames(events: Sequence[Event], role: str) -> list[str]:
    """What a role is sent about some consecutive entries; a frame even when it may hear none of them."""
    texts = []
    for start in range(0, len(events), FRAME):
        part = events[start : start + FRAME]
        heard = ",".join(e.body for e in part if may_hear(role, e.kind))
        texts.append(f'{{"from":{part[0].number},"upto":{part[-1].number},"events":[{heard}]}}')
    return texts


class Ring:
    """The newest entries of a society, in order and without gaps; ends at `upto`."""

    def __init__(self, upto: int, size: int = RING) -> None:
        self.upto = upto
        self._events: deque[Event] = deque(maxlen=size)

    def add(self, events: Iterable[Event]) -> None:
        """Append entries that follow `upto`."""
        for one in events:
            self._events.append(one)
            self.upto = one.number

    def since(self, number: int) -> list[Event] | None:
        """The entries above `number`, or None when the ring does not reach back that far."""
        if number >= self.upto:
            return []
        if not self._events or self._events[0].number > number + 1:
            return None
        return list(self._events)[number + 1 - self._events[0].number :]
