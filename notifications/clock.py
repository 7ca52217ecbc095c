"""Domain time, one per process: what planner, availability, deadlines and journal call now.

Speed other than 1 exists only in an instance made to play a drill. Leases, grace periods, time-outs, sessions
and heartbeats are real time and never come from here.
"""

import datetime as dt
from dataclasses import dataclass
from functools import cache

from django.conf import settings


@dataclass(frozen=True)
class Clock:
    """Domain time runs from `epoch` at the real moment `start`, `speed` times as fast as real time."""

    start: dt.datetime
    epoch: dt.datetime
    speed: float

    def at(self, real: dt.datetime) -> dt.datetime:
        """The domain time at a real time."""
        return self.epoch + (real - self.start) * self.speed

    def real_at(self, domain: dt.datetime) -> dt.datetime:
        """The real time at a domain time."""
        return self.start + (domain - self.epoch) / self.speed


@cache
def the_clock() -> Clock:
    """The clock this process was started with (settings.CLOCK_*)."""
    return Clock(start=settings.CLOCK_START, epoch=settings.CLOCK_EPOCH, speed=settings.CLOCK_SPEED)


def real_now() -> dt.datetime:
    """Real time, aware, UTC."""
    return dt.datetime.now(dt.UTC)


def now() -> dt.datetime:
    """Domain time, aware, UTC."""
    return the_clock().at(real_now())


def to_real(span: dt.timedelta) -> dt.timedelta:
    """How long a span of domain time lasts on a wall clock."""
    return span / the_clock().speed
