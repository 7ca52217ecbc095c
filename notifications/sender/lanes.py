"""How many requests each route may have at once: grows while all is well, halves when told to stop."""

import random
import time
from dataclasses import dataclass
from uuid import UUID

from notifications import rules
from notifications.rules import Action, Outcome


@dataclass
class Lane:
    """One route in this process. Times are time.monotonic() seconds."""

    most: int
    limit: float
    in_flight: int = 0
    troubles: int = 0
    paused_until: float = 0.0

    def free(self) -> int:
        """Requests that may begin now."""
        return 0 if time.monotonic() < self.paused_until else max(0, int(self.limit) - self.in_flight)

    def went_through(self) -> None:
        """The provider took a message."""
        self.troubles = 0
        self.limit = rules.faster(self.limit, self.most)

    def trouble(self, outcome: Outcome) -> None:
        """The provider took none: fewer at once, and a pause, unless it is about this one message."""
        if outcome.action not in (
            Action.AGAIN,
            Action.SLOW_DOWN,
            Action.CAPPED,
            Action.STOP_SENDER,
            Action.RECONCILE,
        ):
            return
        self.limit = rules.slower(self.limit)
        if outcome.action is not Action.RECONCILE:
            self.troubles += 1
            wait = rules.backoff(self.troubles, random.random(), first=0.1, most=5.0)
            self.paused_until = time.monotonic() + wait.total_seconds()


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
