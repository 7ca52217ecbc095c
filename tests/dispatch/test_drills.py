"""Drill files and their people: seeded, marked, placed where people live."""

import datetime as dt
from collections import Counter
from typing import Any

import pytest

from dispatch.callouts.rules import planner
from dispatch.management import drills
from dispatch.people.actions import NewVolunteer
from notifications.ids import uuid7
from notifications.phone import is_e164

DRILL = drills.load("derna-2023")
NOW = dt.datetime.fromisoformat(DRILL["epoch"])
SKILLS = {code: uuid7() for code in DRILL["skills"]}
REGIONS = {city["region"]: uuid7() for city in drills.cities("LY")}


def people(seed: int = 1, part: int = 0, count: int = 400) -> list[NewVolunteer]:
    wanted: dict[str, Any] = DRILL["people"][part] | {"count": count}
    return list(drills.people(DRILL, wanted, seed=seed, now=NOW, skills=SKILLS, regions=REGIONS))


def test_the_same_seed_gives_the_same_people_and_another_seed_others() -> None:
    assert people(1) == people(1)
    assert people(1) != people(2)


def test_everybody_is_marked_as_synthetic_and_has_a_number_of_their_own() -> None:
    made = [*people(part=0), *people(part=1), *people(part=2, count=100)]
    assert all(person.is_synthetic for person in made)
    assert all(is_e164(person.phone) for person in made)
    assert len({person.phone for person in made}) == len(made)


def test_people_live_where_the_population_is() -> None:
    lived = Counter(person.region_id for person in people(count=5000))
    tripoli, derna = lived[REGIONS["LY-TB"]], lived[REGIONS["LY-DR"]]
    assert tripoli > 5 * derna > 0


def test_guests_of_the_other_society_are_nearer_than_most_libyans() -> None:
    lon, lat = DRILL["incident"]["lon"], DRILL["incident"]["lat"]
    guests = people(part=2, count=100)
    assert all(abs(guest.lon - lon) < 0.4 and abs(guest.lat - lat) < 0.4 for guest in guests)


def test_there_are_enough_people_for_a_bad_night() -> None:
    skilled = Counter(skill for person in people(count=5000) for skill in person.skills)
    for need in DRILL["needs"]:
        assert skilled[SKILLS[need["skill"]]] > 1.5 * planner.ASKED_PER_PLACE * need["required"]


def test_an_unknown_drill_names_those_there_are() -> None:
    with pytest.raises(drills.UnknownDrill, match="derna-2023"):
        drills.load("atlantis")
