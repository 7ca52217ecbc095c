"""`python -m dispatch bench nearest`: who is nearest, asked three ways in one run and checked by brute force."""

import datetime as dt
import json
import math
import os
import random
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.contrib.gis.db.models.functions import Distance
from django.contrib.gis.geos import Point
from django.contrib.gis.measure import D
from django.db import connection, connections
from django.db.models import Q
from knox.models import get_token_model

from dispatch.orgs.models import Membership, Society, User
from dispatch.people.models import Callable as CallableRow
from dispatch.people.models import Volunteer
from dispatch.people.queries import nearest as ours
from dispatch.people.queries import skill_id
from notifications.ids import uuid7
from notifications.tenancy import society

EARTH_M = 6_371_008.7714  # the sphere on which PostGIS orders geography by nearest neighbour
CENTRES = [(22.639, 32.764), (20.067, 32.117), (13.187, 32.887), (15.092, 32.375), (14.428, 27.038)]
RADIUS_M, LIMIT, SKILL = 100_000, 50, "first-aid-medic"
TIMEZONE = "Africa/Tripoli"
ROWS = """
INSERT INTO people_volunteer (id, society_id, given_name, family_name, latin_name, gender, birth_date, phone, person_key,
  language, location, coarse_location, weekly_hours, is_synthetic, joined_at)
SELECT gen_random_uuid(), %(society)s, 'bench', n::text, '', '', '1990-01-01', '+999' || n, md5(%(society)s::text || n),
  'ar', p, p, repeat('1', 168)::bit(168), true, now()
FROM (
  SELECT n, ST_SetSRID(ST_MakePoint(
      (%(lons)s::float[])[1 + n %% 5] + 0.6 * sqrt(-2 * ln(random() + 1e-12)) * cos(2 * pi() * random()),
      (%(lats)s::float[])[1 + n %% 5] + 0.4 * sqrt(-2 * ln(random() + 1e-12)) * cos(2 * pi() * random())
    ), 4326)::geography AS p
  FROM generate_series(1, %(people)s) n) made
"""
CLAIMS = """
INSERT INTO people_skillclaim (id, society_id, volunteer_id, skill_id, state, claimed_at, verified_at, expires_at)
SELECT gen_random_uuid(), v.society_id, v.id, s.id, 'verified', now(), now(), now() + interval '1 year' * random() * 2
  - interval '2 months'
FROM people_volunteer v
JOIN (SELECT id, row_number() OVER (ORDER BY id = %(skill)s DESC, code) - 1 AS place FROM people_skill) s
  ON s.place < 8 AND (s.place - abs(hashtext(v.id::text))) %% 8 IN (0, -3, 5, -6, 2)
WHERE v.society_id = %(society)s
"""
CALLABLE = """
INSERT INTO people_callable (id, society_id, volunteer_id, skill_id, location, hours, expires_at, adult_from, opted_out,
  person_key)
SELECT c.id, c.society_id, c.volunteer_id, c.skill_id, v.location, v.weekly_hours, c.expires_at,
  (v.birth_date + interval '18 years')::date, false, v.person_key
FROM people_skillclaim c JOIN people_volunteer v ON v.id = c.volunteer_id WHERE c.society_id = %(society)s
"""


def arguments(parser: ArgumentParser) -> None:
    """Options of the bench."""
    parser.add_argument(
        "--people", type=int, default=100_000, help="volunteers in the society (default 100000)"
    )
    parser.add_argument("--points", type=int, default=20, help="places that are asked about (default 20)")


def nearest(*, people: int, points: int, say: Callable[[str], None], **_: Any) -> dict[str, Any]:
    """Milliseconds, medians over the points, of our SQL, the plain GeoDjango query and HTTP (p95), in one society.

    All run as role app under row level security. The plain query has a GiST index on location and btree keys.
    Answers are compared with a full scan in Python. The society is made for the run and removed by the owner.
    """
    rng = random.Random(1)
    with _bench_society(people, say) as (society_id, token):
        places = [
            (lon + rng.gauss(0, 0.3), lat + rng.gauss(0, 0.2)) for lon, lat in CENTRES * math.ceil(points / 5)
        ]
        places = places[:points]
        skill, now = skill_id(SKILL), dt.datetime.now(dt.UTC)
        say("checking against brute force")
        right = _check(society_id, skill, places[:5], now)
        say("measuring")
        with society(society_id):
            rows = CallableRow.objects.count()
            ours_ms = _median_ms([partial(_ours, society_id, skill, at, now) for at in places])
            plain_ms = _median_ms([partial(_plain, skill, at, now) for at in places])
        http_ms = _http(token, places)
    return {
        "people": people,
        "callable_rows": rows,
        "ours_sql_ms": round(ours_ms, 2),
        "plain_sql_ms": round(plain_ms, 2),
        "http_p95_ms": round(http_ms, 2),
        "ratio": round(plain_ms / ours_ms, 1),
        "equal_to_brute_force": right,
        "limit": LIMIT,
        "radius_m": RADIUS_M,
    }


@contextmanager
def _bench_society(people: int, say: Callable[[str], None]) -> Iterator[tuple[UUID, str]]:
    society_id, slug = uuid7(), f"bench-{os.getpid()}"
    user: User | None = None
    try:
        with society(society_id):
            names = {"en": "Bench", "ar": "قياس"}
            Society.objects.create(
                id=society_id,
                slug=slug,
                name=names,
                sender_name=names,
                country="LY",
                timezone=TIMEZONE,
                is_demo=True,
            )
            user = User.objects.create(username=slug, password=make_password(None))
            Membership.objects.create(society_id=society_id, user=user, role="dispatcher")
        _, token = get_token_model().objects.create(user=user)
        say(f"making {people} volunteers")
        _fill(society_id, people)
        yield society_id, token
    finally:
        say("removing them")
        _remove(society_id, user)


