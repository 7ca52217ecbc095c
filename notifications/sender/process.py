"""One sender process: claims, sends, records, reconciles, retries effects, polls; each in its own loop."""

import asyncio
import contextlib
import datetime as dt
import logging
import secrets
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from django.db import DataError, IntegrityError

from notifications import clock, rules
from notifications.ledger import Result
from notifications.pace import pace
from notifications.rules import Event
from notifications.sender import work
from notifications.sender.database import PASSING, Database
from notifications.sender.lanes import Lanes
from notifications.sender.reconcile import look
from notifications.sender.work import Job
from notifications.transports import base
from notifications.transports.base import Outgoing, Transport, TransportError
from notifications.workers import Life, new_name

log = logging.getLogger(__name__)

IDLE = 0.2  # seconds between looks into an empty outbox
MOST_AT_ONCE = 200  # claimed and not yet answered, all routes together
MOST_UNRECORDED = 400


class FenceLost(Exception):
    """Too little of the lease is left for a whole request: somebody else may soon judge this attempt."""


@dataclass
class Sender:
    """Runs until `stop` is set. transports: by provider; made when first needed."""

    name: str = field(default_factory=new_name)
    transports: dict[str, Transport] = field(default_factory=dict)
    database: Database = field(default_factory=Database)
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    lanes: Lanes = field(default_factory=Lanes)
    reachable: bool | None = None
    sending: set[asyncio.Task[None]] = field(default_factory=set)
    results: list[tuple[Job, Result]] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Until stopped; then lets requests in flight end and records them."""
        log.info("sender %s runs", self.name)
        life = Life("sender", self.name)

        async def beat() -> None:
            await self.database.run(life.beat, self.reachable)

        recorder = asyncio.create_task(self._record_until_done())
        async with asyncio.TaskGroup() as loops:
            loops.create_task(self._repeat(self._claim_once, IDLE))
            loops.create_task(self._repeat(self._sweep, 0.5))
            loops.create_task(self._repeat(self._reconcile, 0.5))
            loops.create_task(self._repeat(self._effects, 0.5))
            loops.create_task(self._repeat(self._poll, 1.0))
            loops.create_task(self._repeat(beat, 2.0))
        if self.sending:
            await asyncio.wait(self.sending, timeout=pace().fence.total_seconds())
        self.arrived.set()
        await recorder
        try:
            await self.database.run(life.leave)
        except PASSING as error:
            log.warning("no good-bye: %s", error)
        for transport in self.transports.values():
            await transport.close()
        await self.database.close()
        log.info("sender %s has stopped", self.name)

    def transport(self, provider: str) -> Transport:
        """The provider's transport in this process."""
        if provider not in self.transports:
            self.transports[provider] = base.transport(provider)
        return self.transports[provider]

    async def _repeat(self, step: Callable[[], Awaitable[object]], pause: float) -> None:
        """Do a step until stopped: at once again if it did something, after the pause if not.

        A database that is away is waited for, never the end of the process.
        """
        failures = 0
        while not self.stop.is_set():
            try:
                busy = await step()
                failures = 0
            except PASSING as error:
                failures += 1
                log.warning("database: %s", str(error).strip().splitlines()[:1])
                busy = None
            wait = 0.0 if busy else pause
            if failures:
                wait = rules.backoff(
                    failures, secrets.randbelow(100) / 100, first=0.1, most=2.0
                ).total_seconds()
            if wait:
                await self._pause(wait)

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self.stop.wait(), seconds)
        except TimeoutError:
            return

    async def _claim_once(self) -> int:
        """Claim what may be sent now and start sending it; how many."""
        room = min(MOST_AT_ONCE - len(self.sending), MOST_UNRECORDED - len(self.results))
        if room <= 0:
            await asyncio.wait(self.sending or {asyncio.create_task(asyncio.sleep(0.02))}, timeout=0.05)
            return 1
        jobs = await self.database.run(work.claim, self.name, room, self.lanes.free())
        for job in jobs:
            task = asyncio.create_task(self._send(job))
            self.sending.add(task)
            task.add_done_callback(self.sending.discard)
        if (
            not jobs and self.sending
        ):  # a full lane, most likely: its next free place comes with the next answer
            await asyncio.wait(self.sending, timeout=0.05, return_when=asyncio.FIRST_COMPLETED)
            return 1
        return len(jobs)

    async def _send(self, job: Job) -> None:
        lane = self.lanes.lane(job.line.route_id, job.line.concurrency)
        lane.in_flight += 1
        try:
            result = await self._attempt(job)
        finally:
            lane.in_flight -= 1
        if result.outcome is not None:
            lane.trouble(result.outcome)
            self.reachable = result.outcome not in (rules.RECONCILE, rules.AGAIN) or result.code == "429"
        elif not result.fenced:
            lane.went_through()
            self.reachable = True
        self.results.append((job, result))
        self.arrived.set()

    async def _attempt(self, job: Job) -> Result:
        limits = pace()

        def fence() -> None:
            left = dt.timedelta(seconds=job.lease_ends - time.monotonic())
            if not rules.may_post(left=left, pace=limits):
                raise FenceLost

        life = clock.to_real(job.valid_until - clock.now())
        outgoing = Outgoing(job.attempt_id, job.to_number, job.text, rules.validity_seconds(life))
        try:
            async with asyncio.timeout(limits.deadline.total_seconds()):
                taken = await self.transport(job.line.provider).send(job.line, outgoing, fence)
        except FenceLost:
            return Result(Event.NOT_PROCESSED, "fenced", fenced=True)
        except TimeoutError:
            return Result(Event.LOST, "timeout", outcome=rules.RECONCILE)
        except TransportError as error:
            return Result(error.outcome.event, error.code, error.detail, outcome=error.outcome)
        if not base.is_id(taken.provider_id):
            return Result(Event.LOST, "unreadable", "an id that cannot be stored", outcome=rules.RECONCILE)
        return Result(Event.ACCEPTED, provider_id=taken.provider_id, status=taken.status)

    async def _record_until_done(self) -> None:
        """Write results in batches; a database that is away is waited for, at the end for some seconds."""
        failures = 0
        while True:
            ending = self.stop.is_set() and not self.sending
            batch = self.results[:100]
            if not batch:
                if ending:
                    return
                self.arrived.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.arrived.wait(), 0.2)
                continue
            try:
                await self._record(batch)
                del self.results[: len(batch)]
                failures = 0
            except PASSING as error:
                failures += 1
                log.warning("recording again: %s", str(error).strip().splitlines()[:1])
                if ending and failures > 10:
                    log.error(
                        "%s results stay unrecorded; their leases run out and they are looked for",
                        len(self.results),
                    )
                    return
                await asyncio.sleep(min(0.1 * failures, 0.5))

    async def _record(self, batch: list[tuple[Job, Result]]) -> None:
        """Together; one by one when the database refuses what stands in one of them."""
        try:
            await self.database.run(work.record, batch)
        except (DataError, IntegrityError):
            await self.database.run(work.record_each, batch)

    async def _sweep(self) -> None:
        await self.database.run(work.sweep)

    async def _reconcile(self) -> int:
        searches = await self.database.run(work.searches, 40)
        await asyncio.gather(*(self._look(search) for search in searches))
        return len(searches)

    async def _look(self, search: work.Search) -> None:
        transport = self.transport(search.line.provider)
        if not transport.can_list:
            return  # only a receipt or a person settles it
        try:
            candidates = await look(transport, search)
        except TransportError as error:
            await self._trouble(search.line, error)
            return
        self.reachable = True
        await self.database.run(work.settle, search, candidates)

    async def _effects(self) -> int:
        return await self.database.run(work.effects)

    async def _poll(self) -> None:
        lines = await self.database.run(work.lines_to_poll)
        await asyncio.gather(*(self._poll_line(line) for line in lines))

    async def _poll_line(self, line: base.Line) -> None:
        """Replies that came while our web was away: the provider posts them once and then only lists them."""
        since = clock.real_now()
        try:
            replies = await self.transport(line.provider).replies(line, base.unpolled_since(line, since))
        except TransportError as error:
            await self._trouble(line, error)
            return
        self.reachable = True
        stored = await self.database.run(work.store_listed, line, replies, since)
        if stored:
            log.warning("%s replies were missing and came by polling, route %s", stored, line.route_id)

    async def _trouble(self, line: base.Line, error: TransportError) -> None:
        log.warning("provider %s: %s", line.provider, error)
        self.reachable = error.outcome not in (rules.RECONCILE, rules.AGAIN)
        if error.outcome.stops:
            await self.database.run(work.route_trouble, line, error.code, stops=True)


async def main() -> None:
    """Run one sender until SIGTERM or SIGINT."""
    sender = Sender()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, sender.stop.set)
    await sender.run()
