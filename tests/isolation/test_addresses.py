"""The other society's people find nothing of Libya's behind any address: no page, no part, no map, no API, no count."""

import re

import pytest
from django.conf import LazySettings
from django.db import transaction

from tests.isolation import world as worlds
from tests.isolation.walk import calls, faults
from tests.isolation.world import LIBYA, World, fingerprint, marks

LEAKY = "tests.isolation.leaky_urls"
# What differs between two renderings of one page: form tokens, the nonce of the style policy, the server's clock.
FRESH = re.compile(r'\b[A-Za-z0-9]{64}\b|nonce="[^"]+"|data-start="[^"]+"')


def test_the_marks_are_worth_looking_for(world: World) -> None:
    known = marks(world)
    assert {
        LIBYA.code,
        LIBYA.family,
        LIBYA.title,
        f"{LIBYA.phone}000",
        str(world.ids["assignment_id"]),
    } <= known
    assert len(known) > 100


@pytest.mark.parametrize(("name", "allowed"), [("eman", {403, 404, 405}), ("adham", {404, 405})])
def test_nobody_of_another_society_sees_or_changes_anything(
    world: World, name: str, allowed: set[int]
) -> None:
    before = fingerprint(world.cast.libya)
    found = faults(world.cast.users[name], calls(world.ids), marks(world), frozenset(allowed))
    assert found == []
    assert fingerprint(world.cast.libya) == before


def test_the_same_addresses_open_for_libya(world: World) -> None:
    """Else the refusals above would prove nothing."""
    closed = []
    for call in (c for c in calls(world.ids) if c.ids):
        with transaction.atomic():
            answer = call.by(world.cast.users["amal"])
            transaction.set_rollback(True)
        if answer.status_code in (403, 404) or answer.status_code >= 500:
            closed.append(f"{call}: {answer.status_code}")
    assert closed == []


def _bodies(world: World) -> dict[str, str]:
    """What Adham reads at every address, with Egypt's own ids; /metrics counts all societies, for the operator."""
    asked = [
        c for c in calls(world.own) if c.method == "GET" and not c.path.startswith(("/accounts", "/metrics"))
    ]
    answers = [(call, call.by(world.cast.users["adham"])) for call in asked]
    assert [
        f"{call}: {a.status_code}" for call, a in answers if call.ids and a.status_code not in (200, 405)
    ] == []
    return {str(call): FRESH.sub("", answer.content.decode()) for call, answer in answers}


def test_every_page_list_and_count_is_the_same_whether_libya_is_at_work_or_not(egypt_alone: World) -> None:
    alone = _bodies(egypt_alone)
    worlds.at_work(egypt_alone.cast.libya, egypt_alone.cast.users["dunya"], LIBYA)
    beside = _bodies(egypt_alone)
    assert [path for path in alone if alone[path] != beside[path]] == []


def test_a_page_that_does_not_filter_is_seen(world: World, settings: LazySettings) -> None:
    settings.ROOT_URLCONF = LEAKY
    found = faults(world.cast.users["adham"], calls(world.ids, LEAKY), marks(world), frozenset({404, 405}))
    assert {line.split(":")[0].split("/")[1] for line in found if "shows" in line} == {
        "leaky-list",
        "leaky",
        "leaky-api",
    }
    assert any("200, wanted one of [404, 405]" in line for line in found)
