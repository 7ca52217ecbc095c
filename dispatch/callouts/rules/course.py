"""How a call-out fills from here on, if nobody else is asked: expected places and a band around them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from dispatch.callouts.rules import planner

STEPS = 12
BAND_SD = 1.28  # eight of ten courses lie inside


@dataclass(frozen=True)
class Step:
    """Places filled so many minutes from now: expected, and the band eight of ten courses stay in."""

    minutes: float
    likely: float
    low: float
    high: float


def need_chance(standing: planner.Standing) -> float:
    """The probability that a need fills by its horizon if nobody else is asked."""
    places = standing.required - standing.filled
    p = planner.acceptance(standing)
    horizon = max(standing.horizon, planner.SHORTEST_HORIZON_MIN)
    return planner.tail([planner.still_comes(p, age, horizon) for age in standing.ages], places)


def with_more(standing: planner.Standing, more: int) -> float:
    """The same with `more` people asked now."""
    places = standing.required - standing.filled
    p = planner.acceptance(standing)
    horizon = max(standing.horizon, planner.SHORTEST_HORIZON_MIN)
    chances = [planner.still_comes(p, age, horizon) for age in standing.ages]
    return planner.tail([*chances, *[planner.still_comes(p, 0.0, horizon)] * more], places)


def course(standings: Sequence[planner.Standing], minutes: float) -> list[Step]:
    """The forecast of all needs over the next `minutes`; a need counts no further than its places."""
    steps = []
    for i in range(STEPS + 1):
        at = minutes * i / STEPS
        parts = [_filled(standing, at) for standing in standings]
        steps.append(Step(at, sum(p[0] for p in parts), sum(p[1] for p in parts), sum(p[2] for p in parts)))
    return steps


def _filled(standing: planner.Standing, at: float) -> tuple[float, float, float]:
    p = planner.acceptance(standing)
    chances = [planner.still_comes(p, age, at) for age in standing.ages] if at > 0 else []
    mean, spread = sum(chances), BAND_SD * math.sqrt(sum(q * (1 - q) for q in chances))
    least, most = standing.filled, standing.required

    def within(value: float) -> float:
        return min(max(value, least), most)

    return within(least + mean), within(least + mean - spread), within(least + mean + spread)
