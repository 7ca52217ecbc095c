"""Reading readiness; call inside `society(id)`. Page, refreshes and JSON come from the same reads."""

import datetime as dt
import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection

from dispatch.orgs.queries import society
from dispatch.people.queries import skills
from dispatch.people.rules import week_hour
from dispatch.readiness import rules
from dispatch.readiness.models import Daily, Target
from geo import queries as geo

# One row per kind of person, not per person: region, what stops them now, how near the region's largest city
# they live, their specialties and their places in a crew as bits. A person with three skills is one person.
COUNTS = """
WITH kind AS MATERIALIZED (
  SELECT * FROM unnest(%(skills)s::uuid[], %(specialties)s::int[], %(roles)s::int[])
                AS k(skill_id, specialties, roles)
), hub AS MATERIALIZED (
  SELECT region_id, ST_MakePoint(lon, lat)::geography AS place
  FROM unnest(%(regions)s::uuid[], %(lons)s::float8[], %(lats)s::float8[]) AS h(region_id, lon, lat)
), person AS MATERIALIZED (
  SELECT c.volunteer_id, c.person_key, c.region_id,
         bit_or(k.specialties) AS specialties, bit_or(k.roles) AS roles,
         min(ST_Distance(c.location, h.place, false)) AS metres,
         bool_or(c.unavailable_until > %(now)s) IS TRUE OR bool_or(get_bit(c.hours, %(hour)s) = 0) AS away
  FROM people_callable c JOIN kind k USING (skill_id) LEFT JOIN hub h USING (region_id)
  WHERE c.society_id = %(society)s::uuid AND NOT c.opted_out AND c.adult_from <= %(today)s::date
    AND (c.expires_at IS NULL OR c.expires_at > %(now)s)
  GROUP BY c.volunteer_id, c.person_key, c.region_id
), taken AS MATERIALIZED (
  SELECT door.reserved((SELECT array_agg(person_key) FROM person)) AS person_key
)
SELECT p.region_id,
       CASE WHEN t.person_key IS NOT NULL THEN 'taken' WHEN p.away THEN 'away' ELSE 'ready' END AS state,
       (SELECT count(*) FROM unnest(%(reaches)s::float8[]) r WHERE p.metres <= r) AS bands,
       p.specialties, p.roles, count(*)
FROM person p LEFT JOIN taken t ON t.person_key = p.person_key
GROUP BY 1, 2, 3, 4, 5
"""

# Whom a manager could make ready with a look at a paper: per region and specialty, each person once.
CLAIMS = """
SELECT v.region_id, s.specialty,
       count(DISTINCT v.id) FILTER (WHERE c.state = 'claimed'),
       count(DISTINCT v.id) FILTER (WHERE c.state IN ('verified', 'lapsed')
                                AND c.expires_at > %(now)s - interval '30 days' AND c.expires_at <= %(now)s)
FROM people_skillclaim c
JOIN people_skill s ON s.id = c.skill_id
JOIN people_volunteer v ON v.society_id = c.society_id AND v.id = c.volunteer_id
WHERE c.society_id = %(society)s::uuid AND s.specialty <> '' AND v.opted_out_at IS NULL
  AND (c.state = 'claimed' OR c.expires_at <= %(now)s)
GROUP BY 1, 2
"""


@dataclass(frozen=True)
class Specialty:
    """A column of the board; names are {ar, en}."""

    code: str
    name: dict[str, str]
    icon: str


@dataclass(frozen=True)
class Ground:
    """A region, its known inhabitants and its largest city; hub: that city's (lon, lat), None without a city."""

    id: UUID
    code: str
    name: dict[str, str]
    population: int
    city: dict[str, str]
    hub: tuple[float, float] | None


@dataclass(frozen=True)
class Cell:
    """One specialty in one region: persons. `proposed`: the target is a proposal, nobody has set it."""

    specialty: Specialty
    ready: int
    taken: int
    away: int
    target: int
    proposed: bool

    @property
    def status(self) -> str:
        return rules.status(self.ready, self.target)


@dataclass(frozen=True)
class Row:
    """A region of the board. crews: {minutes: {kind: crews}}."""

    region: Ground
    cells: list[Cell]
    crews: dict[int, dict[str, int]]

    @property
    def totals(self) -> list[int]:
        """Crews of all kinds within 30, 60 and 120 minutes."""
        return [sum(self.crews[minutes].values()) for minutes in rules.BANDS]


