"""Whom to ask next: enough, and no more."""

import math
import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.callouts.rules.planner import ASKED_PER_PLACE, Standing, acceptance, decide, still_comes, tail

START = Standing(required=10, filled=0, ages=(), yes=0, no=0, asked=0, horizon=60.0, night=False)


def test_the_tail_is_the_binomial_tail_for_equal_people() -> None:
    exact = sum(math.comb(40, k) * 0.3**k * 0.7 ** (40 - k) for k in range(10, 41))
    assert tail([0.3] * 40, 10) == pytest.approx(exact)


def test_the_tail_agrees_with_drawing_lots_for_unequal_people() -> None:
    rng = random.Random(7)
    chances = [rng.random() for _ in range(25)]
    drawn = sum(sum(rng.random() < q for q in chances) >= 13 for _ in range(20_000)) / 20_000
    assert tail(chances, 13) == pytest.approx(drawn, abs=0.015)


def test_just_enough_are_asked() -> None:
    decision = decide(START, confidence=0.9, available=1000)
    fresh = still_comes(decision.acceptance, 0, 60)
    assert tail([fresh] * decision.ask, 10) >= 0.9 > tail([fresh] * (decision.ask - 1), 10)


def test_more_are_asked_at_night_than_by_day() -> None:
    night = decide(replace(START, night=True), confidence=0.9, available=1000)
    assert night.ask > 1.5 * decide(START, confidence=0.9, available=1000).ask


def test_those_who_were_just_asked_are_waited_for() -> None:
    first = decide(START, confidence=0.9, available=1000).ask
    waiting = replace(START, ages=(0.0,) * first, asked=first)
    decision = decide(waiting, confidence=0.9, available=1000)
    assert (decision.ask, decision.reason["code"]) == (0, "likely")


def test_long_silence_asks_for_more() -> None:
    first = decide(START, confidence=0.9, available=1000).ask
    silent = replace(START, ages=(30.0,) * first, asked=first, horizon=30.0)
    assert decide(silent, confidence=0.9, available=1000).ask > 0


def test_many_refusals_lower_the_rate_that_is_counted_with() -> None:
    assert acceptance(replace(START, no=60)) < 0.5 * acceptance(START)


def test_a_full_need_asks_nobody() -> None:
    assert decide(replace(START, filled=10), confidence=0.9, available=1000).ask == 0


def test_never_more_than_twenty_a_place() -> None:
    hopeless = replace(START, no=190, asked=195)
    assert decide(hopeless, confidence=0.99, available=1000).ask == ASKED_PER_PLACE * 10 - 195


def test_when_nobody_is_left_it_says_so() -> None:
    assert decide(START, confidence=0.9, available=0).reason["code"] == "nobody_left"


@given(p=st.floats(0.01, 0.99), age=st.floats(0, 600), more=st.floats(0.1, 600), horizon=st.floats(1, 240))
def test_the_longer_the_silence_the_smaller_the_hope(
    p: float, age: float, more: float, horizon: float
) -> None:
    now, later = still_comes(p, age, horizon), still_comes(p, age + 60 + more, horizon)
    assert 0 <= later <= 1
    assert later <= now + 1e-9 or age < 6
