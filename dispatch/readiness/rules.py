"""Readiness without a database: what is enough, what a crew is, how many crews a region can form.

Distances are straight lines and the speed is the same everywhere: times are a first guess, and pages say so.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Final

CRITICAL: Final = 0.7  # below this share of the target a gap is critical
BANDS: Final = (30, 60, 120)  # minutes to the region's largest city
SPEED_KMH: Final = 50

# Who may fill a place in a crew: everybody of these specialties, or with one of these skills.
ROLES: Final[Mapping[str, tuple[frozenset[str], frozenset[str]]]] = {
    "rescuer": (frozenset({"search-and-rescue"}), frozenset()),
    "medic": (frozenset({"medical"}), frozenset()),
    "leader": (frozenset(), frozenset({"coordination"})),
    "driver": (frozenset(), frozenset({"ambulance-driver", "lorry-driver", "off-road-driver"})),
    "data": (frozenset({"data-remote"}), frozenset()),
    "logistics": (frozenset({"logistics"}), frozenset()),
    "shelter": (frozenset({"shelter"}), frozenset()),
}

CREWS: Final[Mapping[str, Mapping[str, int]]] = {
    "rescue": {"rescuer": 6, "medic": 1, "leader": 1},
    "medical": {"medic": 4, "driver": 1, "data": 1},
    "relief": {"logistics": 8, "shelter": 2},
}

# People of each specialty proposed for a region of 100,000; ours, to start from until a manager sets targets.
PER_100_000: Final[Mapping[str, int]] = {
    "search-and-rescue": 24,
    "medical": 18,
    "logistics": 16,
    "water": 4,
    "shelter": 6,
    "psychosocial": 6,
    "data-remote": 8,
}
STEP: Final = 2


def status(ready: int, target: int) -> str:
    """ok | low (70 to 99 % of the target) | crit (less); a target of 0 is always met."""
    if ready >= target:
        return "ok"
    return "crit" if ready < CRITICAL * target else "low"


def reach_m(minutes: int) -> float:
    """How far away somebody may live to be there in time, in metres."""
    return minutes / 60 * SPEED_KMH * 1000


def proposed_target(specialty: str, population: int) -> int:
    """A target to start from, by the region's inhabitants: growing with their square root, in steps of 2.

    A disaster strikes a part of a large region and the whole of a small one, so ten times the people get
    about three times the target. One step where nobody is known to live. A specialty without a rate: 0.
    """
    wanted = PER_100_000.get(specialty, 0) * math.sqrt(population / 100_000)
    return 0 if specialty not in PER_100_000 else max(STEP, math.ceil(wanted / STEP) * STEP)


def role_bits(skill: str, specialty: str) -> int:
    """The places in a crew that a skill of a specialty can fill, one bit each in the order of ROLES."""
    return sum(
        1 << i for i, (fields, codes) in enumerate(ROLES.values()) if specialty in fields or skill in codes
    )


def _able(people: Mapping[int, int]) -> list[int]:
    """For every set of places 1, 2, ... (as bits): how many people can fill at least one of them."""
    everything = (1 << len(ROLES)) - 1
    only = [0] * (everything + 1)  # people whose places all lie inside a set
    for mask, number in people.items():
        only[mask] += number
    for bit in range(len(ROLES)):
        for chosen in range(everything + 1):
            if chosen >> bit & 1:
                only[chosen] += only[chosen ^ 1 << bit]
    return [only[everything] - only[everything ^ chosen] for chosen in range(1, everything + 1)]


_WANTED: Final[Mapping[str, list[int]]] = {
    kind: [
        sum(number for bit, role in enumerate(ROLES) if chosen >> bit & 1 for number in (crew.get(role, 0),))
        for chosen in range(1, 1 << len(ROLES))
    ]
    for kind, crew in CREWS.items()
}


def crews(people: Mapping[int, int]) -> dict[str, int]:
    """How many crews of each kind `people` can form, nobody in two: {kind: crews}.

    `people` counts persons by the places they can fill (role_bits). One crew of each kind in turn, until none
    more fits. Whether crews fit is Hall's condition: for every set of places, no more are wanted than there
    are people who can fill any of them; so it is exact, also for people with many skills.
    """
    slack = _able(people)
    wanted = _WANTED
    formed = dict.fromkeys(CREWS, 0)
    growing = list(CREWS)
    while growing:
        together = [sum(wanted[kind][i] for kind in growing) for i in range(len(slack))]
        rounds = min(left // want for left, want in zip(slack, together, strict=True) if want)
        for kind in growing:
            formed[kind] += rounds
        slack = [left - rounds * want for left, want in zip(slack, together, strict=True)]
        for kind in list(growing):
            if all(left >= want for left, want in zip(slack, wanted[kind], strict=True)):
                formed[kind] += 1
                slack = [left - want for left, want in zip(slack, wanted[kind], strict=True)]
            else:
                growing.remove(kind)
    return formed


def remedy(*, waiting: int, lapsed: int, away: int) -> tuple[str, int]:
    """The one thing to do about a gap, quickest first, and for how many people: (code, number).

    verify: claims wait for somebody to see the proof. renew: certificates ended in the last 30 days.
    ask_branch: people who have the skill and are away now (0: there are none to ask for).
    """
    for code, number in (("verify", waiting), ("renew", lapsed)):
        if number:
            return code, number
    return "ask_branch", away


def worst_first(gaps: Iterable[tuple[int, int]]) -> list[int]:
    """The order of gaps (ready, target): smallest share first, among equals the one that lacks most."""
    listed = list(gaps)
    return sorted(
        range(len(listed)), key=lambda i: (listed[i][0] / listed[i][1], listed[i][0] - listed[i][1])
    )
