"""What is enough, what a crew is, and how many there can be."""

from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.readiness import rules

BIT = {role: 1 << i for i, role in enumerate(rules.ROLES)}


@pytest.mark.parametrize(
    ("ready", "target", "status"),
    [
        (48, 48, "ok"),
        (60, 48, "ok"),
        (0, 0, "ok"),
        (47, 48, "low"),
        (7, 10, "low"),
        (6, 10, "crit"),
        (0, 1, "crit"),
    ],
)
def test_a_cell_is_met_low_or_critical(ready: int, target: int, status: str) -> None:
    assert rules.status(ready, target) == status


def test_six_rescuers_a_medic_and_a_leader_are_one_rescue_crew() -> None:
    assert rules.crews({BIT["rescuer"]: 6, BIT["medic"]: 1, BIT["leader"]: 1})["rescue"] == 1


def test_a_medic_who_can_lead_fills_one_of_the_two_places() -> None:
    both = BIT["medic"] | BIT["leader"]
    assert rules.crews({BIT["rescuer"]: 6, both: 1})["rescue"] == 0
    assert rules.crews({BIT["rescuer"]: 6, both: 2})["rescue"] == 1


def test_crews_of_each_kind_are_formed_in_turn() -> None:
    people = {BIT["rescuer"]: 12, BIT["medic"]: 6, BIT["leader"]: 2, BIT["driver"]: 1, BIT["data"]: 1}
    assert rules.crews(people) == {"rescue": 2, "medical": 1, "relief": 0}


def can_fill(people: dict[int, int], formed: dict[str, int]) -> bool:
    """Whether people can be seated in these crews, one by one with augmenting paths."""
    places = [
        BIT[role]
        for kind, number in formed.items()
        for role, wanted in rules.CREWS[kind].items()
        for _ in range(wanted * number)
    ]
    persons = list(chain.from_iterable([mask] * number for mask, number in people.items()))
    seat: dict[int, int] = {}

    def find(place: int, seen: set[int]) -> bool:
        for person, mask in enumerate(persons):
            if mask & places[place] and person not in seen:
                seen.add(person)
                if person not in seat or find(seat[person], seen):
                    seat[person] = place
                    return True
        return False

    return all(find(place, set()) for place in range(len(places)))


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.integers(0, (1 << len(rules.ROLES)) - 1), st.integers(1, 9), max_size=8))
def test_every_crew_can_be_seated_and_none_more_could(people: dict[int, int]) -> None:
    formed = rules.crews(people)
    assert can_fill(people, formed)
    assert not any(can_fill(people, formed | {kind: formed[kind] + 1}) for kind in rules.CREWS)


def test_ten_times_the_people_get_about_three_times_the_target() -> None:
    small, large = (rules.proposed_target("medical", n) for n in (100_000, 1_000_000))
    assert (small, large) == (18, 58)


def test_a_region_without_known_people_still_gets_a_target() -> None:
    assert rules.proposed_target("shelter", 0) == rules.STEP


def test_half_an_hour_reaches_twenty_five_kilometres() -> None:
    assert rules.reach_m(30) == 25_000


def test_the_quickest_remedy_comes_first() -> None:
    assert rules.remedy(waiting=2, lapsed=9, away=5) == ("verify", 2)
    assert rules.remedy(waiting=0, lapsed=9, away=5) == ("renew", 9)
    assert rules.remedy(waiting=0, lapsed=0, away=0) == ("ask_branch", 0)


def test_the_smallest_share_is_the_worst_gap() -> None:
    assert rules.worst_first([(22, 24), (3, 8), (11, 24), (6, 16)]) == [3, 1, 2, 0]
