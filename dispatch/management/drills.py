"""Drill files and the synthetic people they are played with: seeded, marked, and nobody who exists."""

import datetime as dt
import json
import math
import random
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from django.conf import settings

from dispatch.people.actions import NewVolunteer
from dispatch.people.models import ALL_WEEK

KM_PER_DEGREE = 111.32
DAY_ONLY = ("0" * 7 + "1" * 15 + "0" * 2) * 7  # 07:00 to 22:00, every day


class UnknownDrill(LookupError):
    """There is no drill file of that name."""


def load(name: str) -> dict[str, Any]:
    """The drill's file (fixtures/drills/NAME.json explains itself); raises UnknownDrill with the names there are."""
    folder = settings.FIXTURES / "drills"
    file = folder / f"{name}.json"
    if not file.is_file():
        known = ", ".join(sorted(path.stem for path in folder.glob("*.json")))
        raise UnknownDrill(f"There is no drill {name!r}. There are: {known}.")
    drill: dict[str, Any] = json.loads(file.read_text())
    return drill


def cities(country: str) -> list[dict[str, Any]]:
    """The country's cities with id, region code, lon, lat and population (fixtures/cities.json)."""
    rows = json.loads((settings.FIXTURES / "cities.json").read_text())["cities"]
    return [row for row in rows if row["country"] == country and row["population"] > 0]


def people(
    drill: Mapping[str, Any],
    part: Mapping[str, Any],
    *,
    seed: int,
    now: dt.datetime,
    skills: Mapping[str, UUID],
    regions: Mapping[str, UUID],
) -> Iterator[NewVolunteer]:
    """The synthetic volunteers of one part of a drill: by city population, or around a point (`near`).

    The same seed gives the same people. `skills` and `regions` give ids by code.
    """
    rng = random.Random(f"{drill['name']}:{part['society']}:{part.get('first_number', 0)}:{seed}")
    names = json.loads((settings.FIXTURES / "names.json").read_text())
    places = cities(part["country"]) if "country" in part else []
    weights = [place["population"] for place in places]
    numbers = rng.sample(range(10**7), part["count"])
    for index in range(part["count"]):
        place = rng.choices(places, weights)[0] if places else None
        lon, lat = (place["lon"], place["lat"]) if place else part["near"]
        lon, lat = scatter(rng, lon, lat, part["spread_km"])
        yield NewVolunteer(
            **_name(rng, names),
            phone=part["phone"].format(
                operator=part["operators"][index % len(part["operators"])],
                number=part.get("first_number", 0) + numbers[index],
            ),
            birth_date=_birth_date(rng, drill, now),
            lon=lon,
            lat=lat,
            language="en" if rng.random() < drill["english_share"] else "ar",
            region_id=regions.get(place["region"]) if place else None,
            weekly_hours=DAY_ONLY if rng.random() < drill["day_only_share"] else ALL_WEEK,
            is_synthetic=True,
            skills=_skills(rng, drill, now, skills),
        )


def scatter(rng: random.Random, lon: float, lat: float, spread_km: float) -> tuple[float, float]:
    """A point around another, the distance exponential with mean `spread_km` / 2 and never above `spread_km`."""
    distance = min(rng.expovariate(2 / spread_km), spread_km) / KM_PER_DEGREE
    angle = rng.uniform(0, 2 * math.pi)
    return lon + distance * math.cos(angle) / math.cos(math.radians(lat)), lat + distance * math.sin(angle)


def _name(rng: random.Random, names: Mapping[str, list[list[str]]]) -> dict[str, str]:
    gender = rng.choice("mf")
    given = rng.choice(names["male" if gender == "m" else "female"])
    family = rng.choice(names["family"])
    return {
        "given_name": given[0],
        "family_name": family[0],
        "latin_name": f"{given[1]} {family[1]}",
        "gender": gender,
    }


def _birth_date(rng: random.Random, drill: Mapping[str, Any], now: dt.datetime) -> dt.date:
    years = rng.uniform(15, 17.9) if rng.random() < drill["under_18_share"] else rng.triangular(18.1, 64, 26)
    return (now - dt.timedelta(days=years * 365.25)).date()


def _skills(
    rng: random.Random, drill: Mapping[str, Any], now: dt.datetime, skills: Mapping[str, UUID]
) -> dict[UUID, dt.datetime | None]:
    """Verified skills and when each lapses; some have lapsed, some lapse within the month."""
    held: dict[UUID, dt.datetime | None] = {}
    for code, share in drill["skills"].items():
        if rng.random() < share:
            fate = rng.random()
            if fate < drill["lapsed_share"]:
                days = -rng.uniform(1, 300)
            elif fate < drill["lapsed_share"] + drill["lapsing_share"]:
                days = rng.uniform(1, 30)
            else:
                days = rng.uniform(60, 900)
            held[skills[code]] = now + dt.timedelta(days=days)
    return held