@dataclass(frozen=True)
class Gap:
    """A cell below its target, and the one thing to do about it: see rules.remedy for code and number."""

    region: Ground
    cell: Cell
    remedy: str
    number: int


@dataclass(frozen=True)
class Board:
    """The readiness of a society at one moment of domain time.

    ready: people ready now, each once whatever they can do. homeless: people without a region, by specialty.
    gaps: worst first.
    """

    counted_at: dt.datetime
    specialties: list[Specialty]
    rows: list[Row]
    gaps: list[Gap]
    ready: int
    homeless: dict[str, int] = field(default_factory=dict)
    homeless_people: int = 0

    @property
    def target(self) -> int:
        return sum(cell.target for row in self.rows for cell in row.cells)

    @property
    def places_filled(self) -> int:
        """Places of the targets that somebody ready fills; people above a target fill none."""
        return sum(min(cell.ready, cell.target) for row in self.rows for cell in row.cells)

    @property
    def critical(self) -> int:
        return sum(gap.cell.status == "crit" for gap in self.gaps)

    @property
    def regions_affected(self) -> int:
        return len({gap.region.id for gap in self.gaps})

    @property
    def proposed(self) -> bool:
        """Whether any target is a proposal."""
        return any(cell.proposed for row in self.rows for cell in row.cells)

    @property
    def some_set(self) -> bool:
        """Whether somebody has set any target."""
        return any(not cell.proposed for row in self.rows for cell in row.cells)

    @property
    def crews(self) -> dict[str, list[int]]:
        """Crews of each kind in all regions, within 30, 60 and 120 minutes."""
        return {
            kind: [sum(row.crews[minutes][kind] for row in self.rows) for minutes in rules.BANDS]
            for kind in rules.CREWS
        }

    @property
    def crew_totals(self) -> list[int]:
        return [sum(numbers) for numbers in zip(*self.crews.values(), strict=True)]


@cache
def specialties() -> tuple[Specialty, ...]:
    """The columns of the board, in the order of fixtures/skills.json."""
    listed = json.loads((settings.FIXTURES / "skills.json").read_text())["specialties"]
    return tuple(Specialty(row["code"], row["name"], row["icon"].removeprefix("i-")) for row in listed)


def ground(country: str) -> list[Ground]:
    """The society's regions, most inhabitants first: its own where it imported any, else the shared ones."""
    regions = geo.regions(level=1, country=country)
    cities = geo.cities(country=country)
    if any(region.own for region in regions):
        at = geo.regions_at([city.location for city in cities])
    else:
        by_code = {region.code: region.id for region in regions}
        at = [by_code.get(city.region_code) for city in cities]
    inside: defaultdict[UUID | None, list[geo.CityView]] = defaultdict(list)
    for region_id, city in zip(at, cities, strict=True):
        inside[region_id].append(city)  # largest first, as geo gives them
    found = [
        Ground(
            id=region.id,
            code=region.code,
            name=region.name,
            population=sum(city.population for city in inside[region.id]),
            city=inside[region.id][0].name if inside[region.id] else {},
            hub=inside[region.id][0].location if inside[region.id] else None,
        )
        for region in regions
    ]
    return sorted(found, key=lambda region: (-region.population, region.code))


def board(*, now: dt.datetime) -> Board:
    """The whole board, counted now."""
    ours = society()
    regions = ground(ours["country"])
    counted = _count(ours, regions, now)
    targets = {(t.region_id, t.specialty): t.required for t in Target.objects.all()}
    rows = [_row(region, counted.get(region.id, _Region()), targets) for region in regions]
    outside = _Region()
    for region_id in counted.keys() - {region.id for region in regions}:
        outside.add(counted[region_id])
    return Board(
        counted_at=now,
        specialties=list(specialties()),
        rows=rows,
        gaps=_gaps(rows, _claims(ours["id"], now)),
        ready=sum(region.people for region in counted.values()),
        homeless={s.code: outside.by_state["ready"][s.code] for s in specialties()},
        homeless_people=outside.people,
    )


class _Region:
    """What was counted in one region: persons by state and specialty, and by reach and places in a crew."""

    def __init__(self) -> None:
        self.people = 0
        self.by_state: dict[str, Counter[str]] = {state: Counter() for state in ("ready", "taken", "away")}
        self.by_band: list[Counter[int]] = [Counter() for _ in rules.BANDS]

    def note(self, state: str, bands: int, fields: list[str], roles: int, number: int) -> None:
        for code in fields:
            self.by_state[state][code] += number
        if state != "ready":
            return
        self.people += number if fields else 0
        # Within 30 minutes is also within 60 and 120: `bands` says in how many of the reaches somebody lives.
        for position in range(len(rules.BANDS) - bands, len(rules.BANDS)):
            self.by_band[position][roles] += number

    def add(self, other: "_Region") -> None:
        self.people += other.people
        for state, counter in other.by_state.items():
            self.by_state[state] += counter


