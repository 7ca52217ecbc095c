"""How many requests each route may have at once: grows while all is well, halves when told to stop."""

import random
import time
from dataclasses import dataclass
from uuid import UUID

from notifications import rules
from notifications.rules import Action, Outcome

# One wave of "too many" is one message to slow down, however many requests it hit.
ONE_WAVE = 1.0
# So many failures in a row are the provider's trouble, not a few messages' bad luck.
IN_A_ROW = 5


@dataclass
class Lane:
    """One route in this process. Times are time.monotonic() seconds."""

    most: int
    limit: float
    in_flight: int = 0
    troubles: int = 0
    slowed_at: float = float("-inf")
    paused_until: float = float("-inf")

    def free(self) -> int:
        """Requests that may begin now."""
        return 0 if time.monotonic() < self.paused_until else max(0, int(self.limit) - self.in_flight)

    def went_through(self) -> None:
        """The provider took a message."""
        self.troubles = 0
        self.limit = rules.faster(self.limit, self.most)

    def trouble(self, outcome: Outcome) -> None:
        """The provider took none: halve what it may get at once, and pause when nothing goes through at all.

        An outcome that is about this one message changes nothing.
        """
        if outcome.action not in _PROVIDERS_TROUBLE:
            return
        self.troubles += 1
        now = time.monotonic()
        crowded = outcome.action in (Action.AGAIN, Action.SLOW_DOWN, Action.CAPPED)
        if (crowded or self.troubles >= IN_A_ROW) and now - self.slowed_at >= ONE_WAVE:
            self.limit, self.slowed_at = rules.slower(self.limit), now
        if self.troubles >= IN_A_ROW or outcome.stops:
            wait = rules.backoff(self.troubles - IN_A_ROW + 1, random.random(), first=0.2, most=5.0)
            self.paused_until = now + wait.total_seconds()


_PROVIDERS_TROUBLE = (Action.AGAIN, Action.SLOW_DOWN, Action.CAPPED, Action.STOP_SENDER, Action.RECONCILE)


class Lanes:
    """The lanes of this process."""

    def __init__(self) -> None:
        self._lanes: dict[UUID, Lane] = {}

    def lane(self, route_id: UUID, most: int) -> Lane:
        """The lane of a route, made when first seen; it starts with 8, as a claim gives an unknown route."""
        lane = self._lanes.setdefault(route_id, Lane(most, float(min(8, most))))
        lane.most = most
        return lane

    def free(self) -> dict[UUID, int]:
        """What a claim may take for each route seen so far."""
        return {route_id: lane.free() for route_id, lane in self._lanes.items()}
