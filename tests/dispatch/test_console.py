"""The console as its users get it: who may see what, blocks, actions, and no more queries for more people."""

import datetime as dt
import json
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dispatch.callouts import actions, queries
from dispatch.callouts.models import Assignment, CallOut
from dispatch.callouts.rules.replies import Reply
from dispatch.incidents.models import Incident, Need
from dispatch.people.queries import skill_id
from notifications.models import Message
from notifications.tenancy import society
from tests.cast import DERNA, NOW, PASSWORD, Cast, volunteers

HTMX = {"HX-Request": "true"}


def signed_in(name: str) -> Client:
    client = Client()
    assert client.login(username=name, password=PASSWORD)
    return client


def people(cast: Cast, incident_id: UUID) -> list[UUID]:
    with society(cast.libya):
        rows = Assignment.objects.filter(call_out__incident_id=incident_id).order_by("distance_m")
        return list(rows.values_list("id", flat=True))


def say(cast: Cast, assignment_id: UUID, kind: str, minutes: int | None = None) -> None:
    with society(cast.libya):
        actions.answer(assignment_id=assignment_id, reply=Reply(kind, minutes), source="t", by=None, now=NOW)


def state(cast: Cast, assignment_id: UUID) -> str:
    with society(cast.libya):
        return Assignment.objects.values_list("state", flat=True).get(id=assignment_id)


def test_a_dispatcher_lands_on_the_newest_open_incident(cast: Cast, called: UUID) -> None:
    answer = signed_in("dunya").get("/", follow=True)
    assert answer.redirect_chain[-1][0] == f"/console/{called}/"
    assert b"Derna flood" in answer.content


def test_a_manager_lands_on_the_readiness_board(cast: Cast, called: UUID) -> None:
    assert signed_in("malik").get("/")["Location"].startswith("/readiness")


