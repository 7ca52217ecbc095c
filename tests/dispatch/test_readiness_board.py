"""The board against a recount by hand, its JSON and its targets."""

import datetime as dt
import random
from collections import Counter
from uuid import UUID

import pytest
from django.core.management import call_command
from django.test import Client

from dispatch.journal.queries import entries
from dispatch.people import actions as people
from dispatch.people.models import Reservation, Skill, SkillClaim, Volunteer
from dispatch.people.queries import skill_id
from dispatch.people.rules import adult_from, week_hour
from dispatch.readiness import actions, queries
from dispatch.readiness.models import Daily
from geo.queries import regions
from notifications.ids import uuid7
from notifications.tenancy import society
from tests.cast import DERNA, NOW, Cast, owner_sql, volunteers

DAY = dt.timedelta(days=1)
NIGHT_OFF = ("0" * 7 + "1" * 17) * 7


def anybody(rng: random.Random, number: int, region_ids: list[UUID]) -> people.NewVolunteer:
    """Somebody of any age, with any skills, hours and leaves."""
    codes = rng.sample(list(Skill.objects.values_list("code", flat=True)), rng.randint(0, 4))
    ends = [None, NOW + 40 * DAY, NOW - 3 * DAY]
    return people.NewVolunteer(
        given_name=f"م{number}",
        family_name="تجريبي",
        phone=f"+21892{number:07d}",
        birth_date=dt.date(rng.choice([1990, 1990, 1990, 2008]), 1, 1),
        lon=DERNA[0] + rng.uniform(-1.5, 1.5),
        lat=DERNA[1] + rng.uniform(-1, 0),
        region_id=rng.choice([*region_ids, None]),
        weekly_hours=rng.choice(["1" * 168, "1" * 168, NIGHT_OFF]),
        is_synthetic=True,
        skills={skill_id(code): rng.choice(ends) for code in codes},
    )


