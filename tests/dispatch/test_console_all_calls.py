"""What a console may never hide: calls for help from anywhere, and people of an incident's earlier call-outs."""

from uuid import UUID

import pytest
from django.test import Client

from dispatch.callouts import actions, queries
from dispatch.callouts.models import Assignment, CallOut
from dispatch.incidents.actions import close_incident
from dispatch.incidents.models import Incident
from notifications.tenancy import society
from tests.cast import NOW, Cast, flood
from tests.dispatch.test_console import HTMX, people, say, signed_in


@pytest.fixture
def in_need(cast: Cast, called: UUID) -> UUID:
    """Somebody on site who asks for help."""
    one = people(cast, called)[0]
    for kind in ("coming", "arrived", "help"):
        say(cast, one, kind)
    return one


@pytest.fixture
def relaunched(cast: Cast, called: UUID) -> UUID:
    """The incident of a second call-out; one of its three places was taken in the first, by somebody on site."""
    say(cast, people(cast, called)[0], "coming", 10)
    with society(cast.libya):
        actions.close(call_out_id=CallOut.objects.get().id, by=None, now=NOW)
        say(cast, people(cast, called)[0], "arrived")
        actions.launch(incident_id=called, confidence=0.9, by=None, now=NOW)
    return called


def shows(client: Client, path: str, one: UUID, code: str) -> bool:
    page = client.get(path, follow=True).content.decode()
    return f"/console/person/{one}/seen-to/" in page and f">{code}</bdi> since" in page


def test_a_call_for_help_stands_on_every_console_with_its_code(
    cast: Cast, called: UUID, in_need: UUID
) -> None:
    with society(cast.libya):
        other = flood(cast.libya)
        code = Incident.objects.get(id=called).code
    dunya = signed_in("dunya")
    for path in (
        f"/console/{called}/",
        f"/console/{other}/",
        f"/console/{other}/part/alarm/",
        "/console/alarms/",
    ):
        assert shows(dunya, path, in_need, code), path


def test_a_call_for_help_outlives_its_incident(cast: Cast, called: UUID, in_need: UUID) -> None:
    with society(cast.libya):
        actions.close(call_out_id=CallOut.objects.get().id, by=None, now=NOW)
        close_incident(incident_id=called, by=None, now=NOW)
        code = Incident.objects.get().code
    dunya = signed_in("dunya")
    assert shows(dunya, "/console/", in_need, code)
    dunya.post(f"/console/person/{in_need}/seen-to/", headers=HTMX)
    assert not shows(dunya, "/console/", in_need, code)


def test_the_other_society_sees_no_call_for_help(cast: Cast, in_need: UUID) -> None:
    assert b"seen-to" not in signed_in("eman").get("/console/").content


def test_people_of_the_first_call_out_count_after_a_second(cast: Cast, relaunched: UUID) -> None:
    with society(cast.libya):
        board = queries.board(relaunched, now=NOW)
        drawn = queries.on_map(relaunched, now=NOW)
    assert board is not None
    assert drawn is not None
    assert (board.verdict.required, board.verdict.filled, board.verdict.open) == (3, 1, 2)
    assert board.needs[0].arrived == 1
    assert {group.key: group.count for group in board.groups}["on_site"] == 1
    assert drawn["counts"]["arrived"] == 1


def test_who_is_asked_again_counts_once(cast: Cast, relaunched: UUID) -> None:
    with society(cast.libya):
        board = queries.board(relaunched, now=NOW)
        assert board is not None
        rows = Assignment.objects.count()
        everybody = Assignment.objects.values("volunteer_id").distinct().count()
    assert sum(group.count for group in board.groups) == everybody < rows