def _fill(society_id: UUID, people: int) -> None:
    lons, lats = zip(*CENTRES, strict=True)
    values: dict[str, Any] = {
        "society": society_id,
        "people": people,
        "lons": list(lons),
        "lats": list(lats),
        "skill": skill_id(SKILL),
    }
    with connections["owner"].cursor() as cursor:
        for statement in (ROWS, CLAIMS, CALLABLE):
            cursor.execute(statement, values)
        cursor.execute("ANALYZE people_volunteer, people_skillclaim, people_callable")


def _remove(society_id: UUID, user: User | None) -> None:
    tables = (
        "people_callable", "people_skillclaim", "orgs_membership", "people_volunteer", "journal_entry",
        "journal_counter",
    )  # fmt: skip
    with connections["owner"].cursor() as cursor:
        for table in tables:
            cursor.execute(f"DELETE FROM {table} WHERE society_id = %s", [society_id])
        cursor.execute("DELETE FROM orgs_society WHERE id = %s", [society_id])
    if user is not None:
        user.delete()


def _ours(society_id: UUID, skill: UUID, at: tuple[float, float], now: dt.datetime) -> list[UUID]:
    found = ours(
        society_id=society_id, skill_id=skill, lon=at[0], lat=at[1], radius_m=RADIUS_M, limit=LIMIT, now=now,
        timezone=TIMEZONE,
    )  # fmt: skip
    return [person.volunteer_id for person in found.people]


def _plain(skill: UUID, at: tuple[float, float], now: dt.datetime) -> list[UUID]:
    """What one writes with GeoDjango at first: filter by radius and skill, order by distance."""
    point = Point(*at, srid=4326)
    rows = (
        Volunteer.objects.filter(
            Q(skillclaim__expires_at=None) | Q(skillclaim__expires_at__gt=now),
            location__distance_lte=(point, D(m=RADIUS_M)),
            skillclaim__skill_id=skill,
            skillclaim__state="verified",
            opted_out_at=None,
        )
        .annotate(metres=Distance("location", point, spheroid=False))
        .order_by("metres")
    )
    return list(rows.values_list("id", flat=True)[:LIMIT])


def _check(society_id: UUID, skill: UUID, places: list[tuple[float, float]], now: dt.datetime) -> bool:
    """Whether our people are the nearest of a full scan in Python, at several places (ties within a centimetre)."""
    with society(society_id), connection.cursor() as cursor:
        cursor.execute(
            "SELECT volunteer_id, ST_X(location::geometry), ST_Y(location::geometry) FROM people_callable"
            " WHERE skill_id = %s AND expires_at > %s",
            [skill, now],
        )
        rows = cursor.fetchall()
        for at in places:
            metres = {row[0]: great_circle_m(at, (row[1], row[2])) for row in rows}
            best = sorted(value for value in metres.values() if value <= RADIUS_M)[:LIMIT]
            mine = [metres[person] for person in _ours(society_id, skill, at, now)]
            if (
                len(best) < LIMIT
                or len(best) != len(mine)
                or any(abs(a - b) > 0.01 for a, b in zip(best, mine, strict=True))
            ):
                return False
    return True


def great_circle_m(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Metres between two (lon, lat) points on the sphere PostGIS uses (haversine)."""
    lon1, lat1, lon2, lat2 = map(math.radians, (*a, *b))
    h = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_M * math.asin(math.sqrt(h))


def _median_ms(calls: list[Callable[[], Any]], rounds: int = 5) -> float:
    took = []
    for call in calls:
        call()
        for _ in range(rounds):
            start = time.perf_counter()
            call()
            took.append((time.perf_counter() - start) * 1000)
    return statistics.median(took)


def _http(token: str, places: list[tuple[float, float]], requests: int = 200) -> float:
    """95th percentile of the endpoint in milliseconds, one request after another on a web process of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    web = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "uvicorn",
            "realtime.asgi:application",
            "--port",
            str(port),
            "--log-level",
            "error",
        ]
    )
    try:
        took = []
        for index in range(requests + 20):
            lon, lat = places[index % len(places)]
            address = (
                f"http://127.0.0.1:{port}/api/v1/people/nearest"
                f"?skill={SKILL}&lon={lon}&lat={lat}&radius_m={RADIUS_M}&limit={LIMIT}"
            )
            request = urllib.request.Request(address, headers={"Authorization": f"Token {token}"})
            start = time.perf_counter()
            found = _answer(request, patient=index == 0)
            took.append((time.perf_counter() - start) * 1000)
            if len(found["people"]) < LIMIT:
                raise RuntimeError(f"The endpoint found too few at {lon}, {lat}.")
        return statistics.quantiles(took[20:], n=20)[-1]
    finally:
        web.terminate()
        web.wait(10)


def _answer(request: urllib.request.Request, *, patient: bool) -> Any:
    """The endpoint's answer; `patient` waits for the process to come up."""
    deadline = time.monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return json.load(response)
        except urllib.error.HTTPError:
            raise
        except OSError:
            if not patient or time.monotonic() > deadline:
                raise
            time.sleep(0.2)
