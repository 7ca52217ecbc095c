"""Whom to ask next: as many as make the need fill with the wished probability, nearest first, and no more.

Sources: POLICY 2, 4 and 5 (conditional acceptance of the silent, Poisson-binomial tail, order-up-to rule). The
acceptance rate is one per call-out, shrunk to what is known of the hour and channel; learned rates per person,
tonight's shared effect and several skills per person are a later step behind this same interface.
"""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

# Reply delay after delivery: log-normal, median 6 min, sigma 1.2; 30 % of those who will not come say so.
DELAY_MEDIAN_MIN, DELAY_SIGMA = 6.0, 1.2
SAYS_NO = 0.3
# Mean acceptance of a text by day and by night, and how many people that knowledge is worth.
ACCEPTANCE = {"day": 0.35, "night": 0.16}
PRIOR_PEOPLE = 20.0
ASKED_PER_PLACE = 20
RECEIPT_WITHIN = dt.timedelta(minutes=15)
SHORTEST_HORIZON_MIN = 20.0


# Reasons to ask nobody although the chance is too small.
OUT_OF_PEOPLE = frozenset({"nobody_left", "asked_enough"})


@dataclass(frozen=True)
class Standing:
    """How a need stands. `ages` are minutes since each silent person was asked; `horizon` minutes left to fill."""

    required: int
    filled: int
    ages: tuple[float, ...]
    yes: int
    no: int
    asked: int
    horizon: float
    night: bool


@dataclass(frozen=True)
class Decision:
    """What to do now: ask `ask` more people. `chance` is the probability to fill if nobody else is asked,
    `after` with them; `reason` is a code with arguments, worded where it is shown."""

    ask: int
    chance: float
    after: float
    acceptance: float
    reason: dict[str, Any]


def waited(delivered: dt.datetime | None, asked: dt.datetime, now: dt.datetime) -> float:
    """Minutes in which somebody could have answered: from delivery (POLICY 2), or when no receipt comes, from late."""
    start = delivered or min(asked + RECEIPT_WITHIN, now)
    return max((now - start).total_seconds() / 60, 0.0)


def delay_cdf(minutes: float) -> float:
    """The share of replies that have come after so many minutes."""
    if minutes <= 0:
        return 0.0
    return 0.5 * (1 + math.erf(math.log(minutes / DELAY_MEDIAN_MIN) / (DELAY_SIGMA * math.sqrt(2))))


def acceptance(standing: Standing) -> float:
    """The share that says yes: what is known of the hour, moved by what this call-out has seen."""
    prior = ACCEPTANCE["night" if standing.night else "day"]
    heard = sum(delay_cdf(age) for age in standing.ages)
    seen = standing.yes + standing.no + heard
    return (prior * PRIOR_PEOPLE + standing.yes) / (PRIOR_PEOPLE + seen)


def still_comes(p: float, age: float, horizon: float) -> float:
    """The probability that somebody silent for `age` minutes says yes within `horizon` more (POLICY 2)."""
    heard = delay_cdf(age)
    return p * (delay_cdf(age + horizon) - heard) / (1 - p * heard - (1 - p) * SAYS_NO * heard)


def tail(chances: Sequence[float], places: int) -> float:
    """P(at least `places` of these independent people come), by the O(n x places) recursion."""
    if places <= 0:
        return 1.0
    short = [1.0] + [0.0] * (places - 1)  # short[j] = P(exactly j so far), j < places
    for q in chances:
        for j in range(places - 1, 0, -1):
            short[j] += q * (short[j - 1] - short[j])
        short[0] *= 1 - q
    return min(1.0, max(0.0, 1.0 - sum(short)))


def decide(standing: Standing, *, confidence: float, available: int) -> Decision:
    """How many more to ask so that the need fills with probability `confidence`; `available` people are left."""
    places = standing.required - standing.filled
    if places <= 0:
        return Decision(0, 1.0, 1.0, 0.0, {"code": "full"})
    p = acceptance(standing)
    horizon = max(standing.horizon, SHORTEST_HORIZON_MIN)
    chances = [still_comes(p, age, horizon) for age in standing.ages]
    chance = tail(chances, places)
    room = max(0, min(available, ASKED_PER_PLACE * standing.required - standing.asked))
    fresh = still_comes(p, 0.0, horizon)
    ask, after = _ask_up_to(chances, places, fresh, confidence, room)
    if ask == 0:
        code = "likely" if chance >= confidence else "nobody_left" if available == 0 else "asked_enough"
        return Decision(0, chance, chance, p, {"code": code, "open": places, "chance": round(chance, 3)})
    reason = {"code": "ask", "open": places, "ask": ask, "before": round(chance, 3), "after": round(after, 3)}
    return Decision(ask, chance, after, p, reason)


def _ask_up_to(
    chances: list[float], places: int, fresh: float, confidence: float, room: int
) -> tuple[int, float]:
    """The smallest number of fresh people with tail >= confidence, at most `room`; and the tail with them."""
    low, high = 0, room
    if tail(chances + [fresh] * high, places) < confidence:
        return high, tail(chances + [fresh] * high, places)
    while low < high:
        middle = (low + high) // 2
        if tail(chances + [fresh] * middle, places) >= confidence:
            high = middle
        else:
            low = middle + 1
    return low, tail(chances + [fresh] * low, places)
