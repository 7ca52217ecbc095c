"""The sender's database work: each function is one short transaction per society, run on a thread."""

import datetime as dt
import logging
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeVar
from uuid import UUID

from django.db import DataError, IntegrityError

from notifications import clock, doors, inbox, ledger, routes
from notifications.doors import Claim, Found
from notifications.ids import uuid7
from notifications.inbox import Reply
from notifications.ledger import Result, Seen
from notifications.models import Attempt, Message
from notifications.pace import pace
from notifications.rules import Action, Event, Outcome, State
from notifications.tenancy import society
from notifications.transports.base import Line

log = logging.getLogger(__name__)

C = TypeVar("C", Claim, Found)


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed message with all that sending it needs. lease_ends: time.monotonic()."""

    society_id: UUID
    message_id: UUID
    attempt_id: UUID
    line: Line
    to_number: str
    text: str
    valid_until: dt.datetime
    lease_ends: float


@dataclass(frozen=True, slots=True)
class Search:
    """A message of unknown outcome to look for at its provider, since its first attempt (real time)."""

    society_id: UUID
    message_id: UUID
    attempt_id: UUID
    line: Line
    to_number: str
    text: str
    since: dt.datetime
    claimed: dt.datetime


def by_society(found: Iterable[C]) -> dict[UUID, list[C]]:
    """Rows grouped by their society."""
    groups: defaultdict[UUID, list[C]] = defaultdict(list)
    for row in found:
        groups[row.society_id].append(row)
    return groups


def claim(worker: str, most: int, free: dict[UUID, int]) -> list[Job]:
    """Take up to `most` messages. The lease is counted from before the claim, so ours ends first."""
    lease, started = pace().lease, time.monotonic()
    claims = doors.claim_messages(
        worker=worker, attempts=[uuid7() for _ in range(most)], now=clock.now(), lease=lease, free=free
    )
    jobs: list[Job] = []
    for society_id, group in by_society(claims).items():
        with society(society_id):
            messages = Message.objects.in_bulk([row.message_id for row in group])
            lines = routes.lines({m.route_id for m in messages.values() if m.route_id})
        _give_back([row for row in group if messages[row.message_id].route_id not in lines])
        for row in group:
            message = messages[row.message_id]
            if message.route_id in lines:
                jobs.append(
                    Job(
                        society_id=society_id,
                        message_id=row.message_id,
                        attempt_id=row.attempt_id,
                        line=lines[message.route_id],
                        to_number=message.to_number,
                        text=message.text,
                        valid_until=message.valid_until,
                        lease_ends=started + lease.total_seconds(),
                    )
                )
    return jobs


def _give_back(claims: list[Claim]) -> None:
    """Claimed for a route that cannot be used: nothing was sent, and nobody need look for it at the provider."""
    result = Result(Event.NOT_PROCESSED, routes.UNREADABLE_TOKEN)
    for row in sorted(claims, key=lambda row: row.message_id):
        with society(row.society_id):
            ledger.record(row.message_id, row.attempt_id, result, now=clock.now())


def record(results: list[tuple[Job, Result]]) -> None:
    """Store what came of attempts, society by society."""
    groups: defaultdict[UUID, list[tuple[UUID, UUID, Result]]] = defaultdict(list)
    for job, result in results:
        groups[job.society_id].append((job.message_id, job.attempt_id, result))
    for society_id, group in groups.items():
        with society(society_id):
            ledger.record_all(group, now=clock.now())


# Nobody knows what became of it, and a person must see why.
_UNRECORDABLE: Final = Result(
    Event.LOST, "unrecordable", outcome=Outcome(Action.RECONCILE, Event.LOST, alarm=True)
)


def record_each(results: list[tuple[Job, Result]]) -> None:
    """`record` one by one: a result the database refuses makes its message unknown and holds up no other.

    If not even that can be stored, the lease runs out, which makes it unknown too.
    """
    for job, result in results:
        for stored in (result, _UNRECORDABLE):
            try:
                record([(job, stored)])
                break
            except (DataError, IntegrityError) as error:
                log.error(
                    "result of message %s refused: %s", job.message_id, str(error).strip().splitlines()[:1]
                )


def sweep() -> None:
    """Leases that ran out become unknown, lives that ran out expire, what was taken back is cancelled."""
    for society_id, lost in by_society(doors.lost_leases()).items():
        with society(society_id):
            for claim_ in sorted(lost, key=lambda row: row.message_id):
                ledger.lost(claim_.message_id, claim_.attempt_id, now=clock.now())
    # One transaction each: whoever hears of it writes the journal, whose counter must be locked last.
    for over in doors.lives_over(now=clock.now()):
        with society(over.society_id):
            ledger.expire(over.id, now=clock.now())
    for back in doors.taken_back():
        with society(back.society_id):
            ledger.take_back(back.id, now=clock.now())


def searches(most: int) -> list[Search]:
    """Messages whose outcome is unknown and whose next look is due; ours for half a minute."""
    found: list[Search] = []
    claims = doors.due_unknowns(limit=most, hold=dt.timedelta(seconds=30))
    for society_id, group in by_society(claims).items():
        with society(society_id):
            messages = Message.objects.filter(state=State.UNKNOWN).in_bulk([row.message_id for row in group])
            lines = routes.lines({m.route_id for m in messages.values() if m.route_id})
            times: defaultdict[UUID, list[dt.datetime]] = defaultdict(list)
            for attempt in Attempt.objects.filter(message_id__in=messages).order_by("number"):
                times[attempt.message_id].append(attempt.claimed_real)
        found += [
            Search(
                society_id=society_id,
                message_id=message.pk,
                attempt_id=message.attempt_id,
                line=lines[message.route_id],
                to_number=message.to_number,
                text=message.text,
                since=times[message.pk][0],
                claimed=times[message.pk][-1],
            )
            for message in messages.values()
            if message.attempt_id and message.route_id in lines
        ]
    return found


def settle(search: Search, candidates: list[Seen]) -> bool:
    """Adopt the first candidate that no row holds, or count a look in vain.

    Two messages alike may reach for one id at the same time: the later one looks at what is left.
    """
    ids = [seen.provider_id for seen in candidates]
    for left in reversed(range(1 + len(ids))):
        try:
            with society(search.society_id):
                held = ledger.held(search.line.route_id, ids)
                found = next((seen for seen in candidates if seen.provider_id not in held), None)
                return ledger.settle(search.message_id, search.attempt_id, found, now=clock.now())
        except IntegrityError:
            if not left:
                raise
    return False


def effects() -> int:
    """Try the effects that are still missing; how many came through."""
    done = 0
    for society_id, rows in by_society(doors.open_inbound()).items():
        for row in rows:
            with society(society_id):
                done += inbox.take_effect(row.id)
    return done


def lines_to_poll() -> list[Line]:
    """Routes whose list of replies is due."""
    found: list[Line] = []
    for society_id, rows in by_society(doors.routes_to_poll(pace().poll_every)).items():
        with society(society_id):
            found += routes.lines({row.id for row in rows}).values()
    return found


def store_listed(line: Line, replies: list[Reply], since: dt.datetime) -> int:
    """Store what polling found, each in a transaction of its own; how many were missing.

    Together they would hold the effects of the first while they wait for a webhook that stores the next.
    """
    stored = 0
    with society(line.society_id):
        missing = inbox.missing(replies, route_id=line.route_id)
    for reply in missing:
        with society(line.society_id):
            stored += inbox.receive(
                reply, society_id=line.society_id, route_id=line.route_id, came_by="poll", now=clock.now()
            )
    with society(line.society_id):
        routes.polled(line.route_id, since)
    return stored


def route_trouble(line: Line, code: str, *, stops: bool) -> None:
    """A route needs a person."""
    with society(line.society_id):
        ledger.alarm(line.route_id, code, stops=stops)