def crowd(society_id: UUID, *, seed: int = 7, count: int = 300) -> None:
    """People of every kind in three regions and none; some opted out, on leave or reserved."""
    rng = random.Random(seed)
    region_ids = [region.id for region in regions(level=1, country="LY")[:3]]
    made = people.register(
        society_id=society_id, people=[anybody(rng, n, region_ids) for n in range(count)], by=None, now=NOW
    )
    for volunteer_id in rng.sample(made, count // 10):
        people.opt_out(volunteer_id=volunteer_id, by=None, now=NOW)
    for volunteer_id in rng.sample(made, count // 10):
        until = NOW + rng.choice([-1, 1]) * DAY
        hours = "1" * 168
        people.set_availability(
            volunteer_id=volunteer_id, weekly_hours=hours, unavailable_until=until, by=None, now=NOW
        )
    for key in rng.sample(list(Volunteer.objects.values_list("person_key", flat=True)), count // 10):
        people.reserve(person_key=key, assignment_id=uuid7(), now=NOW)


def recount() -> Counter[tuple[UUID | None, str]]:
    """Ready people by region and specialty, person by person from the records."""
    taken = set(Reservation.objects.values_list("person_key", flat=True))
    found: Counter[tuple[UUID | None, str]] = Counter()
    for person in Volunteer.objects.all():
        ready = (
            person.opted_out_at is None
            and adult_from(person.birth_date) <= NOW.date()
            and person.person_key not in taken
            and (person.unavailable_until is None or person.unavailable_until <= NOW)
            and person.weekly_hours[week_hour(NOW, "Africa/Tripoli")] == "1"
        )
        claims = SkillClaim.objects.filter(volunteer=person, state="verified").select_related("skill")
        able = {c.skill.specialty for c in claims if c.expires_at is None or c.expires_at > NOW} - {""}
        found.update((person.region_id, specialty) for specialty in able if ready)
    return found


def test_the_board_counts_what_a_recount_by_hand_counts(cast: Cast) -> None:
    with society(cast.libya):
        crowd(cast.libya)
        board = queries.board(now=NOW)
        counted: dict[tuple[UUID | None, str], int] = {
            (row.region.id, cell.specialty.code): cell.ready for row in board.rows for cell in row.cells
        }
        counted |= {(None, code): number for code, number in board.homeless.items()}
        assert {key: n for key, n in counted.items() if n} == dict(recount())
        assert sum(n > 0 for n in counted.values()) > 20, "the crowd is too thin to prove anything"


def cell(board: queries.Board, code: str, specialty: str) -> queries.Cell:
    [row] = [row for row in board.rows if row.region.code == code]
    return next(cell for cell in row.cells if cell.specialty.code == specialty)


def in_derna(society_id: UUID, count: int) -> list[UUID]:
    """`count` rescuers who live in Derna, registered there."""
    derna = next(region.id for region in regions(level=1, country="LY") if region.code == "LY-DR")
    people_there = [
        people.NewVolunteer(
            given_name="م",
            family_name="تجريبي",
            phone=f"+21893{n:07d}",
            birth_date=dt.date(1990, 1, 1),
            lon=DERNA[0],
            lat=DERNA[1],
            region_id=derna,
            skills={skill_id("search-and-rescue"): None, skill_id("flood-rescue"): None},
        )
        for n in range(count)
    ]
    return people.register(society_id=society_id, people=people_there, by=None, now=NOW)


def test_two_skills_of_one_specialty_are_one_person(cast: Cast) -> None:
    with society(cast.libya):
        in_derna(cast.libya, 3)
        board = queries.board(now=NOW)
        assert cell(board, "LY-DR", "search-and-rescue").ready == 3
        assert board.ready == 3


def test_whoever_another_society_has_taken_is_not_ready(cast: Cast) -> None:
    with society(cast.libya):
        in_derna(cast.libya, 2)
        key = Volunteer.objects.values_list("person_key", flat=True)[0]
    with society(cast.egypt):
        people.reserve(person_key=key, assignment_id=uuid7(), now=NOW)
    with society(cast.libya):
        rescue = cell(queries.board(now=NOW), "LY-DR", "search-and-rescue")
        assert (rescue.ready, rescue.taken) == (1, 1)


def test_a_claim_that_waits_is_the_remedy(cast: Cast) -> None:
    with society(cast.libya):
        [volunteer] = in_derna(cast.libya, 1)
        people.claim(
            society_id=cast.libya, volunteer_id=volunteer, skill_id=skill_id("nurse"), by=None, now=NOW
        )
        gaps = queries.board(now=NOW).gaps
        [gap] = [g for g in gaps if g.region.code == "LY-DR" and g.cell.specialty.code == "medical"]
        assert (gap.remedy, gap.number) == ("verify", 1)


def test_the_other_society_counts_nobody(cast: Cast) -> None:
    with society(cast.libya):
        in_derna(cast.libya, 2)
        assert queries.board(now=NOW).ready == 2
    with society(cast.egypt):
        board = queries.board(now=NOW)
        assert (board.ready, {row.region.code[:2] for row in board.rows}) == (0, {"EG"})


def test_a_target_that_is_set_replaces_the_proposal(cast: Cast) -> None:
    with society(cast.libya):
        before = cell(queries.board(now=NOW), "LY-DR", "water")
        region = next(r.id for r in regions(level=1, country="LY") if r.code == "LY-DR")
        actions.set_targets(region_id=region, required={"water": 40}, by=cast.users["malik"].id, now=NOW)
        after = cell(queries.board(now=NOW), "LY-DR", "water")
        assert before.proposed
        assert (after.proposed, after.target) == (False, 40)
        assert entries(cast.libya, after=0)[-1]["new"] == {"water": 40}


def test_a_region_of_nobody_takes_no_target(cast: Cast) -> None:
    with society(cast.libya), pytest.raises(actions.NoSuchRegion):
        actions.set_targets(region_id=uuid7(), required={"water": 4}, by=cast.users["malik"].id, now=NOW)


def test_a_day_is_counted_once(cast: Cast) -> None:
    with society(cast.libya):
        in_derna(cast.libya, 2)
        assert actions.keep_day(now=NOW)
        assert not actions.keep_day(now=NOW + dt.timedelta(hours=1))
        assert Daily.objects.get().filled == 2
    with society(cast.egypt):
        assert not Daily.objects.exists()


def test_the_json_says_what_the_board_says(cast: Cast, client: Client) -> None:
    with society(cast.libya):
        in_derna(cast.libya, 4)
    client.force_login(cast.users["dunya"])
    body = client.get("/api/v1/readiness/").json()
    [derna] = [row for row in body["regions"] if row["code"] == "LY-DR"]
    rescue = next(c for c in derna["cells"] if c["specialty"] == "search-and-rescue")
    assert (rescue["ready"], rescue["proposed"], body["ready"]) == (4, True, 4)


def test_only_who_edits_people_sets_targets(cast: Cast, client: Client) -> None:
    with society(cast.libya):
        region = regions(level=1, country="LY")[0].id
    statuses = []
    for name in ("dunya", "malik"):
        client.force_login(cast.users[name])
        path = f"/api/v1/readiness/targets/{region}/"
        statuses.append(
            client.put(path, {"targets": {"water": 8}}, content_type="application/json").status_code
        )
    assert statuses == [403, 204]


def test_the_other_societys_region_is_unknown(cast: Cast, client: Client) -> None:
    with society(cast.egypt):
        theirs = regions(level=1, country="EG")[0].id
    client.force_login(cast.users["malik"])
    body = {"targets": {"water": 8}}
    answer = client.put(f"/api/v1/readiness/targets/{theirs}/", body, content_type="application/json")
    assert (answer.status_code, client.get(f"/readiness/targets/{theirs}/").status_code) == (404, 404)


def test_a_refresh_brings_summary_crews_and_alarms_along(cast: Cast, client: Client) -> None:
    client.force_login(cast.users["dunya"])
    text = client.get("/readiness/figures/").content.decode()
    assert text.count('hx-swap-oob="true"') == 3
    assert "<html" not in text


def test_people_without_a_region_are_named_and_counted(cast: Cast, client: Client) -> None:
    with society(cast.libya):
        volunteers(cast.libya, 3)
    client.force_login(cast.users["dunya"])
    assert (
        "3 people without a region" in client.get("/readiness/", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    )


def test_a_manager_sets_targets_on_the_page(cast: Cast, client: Client) -> None:
    with society(cast.libya):
        region = next(r.id for r in regions(level=1, country="LY") if r.code == "LY-DR")
        codes = [specialty.code for specialty in queries.specialties()]
    client.force_login(cast.users["malik"])
    answer = client.post(f"/readiness/targets/{region}/", dict.fromkeys(codes, 5))
    assert answer.status_code == 302
    with society(cast.libya):
        assert cell(queries.board(now=NOW), "LY-DR", "shelter").target == 5


def test_the_daily_command_counts_every_society_once(committed: str, cast: Cast) -> None:
    for _ in range(2):
        call_command("keep_readiness", verbosity=0)
    rows = owner_sql("SELECT society_id FROM readiness_daily")
    assert sorted(rows) == sorted([(cast.libya,), (cast.egypt,)])
