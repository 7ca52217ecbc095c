"""The live feed of one process: each entry is read once and encoded once, whatever the number of open pages.

Redis only says "society S is at N"; the entries come from the journal. Every two seconds each feed looks into
the journal anyway, so a message lost between a commit and Redis, a flushed Redis or a dead one make the feed
slower and never wrong. Measured before this was built: 400,000 deliveries to 2,000 sockets take 1.8 s this
way and 68 s with one group membership per socket, and the channel layer lost half of them in silence.
"""

import asyncio
import logging
from collections.abc import Sequence
from uuid import UUID

from django.db import DatabaseError, InterfaceError

from dispatch.orgs.rules import MAY_HEAR
from realtime import frames, metrics, queries
from realtime.frames import Event, Ring
from realtime.queries import Guest, Nobody

log = logging.getLogger(__name__)

GATHER_S = 0.02  # an action often writes two entries in a row
FOLD_S = 0.15  # least time between two frames: a burst of entries is one frame
BEAT_S = 2.0
AGAIN_S = 0.5  # after a database error: a restart leaves several dead connections in the pool
LINGER_BEATS = 15  # a feed without sockets stays that long, so that a page just reloaded finds its ring
CATCH_UP = 5000  # more entries than this are not told again: the page reads everything anew
OUTBOX = 64  # frames waiting for one socket: about ten seconds of a burst

SLOW, UNABLE = 4008, 1011


class Seat:
    """One open socket's place: its outbox, and the code it is to be closed with once that is known."""

    __slots__ = ("closed", "guest", "outbox", "role")

    def __init__(self, guest: Guest) -> None:
        self.guest = guest
        self.role = guest.role
        self.outbox: asyncio.Queue[str] = asyncio.Queue(OUTBOX)
        self.closed: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def put(self, frame: str) -> None:
        """Give the socket a frame; one that cannot take any more is dropped, so that nobody waits for it."""
        try:
            self.outbox.put_nowait(frame)
        except asyncio.QueueFull:
            self.close(SLOW)

    def close(self, code: int) -> None:
        if not self.closed.done():
            self.closed.set_result(code)


class Feed:
    """One society in this process. `users` counts the sockets that sit here or are about to."""

    def __init__(self, society_id: UUID, beat_s: float) -> None:
        self.society_id = society_id
        self._beat_s = beat_s
        self.users = 0
        self.ended = False
        self.seats: set[Seat] = set()
        self.news = asyncio.Event()
        self._ring: Ring | None = None
        self._looking = asyncio.Lock()

    @property
    def upto(self) -> int:
        return self._ring.upto if self._ring else 0

    def hear(self, number: int) -> None:
        """Redis said where the society stands."""
        if number > self.upto:
            self.news.set()

    async def look(self) -> None:
        """Read what is new, remember it and hand it out."""
        async with self._looking:
            if self._ring is None:
                self._ring = Ring(await queries.run(queries.FEEDS, queries.standing, self.society_id))
            while events := await queries.run(queries.FEEDS, queries.page, self.society_id, self._ring.upto):
                self._ring.add(events)
                self._hand_out(events)
                if len(events) < queries.PAGE:
                    break

    def _hand_out(self, events: list[Event]) -> None:
        texts: dict[str, list[str]] = {}
        for seat in tuple(self.seats):
            if seat.role not in texts:
                texts[seat.role] = frames.frames(events, seat.role)
            for text in texts[seat.role]:
                seat.put(text)
        metrics.batch(events)

    async def beat(self) -> None:
        """Tell every socket where the society stands, and close those whose guest may not stay."""
        seats = tuple(self.seats)
        found = await queries.run(
            queries.FEEDS, queries.welcome, self.society_id, frozenset(s.guest for s in seats)
        )
        text = frames.heartbeat(self.upto)
        for seat in seats:
            role = found.role(seat.guest)
            if isinstance(role, Nobody):
                seat.close(role.code)
            elif not MAY_HEAR.get(role):
                seat.close(4403)
            else:
                seat.role = role
                seat.put(text)

    async def sit(self, guest: Guest, after: int | None) -> Seat:
        """A seat whose outbox begins with what came after a number, and misses nothing from then on."""
        if self._ring is None or (after is not None and after > self.upto):
            await self.look()
        assert self._ring is not None
        seat = Seat(guest)
        at = self.upto if after is None else after
        if at > self.upto or self.upto - at > CATCH_UP:
            seat.put(frames.reset(self.upto))
            at = self.upto
        while (missed := self._ring.since(at)) is None:
            events = await queries.run(queries.DOORS, queries.page, self.society_id, at)
            self._tell(seat, events)
            at = events[-1].number if events else self.upto
        # No await between reading the ring and sitting down: the next batch begins where this one ends.
        self._tell(seat, missed)
        self.seats.add(seat)
        return seat

    def _tell(self, seat: Seat, events: Sequence[Event]) -> None:
        for text in frames.frames(events, seat.role):
            seat.put(text)

    async def run(self) -> None:
        """Look on news and on every beat, until nobody has listened for a while."""
        loop = asyncio.get_running_loop()
        beat_at, sent_at, idle = loop.time() + self._beat_s, 0.0, 0
        while idle < LINGER_BEATS:
            try:
                async with asyncio.timeout_at(beat_at):
                    await self.news.wait()
                    await asyncio.sleep(max(GATHER_S, sent_at + FOLD_S - loop.time()))
            except TimeoutError:
                beat_at = loop.time() + self._beat_s
                self.news.clear()
                idle = 0 if self.users else idle + 1
                await self._try(beat=True)
            else:
                self.news.clear()
                await self._try(beat=False)
            sent_at = loop.time()

    async def _try(self, *, beat: bool) -> None:
        """A database that is away means no heartbeat, which is what the pages have to know."""
        try:
            await self.look()
            if beat:
                await self.beat()
        except (DatabaseError, InterfaceError) as error:
            log.warning("live feed: database: %s", str(error).strip().splitlines()[:1])
            await asyncio.sleep(AGAIN_S)
            self.news.set()


