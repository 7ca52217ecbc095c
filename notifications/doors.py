"""The door functions of migration 0003: what the sending side must find before it knows the society.

Each returns ids; everything else is done under the society.
"""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection


class Claim(NamedTuple):
    """A message and the attempt its state hangs on."""

    society_id: UUID
    message_id: UUID
    attempt_id: UUID


class Found(NamedTuple):
    """A row of a society."""

    society_id: UUID
    id: UUID


def _rows(sql: str, *arguments: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, arguments)
        return list(cursor.fetchall())


def claim_messages(
    *,
    worker: str,
    attempts: Sequence[UUID],
    now: dt.datetime,
    lease: dt.timedelta,
    free: Mapping[UUID, int],
) -> list[Claim]:
    """Take due messages, one for each attempt id at most: fair between societies, then by priority.

    now: domain time, for validity. free: how many a route may get; one not named may get 8.
    """
    limits = json.dumps({str(route): most for route, most in free.items()})
    rows = _rows(
        "SELECT * FROM door.claim_messages(%s, %s, %s, %s, %s::jsonb)",
        worker,
        list(attempts),
        now,
        lease,
        limits,
    )
    return [Claim(*row) for row in rows]


def lost_leases(limit: int = 500) -> list[Claim]:
    """Messages whose sender did not come back in time."""
    return [Claim(*row) for row in _rows("SELECT * FROM door.lost_leases(%s)", limit)]


def lives_over(*, now: dt.datetime, limit: int = 500) -> list[Found]:
    """Queued messages that would come too late. now: domain time."""
    return [Found(*row) for row in _rows("SELECT * FROM door.lives_over(%s, %s)", now, limit)]


def taken_back(limit: int = 500) -> list[Found]:
    """Queued messages that were taken back while they were on their way; no claim touches them."""
    return [Found(*row) for row in _rows("SELECT * FROM door.taken_back(%s)", limit)]


def due_unknowns(*, limit: int, hold: dt.timedelta) -> list[Claim]:
    """Messages to look for at the provider; nobody else gets them for `hold`."""
    return [Claim(*row) for row in _rows("SELECT * FROM door.due_unknowns(%s, %s)", limit, hold)]


def route_of(webhook_key: str) -> Found | None:
    """The route a webhook address belongs to."""
    rows = _rows("SELECT * FROM door.route_of(%s)", webhook_key)
    return Found(*rows[0]) if rows else None


def open_inbound(limit: int = 100) -> list[Found]:
    """Replies whose effect is still missing and due."""
    return [Found(*row) for row in _rows("SELECT * FROM door.open_inbound(%s)", limit)]


def routes_to_poll(every: dt.timedelta) -> list[Found]:
    """Routes whose inbound list is due for a look; nobody else gets them for `every`."""
    return [Found(*row) for row in _rows("SELECT * FROM door.routes_to_poll(%s)", every)]


def oldest_queued(now: dt.datetime) -> dt.timedelta | None:
    """Age in domain time of the oldest message nobody has taken, over all societies; None: none waits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT door.oldest_queued(%s)", [now])
        age: dt.timedelta | None = cursor.fetchone()[0]
    return age


def waiting_messages() -> dict[str, int]:
    """How many messages are queued, sending and unknown, over all societies; a state of none is left out."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT state, messages FROM door.waiting_messages()")
        return dict(cursor.fetchall())


def attempt_ends(since: dt.datetime) -> dict[str, int]:
    """How the attempts begun since a real time ended, over all societies; "" is one still under way."""
    # Ids are ordered by the millisecond they were made in (RFC 9562): the primary key finds the newest.
    first = UUID(int=int(since.timestamp() * 1000) << 80)
    with connection.cursor() as cursor:
        cursor.execute("SELECT outcome, attempts FROM door.attempt_ends(%s)", [first])
        return dict(cursor.fetchall())
