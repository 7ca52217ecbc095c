"""Doors act before a society is known: what they give away is ids, and what they do stays in the caller's society."""

import datetime as dt
import re
from uuid import UUID

import pytest
from django.db import IntegrityError, connection

from dispatch.callouts.models import Assignment
from dispatch.callouts.rules import links
from dispatch.people.actions import release, reserve
from notifications import clock, doors
from notifications.ids import uuid7
from notifications.models import Attempt, Message, Route
from notifications.tenancy import society
from tests.cast import owner_sql
from tests.isolation.world import World

GIVES_IDS = re.compile(r"(SETOF )?(uuid|boolean)|TABLE\((\w+ (uuid|boolean)(, )?)+\)")
# What gives something else, and why that tells nothing of anybody.
OTHERS = {
    "reserved": "of the person keys the caller has, those that are taken",
    "oldest_queued": "one age over all societies, for /readyz",
    "waiting_messages": "sums over all societies, for /metrics",
    "attempt_ends": "sums over all societies, for /metrics",
}
RETURNS = "SELECT proname, pg_get_function_result(oid) FROM pg_proc WHERE pronamespace = 'door'::regnamespace"
TAKEN = "SELECT society_id, assignment_id FROM people_reservation WHERE person_key = %s"


def _not_ids() -> set[str]:
    return {str(name) for name, result in owner_sql(RETURNS) if not GIVES_IDS.fullmatch(str(result))}


def test_doors_give_ids_and_booleans_only(committed: str) -> None:
    assert len(owner_sql(RETURNS)) >= 10
    assert _not_ids() == set(OTHERS)


def test_a_door_that_gives_more_is_seen(committed: str) -> None:
    owner_sql(
        "CREATE FUNCTION door.planted() RETURNS TABLE(id uuid, phone text) LANGUAGE sql AS 'SELECT NULL::uuid, NULL::text'"
    )
    try:
        assert "planted" in _not_ids()
    finally:
        owner_sql("DROP FUNCTION door.planted()")


@pytest.fixture
def taken(world: World) -> tuple[str, UUID]:
    """The person of Libya's who is coming: key and assignment."""
    ((key,),) = owner_sql(
        "SELECT v.person_key FROM people_volunteer v JOIN callouts_assignment a ON a.volunteer_id = v.id"
        " WHERE a.id = %s", [world.ids["assignment_id"]],
    )  # fmt: skip
    assert owner_sql(TAKEN, [key]) == [(world.cast.libya, world.ids["assignment_id"])]
    return str(key), world.ids["assignment_id"]


def test_a_society_cannot_release_another_s_reservation(world: World, taken: tuple[str, UUID]) -> None:
    key, assignment_id = taken
    with society(world.cast.egypt):
        release(person_key=key, assignment_id=assignment_id)
    assert owner_sql(TAKEN, [key]) == [(world.cast.libya, assignment_id)]


def test_without_a_society_nobody_is_released_and_nobody_reserved(
    world: World, taken: tuple[str, UUID]
) -> None:
    release(person_key=taken[0], assignment_id=taken[1])
    for key in (taken[0], "nobody's yet"):
        with pytest.raises(IntegrityError, match="society_id"):
            reserve(person_key=key, assignment_id=taken[1], now=clock.now())
    assert owner_sql(TAKEN, [taken[0]]) == [(world.cast.libya, taken[1])]


@pytest.mark.parametrize("same_assignment", [True, False])
def test_a_person_taken_by_libya_cannot_be_taken_by_egypt(
    world: World, taken: tuple[str, UUID], same_assignment: bool
) -> None:
    assignment_id = taken[1] if same_assignment else uuid7()
    with society(world.cast.egypt):
        assert not reserve(person_key=taken[0], assignment_id=assignment_id, now=clock.now())
    assert owner_sql(TAKEN, [taken[0]]) == [(world.cast.libya, taken[1])]


def test_a_claimed_message_of_libya_cannot_be_read_for_egypt(world: World) -> None:
    """Claiming gives ids of any society; to read one the sender must name its society."""
    owner_sql("UPDATE notifications_message SET state = 'unknown', look_at_real = now() WHERE society_id = %s",
              [world.cast.libya])  # fmt: skip
    claimed = doors.due_unknowns(limit=50, hold=dt.timedelta(seconds=30))[0]
    assert claimed.society_id == world.cast.libya
    with society(world.cast.egypt):
        assert not Message.objects.filter(pk=claimed.message_id).exists()
        assert not Attempt.objects.filter(pk=claimed.attempt_id).exists()


def test_a_route_s_key_opens_the_route_for_its_society_only(world: World) -> None:
    found = doors.route_of("key-ly")
    assert found is not None
    with society(world.cast.egypt):
        assert not Route.objects.filter(pk=found.id).exists()
    assert not Route.objects.filter(pk=found.id).exists()


def test_a_volunteer_s_link_opens_the_call_for_its_society_only(world: World) -> None:
    ((hashed,),) = owner_sql(
        "SELECT link_hash FROM callouts_assignment WHERE id = %s", [world.ids["assignment_id"]]
    )
    assert _link(str(hashed)) == [(world.cast.libya, world.ids["assignment_id"])]
    assert _link(links.token_hash("wrong", "secret")) == []
    with society(world.cast.egypt):
        assert not Assignment.objects.filter(pk=world.ids["assignment_id"]).exists()


def _link(hashed: str) -> list[tuple[UUID, UUID]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM door.link(%s)", [hashed])
        return list(cursor.fetchall())


def test_somebody_of_egypt_belongs_to_egypt_alone(world: World) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT door.societies_of(%s)", [world.cast.users["eman"].pk])
        assert cursor.fetchall() == [(world.cast.egypt,)]