class Hub:
    """All feeds of this process, made when their first socket comes. beat_s: seconds between heartbeats."""

    def __init__(self, beat_s: float = BEAT_S) -> None:
        self._beat_s = beat_s
        self._feeds: dict[UUID, Feed] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def sockets(self) -> int:
        return sum(len(feed.seats) for feed in self._feeds.values())

    def standing(self) -> dict[UUID, int]:
        """Where each open feed stands."""
        return {society_id: feed.upto for society_id, feed in self._feeds.items()}

    def hear(self, society_id: UUID, number: int) -> None:
        """A society got an entry; one that nobody here listens to costs a look into a dict."""
        if feed := self._feeds.get(society_id):
            feed.hear(number)

    def look_everywhere(self) -> None:
        """Something may have been missed: look into every journal."""
        for feed in self._feeds.values():
            feed.news.set()

    async def join(self, guest: Guest, after: int | None) -> Seat:
        """A seat in the feed of the guest's society; `leave` gives it back. Raises DatabaseError."""
        feed = self._feeds.get(guest.society_id) or self._open(guest.society_id)
        feed.users += 1
        try:
            seat = await feed.sit(guest, after)
        except BaseException:
            feed.users -= 1
            raise
        if feed.ended:
            seat.close(UNABLE)
        return seat

    def leave(self, seat: Seat) -> None:
        """Give a seat back."""
        feed = self._feeds.get(seat.guest.society_id)
        if feed and seat in feed.seats:
            feed.seats.discard(seat)
            feed.users -= 1

    async def stop(self) -> None:
        """Close every feed and every socket."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _open(self, society_id: UUID) -> Feed:
        feed = self._feeds[society_id] = Feed(society_id, self._beat_s)
        task = asyncio.create_task(self._keep(feed))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return feed

    async def _keep(self, feed: Feed) -> None:
        """Run a feed. However it ends, nobody may sit in one that stands still: their pages come back by
        themselves.
        """
        try:
            await feed.run()
        except Exception:
            log.exception("a live feed ended")
            raise
        finally:
            del self._feeds[feed.society_id]
            feed.ended = True
            for seat in feed.seats:
                seat.close(UNABLE)