def _count(ours: Mapping[str, Any], regions: list[Ground], now: dt.datetime) -> dict[UUID | None, _Region]:
    """Run the one counting statement."""
    bits = {specialty.code: 1 << i for i, specialty in enumerate(specialties())}
    kinds = [
        (s["id"], bits.get(s["specialty"], 0), rules.role_bits(s["code"], s["specialty"])) for s in skills()
    ]
    kinds = [kind for kind in kinds if kind[1] or kind[2]]
    hubs = [region for region in regions if region.hub]
    arguments = {
        "society": ours["id"],
        "now": now,
        "today": now.date(),
        "hour": week_hour(now, ours["timezone"]),
        "skills": [kind[0] for kind in kinds],
        "specialties": [kind[1] for kind in kinds],
        "roles": [kind[2] for kind in kinds],
        "regions": [region.id for region in hubs],
        "lons": [region.hub[0] for region in hubs if region.hub],
        "lats": [region.hub[1] for region in hubs if region.hub],
        "reaches": [rules.reach_m(minutes) for minutes in rules.BANDS],
    }
    counted: defaultdict[UUID | None, _Region] = defaultdict(_Region)
    with connection.cursor() as cursor:
        # The estimate is high enough for PostgreSQL to compile the statement: 60 ms, for work of 25.
        cursor.execute("SET LOCAL jit = off")
        cursor.execute(COUNTS, arguments)
        for region_id, state, bands, fields, roles, number in cursor.fetchall():
            named = [code for code, bit in bits.items() if fields & bit]
            counted[region_id].note(state, bands, named, roles, number)
    return dict(counted)


def _row(region: Ground, counted: _Region, targets: Mapping[tuple[UUID, str], int]) -> Row:
    cells = [
        Cell(
            specialty=specialty,
            ready=counted.by_state["ready"][specialty.code],
            taken=counted.by_state["taken"][specialty.code],
            away=counted.by_state["away"][specialty.code],
            target=targets.get(
                (region.id, specialty.code), rules.proposed_target(specialty.code, region.population)
            ),
            proposed=(region.id, specialty.code) not in targets,
        )
        for specialty in specialties()
    ]
    # Most people live near the largest city, so that the further reaches often hold nobody more.
    formed: list[dict[str, int]] = []
    for position, reached in enumerate(counted.by_band):
        same = position > 0 and reached == counted.by_band[position - 1]
        formed.append(formed[-1] if same else rules.crews(reached))
    crews = dict(zip(rules.BANDS, formed, strict=True))
    return Row(region, cells, crews)


def _claims(society_id: UUID, now: dt.datetime) -> dict[tuple[UUID | None, str], tuple[int, int]]:
    """(waiting, lapsed) persons by region and specialty."""
    with connection.cursor() as cursor:
        cursor.execute(CLAIMS, {"society": society_id, "now": now})
        return {(region, code): (waiting, lapsed) for region, code, waiting, lapsed in cursor.fetchall()}


def _gaps(rows: list[Row], claims: Mapping[tuple[UUID | None, str], tuple[int, int]]) -> list[Gap]:
    found = []
    for row in rows:
        for cell in row.cells:
            if cell.status != "ok":
                waiting, lapsed = claims.get((row.region.id, cell.specialty.code), (0, 0))
                code, number = rules.remedy(waiting=waiting, lapsed=lapsed, away=cell.away)
                found.append(Gap(row.region, cell, code, number))
    return [found[i] for i in rules.worst_first((gap.cell.ready, gap.cell.target) for gap in found)]


def trend(*, until: dt.date, days: int = 90) -> list[dict[str, Any]]:
    """The days that were counted, oldest first: day, filled, target."""
    rows = Daily.objects.filter(day__gt=until - dt.timedelta(days=days), day__lte=until).order_by("day")
    return [dict(row) for row in rows.values("day", "filled", "target")]


def region_row(region_id: UUID, *, now: dt.datetime) -> Row | None:
    """One region of the board, or None when this society has no such region."""
    return next((row for row in board(now=now).rows if row.region.id == region_id), None)
