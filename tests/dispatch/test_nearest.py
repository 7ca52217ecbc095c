"""Who is nearest and may be called."""

import datetime as dt
import random
from uuid import UUID

import pytest
from django.db import connection

from dispatch.people import actions
from dispatch.people.benches import great_circle_m
from dispatch.people.models import Callable, SkillClaim, Volunteer
from dispatch.people.queries import NEAREST, Nearest, nearest, skill_id
from notifications.tenancy import society
from tests.cast import DERNA, NOW, Cast, volunteers

SKILL = "search-and-rescue"


def ask(
    cast: Cast, *, limit: int = 50, radius_m: float | None = None, skip: list[UUID] | None = None
) -> Nearest:
    return nearest(
        society_id=cast.libya, skill_id=skill_id(SKILL), lon=DERNA[0], lat=DERNA[1], radius_m=radius_m, limit=limit,
        now=NOW, timezone="Africa/Tripoli", skip=skip or [],
    )  # fmt: skip


def test_the_nearest_come_first_as_a_full_scan_would_have_them(cast: Cast) -> None:
    with society(cast.libya):
        volunteers(cast.libya, 200, spread=0.003)
        found = ask(cast, limit=30)
        metres = sorted(great_circle_m(DERNA, (v.location.x, v.location.y)) for v in Volunteer.objects.all())
        assert [near.metres for near in found.people] == pytest.approx(metres[:30], abs=0.01)


def test_the_radius_ends_the_search(cast: Cast) -> None:
    with society(cast.libya):
        volunteers(cast.libya, 40, spread=0.01)
        found = ask(cast, radius_m=10_000)
        assert 0 < len(found.people) < 40
        assert max(near.metres for near in found.people) <= 10_000
        assert found.exhausted


def test_it_widens_until_enough_are_found_behind_many_who_may_not_be_called(cast: Cast) -> None:
    with society(cast.libya):
        ids = volunteers(cast.libya, 300, spread=0.002)
        for volunteer_id in ids[:150]:
            Callable.objects.filter(volunteer_id=volunteer_id).update(opted_out=True)
        found = ask(cast, limit=20)
        assert [near.volunteer_id for near in found.people] == ids[150:170]
        assert found.excluded == {"opted_out": 150}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"opted_out": True}, "opted_out"),
        ({"adult_from": dt.date(2030, 1, 1)}, "under_18"),
        ({"expires_at": NOW}, "lapsed"),
        ({"unavailable_until": NOW + dt.timedelta(hours=1)}, "unavailable"),
        ({"hours": "0" * 168}, "off_hours"),
    ],
)
def test_whoever_may_not_be_called_is_counted_with_the_reason(
    cast: Cast, change: dict[str, object], reason: str
) -> None:
    with society(cast.libya):
        ids = volunteers(cast.libya, 2)
        Callable.objects.filter(volunteer_id=ids[0]).update(**change)
        found = ask(cast)
        assert [near.volunteer_id for near in found.people] == ids[1:]
        assert found.excluded == {reason: 1}


def test_the_hour_of_the_week_is_the_societys_own(cast: Cast) -> None:
    with society(cast.libya):
        ids = volunteers(cast.libya, 1)
        monday_three = "0" * 3 + "1" + "0" * 164  # NOW is Monday 03:00 in Tripoli
        actions.set_availability(
            volunteer_id=ids[0], weekly_hours=monday_three, unavailable_until=None, by=None, now=NOW
        )
        assert len(ask(cast).people) == 1


def test_only_a_verified_skill_makes_somebody_callable(cast: Cast) -> None:
    with society(cast.libya):
        ids = volunteers(cast.libya, 1, skill="logistics")
        by = cast.users["malik"].id
        claim = actions.claim(
            society_id=cast.libya, volunteer_id=ids[0], skill_id=skill_id(SKILL), by=None, now=NOW
        )
        assert ask(cast).people == []
        actions.verify(claim_id=claim, expires_at=NOW + dt.timedelta(days=1), by=by, now=NOW)
        assert len(ask(cast).people) == 1
        actions.revoke(claim_id=claim, by=by, now=NOW)
        assert ask(cast).people == []


def test_opting_out_takes_effect_at_once(cast: Cast) -> None:
    with society(cast.libya):
        ids = volunteers(cast.libya, 1)
        actions.opt_out(volunteer_id=ids[0], by=None, now=NOW)
        assert ask(cast).excluded == {"opted_out": 1}


def test_callable_always_says_what_the_records_say(cast: Cast) -> None:
    rng = random.Random(3)
    with society(cast.libya):
        ids = volunteers(cast.libya, 20)
        by = cast.users["malik"].id
        for _ in range(40):
            claim = rng.choice(SkillClaim.objects.filter(volunteer_id=rng.choice(ids)))
            if rng.random() < 0.5:
                actions.revoke(claim_id=claim.id, by=by, now=NOW)
            else:
                actions.verify(claim_id=claim.id, expires_at=None, by=by, now=NOW)
        verified = SkillClaim.objects.filter(state="verified").values_list("volunteer_id", "skill_id")
        assert set(verified) == set(Callable.objects.values_list("volunteer_id", "skill_id"))


def test_the_search_walks_the_index_even_for_role_app(cast: Cast) -> None:
    with society(cast.libya), connection.cursor() as cursor:
        volunteers(cast.libya, 300, spread=0.002)
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        cursor.execute(
            "EXPLAIN " + NEAREST,
            {
                "society": cast.libya, "skill": skill_id(SKILL), "point": "SRID=4326;POINT(22.6 32.7)", "now": NOW,
                "today": NOW.date(), "hour": 3, "skip": [], "hazard": None, "fetch": 10,
            },
        )  # fmt: skip
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Index Scan using callable_nearest" in plan
    assert "Index Cond: ((society_id" in plan
    assert "Order By: (location <->" in plan
