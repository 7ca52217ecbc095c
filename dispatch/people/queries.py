"""Reading people; call inside `society(id)`."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.gis.geos import GEOSGeometry
from django.db import connection
from django.db.models import Exists, OuterRef, Q

from dispatch.people.models import Skill, SkillClaim, Volunteer
from dispatch.people.rules import adult_from, standing, week_hour

# The inner query holds society, skill and LIMIT only, so that the GiST index walks outward from the point under
# row level security (0.4 ms); a filter inside it costs 390 ms. Every key is cast to its column's type, since a
# mismatched one silently drops the index condition. Eligibility and radius stand outside.
NEAREST = """
SELECT near.volunteer_id, near.metres, near.person_key,
       CASE
         WHEN near.opted_out THEN 'opted_out'
         WHEN near.adult_from > %(today)s::date THEN 'under_18'
         WHEN near.expires_at <= %(now)s THEN 'lapsed'
         WHEN near.unavailable_until > %(now)s THEN 'unavailable'
         WHEN get_bit(near.hours, %(hour)s) = 0 THEN 'off_hours'
         WHEN near.volunteer_id = ANY(%(skip)s::uuid[]) THEN 'asked_already'
         WHEN %(hazard)s::text IS NOT NULL
              AND ST_Covers(ST_GeomFromEWKT(%(hazard)s), near.location::geometry) THEN 'home_in_hazard'
       END AS excluded