def test_nobody_sees_the_console_without_signing_in(cast: Cast, called: UUID) -> None:
    answer = Client().get(f"/console/{called}/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


def test_without_an_incident_the_console_offers_to_drop_one(cast: Cast) -> None:
    answer = signed_in("dunya").get("/console/")
    assert b"data-drop" in answer.content
    assert b'data-country="LY"' in answer.content


@pytest.mark.parametrize("part", ["side", "alarm", "log", "act"])
def test_each_block_comes_alone_and_keeps_its_own_address(cast: Cast, called: UUID, part: str) -> None:
    answer = signed_in("dunya").get(f"/console/{called}/part/{part}/")
    assert f'hx-get="/console/{called}/part/{part}/'.encode() in answer.content
    assert b"data-refresh-on" in answer.content
    assert b"<html" not in answer.content


def test_there_is_no_other_block(cast: Cast, called: UUID) -> None:
    assert signed_in("dunya").get(f"/console/{called}/part/frame/").status_code == 404


@pytest.mark.parametrize(
    "path", ["", "part/side/", "map/", "launch/", "confirm/close/", "confirm/stand_down/"]
)
def test_the_other_society_finds_nothing_there(cast: Cast, called: UUID, path: str) -> None:
    assert signed_in("dunya").get(f"/console/{called}/{path}").status_code == 200
    assert signed_in("eman").get(f"/console/{called}/{path}").status_code == 404


@pytest.mark.parametrize("path", ["ask/", "stand-down/", "close/", "end/"])
def test_the_other_society_can_change_nothing_there(cast: Cast, called: UUID, path: str) -> None:
    with society(cast.libya):
        need = Need.objects.get().id
    answer = signed_in("eman").post(f"/console/{called}/{path}", {"need": str(need), "more": 1})
    assert answer.status_code == 404
    with society(cast.libya):
        assert CallOut.objects.get().state == "open"


def test_the_other_society_cannot_answer_for_a_person(cast: Cast, called: UUID) -> None:
    one = people(cast, called)[0]
    assert signed_in("eman").post(f"/console/person/{one}/answer/", {"kind": "coming"}).status_code == 404
    assert state(cast, one) == "asked"


def test_a_manager_looks_on_but_does_not_launch(cast: Cast, called: UUID) -> None:
    malik = signed_in("malik")
    assert malik.get(f"/console/{called}/").status_code == 200
    assert malik.post(f"/console/{called}/close/").status_code == 403


def test_the_board_needs_as_many_queries_for_two_hundred_people_as_for_twelve(
    cast: Cast, called: UUID
) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as few, society(cast.libya):
            queries.board(called, now=NOW)
            queries.message_log(CallOut.objects.values_list("id", flat=True).get())
            queries.on_map(called, now=NOW)
        return len(few)

    before = count()
    with society(cast.libya):
        volunteers(cast.libya, 200, start=100, spread=0.001)
        need = Need.objects.get()
        Need.objects.update(required=20, limit=20)
        actions.ask_more(
            call_out_id=CallOut.objects.get().id,
            need_id=need.id,
            count=200,
            by=cast.users["dunya"].id,
            now=NOW,
        )
        assert Assignment.objects.count() == 212
    assert count() == before <= 32


def test_the_board_counts_every_state_and_names_the_need_in_the_way(cast: Cast, called: UUID) -> None:
    first, second, third, *_ = people(cast, called)
    say(cast, first, "coming", 20)
    say(cast, second, "declined")
    say(cast, third, "reserve")
    with society(cast.libya):
        board = queries.board(called, now=NOW + dt.timedelta(minutes=50))
    assert board is not None
    need = board.needs[0]
    assert (need.coming, need.declined, need.reserve, need.silent, need.open) == (1, 1, 1, 9, 2)
    assert board.verdict.bottleneck is need
    assert need.short
    assert board.verdict.chance is not None
    assert 0 < board.verdict.chance < 0.8


def test_people_on_the_way_are_sorted_by_arrival(cast: Cast, called: UUID) -> None:
    first, second, *_ = people(cast, called)
    say(cast, first, "coming", 40)
    say(cast, second, "coming", 10)
    with society(cast.libya):
        board = queries.board(called, now=NOW)
    assert board is not None
    assert [person.id for person in board.groups[0].people] == [second, first]


def test_nobodys_home_is_exact_on_the_map_before_they_are_coming(cast: Cast, called: UUID) -> None:
    one = people(cast, called)[3]

    def place() -> tuple[list[float], dict[str, object]]:
        found = json.loads(signed_in("dunya").get(f"/console/{called}/map/").content)
        feature = next(f for f in found["people"]["features"] if f["id"] == str(one))
        return feature["geometry"]["coordinates"], feature["properties"]

    with society(cast.libya):
        home = Assignment.objects.select_related("volunteer").get(id=one).volunteer.location
    at, told = place()
    assert at != [round(home.x, 5), round(home.y, 5)]
    assert "name" not in told
    say(cast, one, "coming", 30)
    at, told = place()
    assert at == [round(home.x, 5), round(home.y, 5)]
    assert told["to"] == list(DERNA)


def test_asking_more_asks_so_many_and_says_so(cast: Cast, called: UUID) -> None:
    with society(cast.libya):
        volunteers(cast.libya, 5, start=50)
        need = Need.objects.get().id
    answer = signed_in("dunya").post(f"/console/{called}/ask/", {"need": str(need), "more": 4}, headers=HTMX)
    assert answer["HX-Trigger"] == "console-changed"
    assert b"4 more people are being asked" in answer.content
    assert len(people(cast, called)) == 16


def test_asking_when_nobody_is_left_says_why_and_changes_nothing(cast: Cast, called: UUID) -> None:
    with society(cast.libya):
        need = Need.objects.get().id
    answer = signed_in("dunya").post(f"/console/{called}/ask/", {"need": str(need), "more": 4}, headers=HTMX)
    assert answer.status_code == 409
    assert b"Nobody was asked" in answer.content
    assert len(people(cast, called)) == 12


def test_standing_down_thanks_the_waiting_and_leaves_who_is_coming(cast: Cast, called: UUID) -> None:
    first = people(cast, called)[0]
    say(cast, first, "coming", 20)
    signed_in("dunya").post(f"/console/{called}/stand-down/", {})
    states = [state(cast, one) for one in people(cast, called)]
    assert states == ["coming", *["stood_down"] * 11]


def test_an_incident_is_closed_after_its_call_out_not_before(cast: Cast, called: UUID) -> None:
    dunya = signed_in("dunya")
    assert dunya.post(f"/console/{called}/end/", headers=HTMX).status_code == 409
    dunya.post(f"/console/{called}/close/")
    assert dunya.post(f"/console/{called}/end/", headers=HTMX).status_code == 200
    with society(cast.libya):
        assert Incident.objects.get().state == "closed"


def test_a_dispatcher_answers_for_a_person_who_telephoned(cast: Cast, called: UUID) -> None:
    one = people(cast, called)[0]
    signed_in("dunya").post(f"/console/person/{one}/answer/", {"kind": "coming", "minutes": 25})
    assert state(cast, one) == "coming"
    with society(cast.libya):
        assert Message.objects.filter(subject=one, purpose="confirmation").count() == 1


def test_a_no_show_frees_the_place(cast: Cast, called: UUID) -> None:
    one = people(cast, called)[0]
    say(cast, one, "coming", 5)
    signed_in("dunya").post(f"/console/person/{one}/answer/", {"kind": "no_show"})
    with society(cast.libya):
        assert Need.objects.get().filled == 0


def test_a_step_that_no_longer_fits_is_refused_in_words(cast: Cast, called: UUID) -> None:
    one = people(cast, called)[0]
    answer = signed_in("dunya").post(f"/console/person/{one}/answer/", {"kind": "safe"}, headers=HTMX)
    assert answer.status_code == 409
    assert state(cast, one) == "asked"


def test_a_call_for_help_stands_in_the_alarm_strip_until_seen_to(cast: Cast, called: UUID) -> None:
    one = people(cast, called)[0]
    say(cast, one, "coming", 5)
    say(cast, one, "help")
    dunya, strip = signed_in("dunya"), f"/console/{called}/part/alarm/"
    assert b'role="alert"' in dunya.get(strip).content
    dunya.post(f"/console/person/{one}/seen-to/")
    assert b'role="alert"' not in dunya.get(strip).content


def test_the_arabic_console_is_right_to_left(cast: Cast, called: UUID) -> None:
    client = signed_in("dunya")
    client.cookies["django_language"] = "ar"
    page = client.get(f"/console/{called}/").content.decode()
    assert 'dir="rtl"' in page
    assert "فيضان درنة" in page


def test_every_answer_noted_at_the_desk_is_confirmed_to_the_person(cast: Cast, called: UUID) -> None:
    one, dunya = people(cast, called)[0], signed_in("dunya")
    for kind in ("coming", "declined", "coming", "declined"):
        dunya.post(f"/console/person/{one}/answer/", {"kind": kind, "minutes": 20}, headers=HTMX)
    with society(cast.libya):
        assert Message.objects.filter(subject=one, purpose="confirmation").count() == 4


def test_the_head_says_when_people_are_wanted_on_site(cast: Cast, called: UUID) -> None:
    with society(cast.libya):
        need = Need.objects.get()
        Need.objects.create(
            society_id=cast.libya, incident_id=called, skill_id=skill_id("first-aid-medic"), is_remote=True,
            required=1, limit=1, radius_m=1000, report_by=NOW + dt.timedelta(minutes=5), position=1,
        )  # fmt: skip
        board = queries.board(called, now=NOW)
        assert board is not None
        assert board.report_by == need.report_by