FROM (
  SELECT volunteer_id, person_key, location, hours, expires_at, unavailable_until, adult_from, opted_out,
         location <-> ST_GeogFromText(%(point)s) AS metres
  FROM people_callable
  WHERE society_id = %(society)s::uuid AND skill_id = %(skill)s::uuid
  ORDER BY location <-> ST_GeogFromText(%(point)s)
  LIMIT %(fetch)s
) near
ORDER BY near.metres
"""


@dataclass(frozen=True)
class Near:
    """A person who may be asked: distance in metres along the globe."""

    volunteer_id: UUID
    person_key: str
    metres: float


@dataclass(frozen=True)
class Nearest:
    """People to ask, nearest first, and how many were passed over by reason; `exhausted`: nobody further is left."""

    people: list[Near]
    excluded: dict[str, int]
    exhausted: bool


def nearest(
    *,
    society_id: UUID,
    skill_id: UUID,
    lon: float,
    lat: float,
    radius_m: float | None,
    limit: int,
    now: dt.datetime,
    timezone: str,
    skip: Iterable[UUID] = (),
    hazard: GEOSGeometry | None = None,
) -> Nearest:
    """The `limit` nearest people with the verified skill who may be called now.

    `radius_m` None means no limit of distance (remote needs). `skip` are volunteers asked already. `hazard`:
    people who live inside it are left out. Widens its search fourfold until enough are found, the radius is
    passed or the society has nobody further.
    """
    skipped = list(skip)
    arguments: dict[str, Any] = {
        "society": society_id,
        "skill": skill_id,
        "point": f"SRID=4326;POINT({lon:.7f} {lat:.7f})",
        "now": now,
        "today": now.date(),
        "hour": week_hour(now, timezone),
        "skip": skipped,
        "hazard": hazard.ewkt if hazard is not None else None,
    }
    fetch = limit + len(skipped) + 16
    while True:
        rows = _rows(arguments | {"fetch": fetch})
        found = _sort_out(rows, radius_m)
        exhausted = len(rows) < fetch or (radius_m is not None and rows[-1][1] > radius_m)
        if len(found.people) >= limit or exhausted:
            return Nearest(found.people[:limit], found.excluded, exhausted and len(found.people) <= limit)
        fetch *= 4


def _rows(arguments: dict[str, Any]) -> list[tuple[UUID, float, str, str | None]]:
    with connection.cursor() as cursor:
        cursor.execute(NEAREST, arguments)
        return list(cursor.fetchall())


def _sort_out(rows: list[tuple[UUID, float, str, str | None]], radius_m: float | None) -> Nearest:
    within = [row for row in rows if radius_m is None or row[1] <= radius_m]
    taken = _reserved([key for _, _, key, excluded in within if excluded is None])
    people: list[Near] = []
    excluded: dict[str, int] = {}
    for volunteer_id, metres, key, reason in within:
        why = reason or ("reserved" if key in taken else None)
        if why is None:
            people.append(Near(volunteer_id, key, metres))
        else:
            excluded[why] = excluded.get(why, 0) + 1
    return Nearest(people, excluded, exhausted=False)


def _reserved(person_keys: list[str]) -> set[str]:
    """Which of these people are taken, by any society."""
    if not person_keys:
        return set()
    with connection.cursor() as cursor:
        cursor.execute("SELECT door.reserved(%s)", [person_keys])
        return {row[0] for row in cursor.fetchall()}


def skills() -> list[dict[str, Any]]:
    """The taxonomy, by group and English name: id, code, name, group, group_name, level, mode, icon, specialty, ..."""
    fields = (
        "id", "code", "name", "group", "group_name", "level", "mode", "icon", "specialty", "isco08", "esco",
        "validity_months",
    )  # fmt: skip
    return list(Skill.objects.order_by("group", "name__en").values(*fields))


def skill_id(code: str) -> UUID:
    """The id of a skill by its code; Skill.DoesNotExist when the taxonomy has no such code."""
    return Skill.objects.values_list("id", flat=True).get(code=code)


def by_phone(phone: str) -> UUID | None:
    """The volunteer of the current society with this E.164 number."""
    return Volunteer.objects.filter(phone=phone).values_list("id", flat=True).first()


def count() -> int:
    """How many volunteers the current society has."""
    return Volunteer.objects.count()


@dataclass(frozen=True)
class Search:
    """What to list. words: parts of names, or of a phone number when `phones`; skill, specialty: codes.

    region: of the volunteer; homeless: without any. claims: "" | waiting | lapsed, of that skill or specialty.
    """

    words: str = ""
    phones: bool = False
    skill: str = ""
    specialty: str = ""
    region: UUID | None = None
    homeless: bool = False
    claims: str = ""


@dataclass(frozen=True)
class ClaimView:
    """A skill somebody says, or has shown, to have; lapsed as soon as its time is over."""

    id: UUID
    skill: str
    name: dict[str, str]
    group: str
    state: str
    claimed_at: dt.datetime
    verified_at: dt.datetime | None
    expires_at: dt.datetime | None
    validity_months: int | None


@dataclass(frozen=True)
class PersonView:
    """A volunteer as lists show them; state: see rules.standing. coarse: (lon, lat), within about 2 km."""

    id: UUID
    given_name: str
    family_name: str
    latin_name: str
    phone: str
    language: str
    region_id: UUID | None
    coarse: tuple[float, float]
    state: str
    weekly_hours: str
    unavailable_until: dt.datetime | None
    joined_at: dt.datetime
    is_synthetic: bool
    claims: list[ClaimView]


def people(
    search: Search, *, first: int, limit: int, now: dt.datetime, timezone: str
) -> tuple[list[PersonView], int]:
    """`limit` volunteers from number `first` on (0 is the first), by name, and how many there are in all."""
    found = _found(search, now)
    rows = list(found.order_by("family_name", "given_name", "id")[first : first + limit])
    return _persons(rows, now, timezone), found.count()


def person(volunteer_id: UUID, *, now: dt.datetime, timezone: str) -> PersonView | None:
    """One volunteer, or None when this society has no such person."""
    return next(iter(_persons(list(Volunteer.objects.filter(id=volunteer_id)), now, timezone)), None)


def _found(search: Search, now: dt.datetime) -> Any:
    rows = Volunteer.objects.all()
    for word in search.words.split():
        by_name = (
            Q(given_name__icontains=word) | Q(family_name__icontains=word) | Q(latin_name__icontains=word)
        )
        rows = rows.filter(by_name | Q(phone__contains=word) if search.phones else by_name)
    if search.region:
        rows = rows.filter(region_id=search.region)
    if search.homeless:
        rows = rows.filter(region_id=None)
    if search.skill or search.specialty or search.claims:
        claims = SkillClaim.objects.filter(society_id=OuterRef("society_id"), volunteer_id=OuterRef("id"))
        if search.skill:
            claims = claims.filter(skill__code=search.skill)
        if search.specialty:
            claims = claims.filter(skill__specialty=search.specialty)
        if search.claims == "waiting":
            claims = claims.filter(state="claimed")
        elif search.claims == "lapsed":
            claims = claims.filter(state__in=("verified", "lapsed"), expires_at__lte=now)
        else:
            claims = claims.exclude(state="revoked")
        rows = rows.filter(Exists(claims))
    return rows


def _persons(rows: list[Volunteer], now: dt.datetime, timezone: str) -> list[PersonView]:
    claims: dict[UUID, list[ClaimView]] = {row.id: [] for row in rows}
    for claim in (
        SkillClaim.objects.filter(volunteer_id__in=list(claims))
        .select_related("skill")
        .order_by("skill__code")
    ):
        claims[claim.volunteer_id].append(_claim(claim, now))
    taken = _reserved([row.person_key for row in rows])
    hour = week_hour(now, timezone)
    return [
        PersonView(
            id=row.id,
            given_name=row.given_name,
            family_name=row.family_name,
            latin_name=row.latin_name,
            phone=row.phone,
            language=row.language,
            region_id=row.region_id,
            coarse=(round(row.coarse_location.x, 2), round(row.coarse_location.y, 2)),
            state=standing(
                opted_out=row.opted_out_at is not None,
                adult=adult_from(row.birth_date) <= now.date(),
                verified=any(claim.state == "verified" for claim in claims[row.id]),
                taken=row.person_key in taken,
                away=row.weekly_hours[hour] == "0"
                or (row.unavailable_until is not None and row.unavailable_until > now),
            ),
            weekly_hours=row.weekly_hours,
            unavailable_until=row.unavailable_until,
            joined_at=row.joined_at,
            is_synthetic=row.is_synthetic,
            claims=claims[row.id],
        )
        for row in rows
    ]


def _claim(row: SkillClaim, now: dt.datetime) -> ClaimView:
    over = row.state == "verified" and row.expires_at is not None and row.expires_at <= now
    return ClaimView(
        id=row.id,
        skill=row.skill.code,
        name=row.skill.name,
        group=row.skill.group,
        state="lapsed" if over else row.state,
        claimed_at=row.claimed_at,
        verified_at=row.verified_at,
        expires_at=row.expires_at,
        validity_months=row.skill.validity_months,
    )
