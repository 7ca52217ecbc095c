"""The volunteer's page behind the link: it shows on GET, acts on POST, and says nothing to anybody else."""

import datetime as dt
import re
from uuid import UUID

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client

from dispatch.callouts import actions
from dispatch.callouts.models import Assignment, CallOut
from dispatch.callouts.rules import links
from dispatch.callouts.views.link import PRESSES_A_MINUTE, WRONG_A_MINUTE
from notifications import clock
from notifications.models import Message
from notifications.tenancy import society
from tests.cast import NOW, Cast, flood, volunteers
from tests.dispatch.test_console import people, say, state

pytestmark = pytest.mark.usefixtures("fresh_counters")
BYTES = 14 * 1024


@pytest.fixture
def fresh_counters() -> None:
    cache.clear()


@pytest.fixture
def one(cast: Cast, called: UUID) -> UUID:
    return people(cast, called)[0]


def address(assignment_id: UUID) -> str:
    return f"/a/{links.token(assignment_id, settings.NAFEER_LINK_KEY)}"


def messages(cast: Cast, assignment_id: UUID, purpose: str) -> int:
    with society(cast.libya):
        return Message.objects.filter(subject=assignment_id, purpose=purpose).count()


def test_looking_changes_nothing(cast: Cast, one: UUID) -> None:
    for _ in range(3):
        assert Client().get(address(one)).status_code == 200
    assert state(cast, one) == "asked"


def test_the_page_speaks_the_volunteers_language_and_switches(cast: Cast, one: UUID) -> None:
    assert b'dir="rtl"' in Client().get(address(one)).content
    assert b'dir="ltr"' in Client().get(f"{address(one)}?lang=en").content


@pytest.mark.parametrize("kind", ["", "coming", "reserve", "declined"])
@pytest.mark.parametrize("language", ["ar", "en"])
def test_the_page_is_small_and_has_no_script(cast: Cast, one: UUID, kind: str, language: str) -> None:
    if kind:
        say(cast, one, kind, 20 if kind == "coming" else None)
    page = Client().get(f"{address(one)}?lang={language}").content
    assert len(page) < BYTES
    assert b"<script" not in page


def test_a_button_counts_once_however_often_its_page_sends_it(cast: Cast, one: UUID) -> None:
    say(cast, one, "coming", 30)
    client, told = Client(), messages(cast, one, "confirmation")
    page = client.get(address(one)).content.decode()
    rendering = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert rendering is not None
    for _ in range(3):
        client.post(address(one), {"a": "9", "csrfmiddlewaretoken": rendering[1]})
    assert messages(cast, one, "confirmation") == told + 1


def test_a_phone_without_cookies_can_answer(cast: Cast, one: UUID) -> None:
    Client(enforce_csrf_checks=True).post(address(one), {"a": "2"})
    assert state(cast, one) == "declined"


def test_the_exact_place_is_told_only_to_who_is_coming(cast: Cast, one: UUID) -> None:
    assert b"geo:" not in Client().get(address(one)).content
    say(cast, one, "coming", 20)
    assert b"geo:32.76400,22.63900" in Client().get(address(one)).content


def test_a_button_that_is_not_on_the_page_does_nothing(cast: Cast, one: UUID) -> None:
    Client().post(address(one), {"a": "5"})
    Client().post(address(one), {"a": "hello"})
    assert state(cast, one) == "asked"
    assert messages(cast, one, "clarify") == 0


def test_after_the_call_out_the_page_is_closed_and_its_buttons_dead(
    cast: Cast, called: UUID, one: UUID
) -> None:
    with society(cast.libya):
        actions.close(call_out_id=CallOut.objects.get().id, by=None, now=NOW)
    assert b"<form" not in Client().get(address(one)).content
    Client().post(address(one), {"a": "1 15"})
    assert state(cast, one) == "stood_down"


def test_somebody_on_site_can_report_safe_after_the_call_out(cast: Cast, one: UUID) -> None:
    say(cast, one, "coming", 5)
    say(cast, one, "arrived")
    with society(cast.libya):
        actions.close(call_out_id=CallOut.objects.get().id, by=None, now=NOW)
    Client().post(address(one), {"a": "5"})
    assert state(cast, one) == "home_safe"


def test_somebody_coming_can_still_decline_by_link_after_the_call_out(cast: Cast, one: UUID) -> None:
    say(cast, one, "coming", 30)
    with society(cast.libya):
        actions.close(call_out_id=CallOut.objects.get().id, by=None, now=NOW)
    assert b'value="2"' in Client().get(address(one)).content
    Client().post(address(one), {"a": "2"})
    assert state(cast, one) == "declined"


def test_days_later_the_link_is_gone(cast: Cast, one: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    with society(cast.libya):
        actions.close(call_out_id=CallOut.objects.get().id, by=None, now=NOW)
    later = clock.Clock(start=clock.real_now(), epoch=NOW + dt.timedelta(days=4), speed=1.0)
    monkeypatch.setattr(clock, "the_clock", lambda: later)
    assert Client().get(address(one)).status_code == 410


@pytest.mark.parametrize("token", ["aaaaaaaaaa", "AAAAAAAAAA", "short", "1" * 10, "a" * 40])
def test_a_token_nobody_has_says_only_that_it_does_not_work(cast: Cast, one: UUID, token: str) -> None:
    answer = Client().get(f"/a/{token}")
    assert answer.status_code == 404
    assert b"<form" not in answer.content


def test_guessing_is_stopped_and_whoever_shares_the_address_still_gets_in(cast: Cast, one: UUID) -> None:
    for n in range(WRONG_A_MINUTE + 1):
        Client().get(f"/a/{'abcdefghij'[: n % 10]}aaaaaaaaaa"[:13])
    assert Client().get("/a/aaaaaaaaaa").status_code == 429
    assert Client().get(address(one)).status_code == 200
    Client().post(address(one), {"a": "1 15"})
    assert state(cast, one) == "coming"


def test_pressing_without_end_is_stopped(cast: Cast, one: UUID) -> None:
    answers = [Client().post(address(one), {"a": "3"}).status_code for _ in range(PRESSES_A_MINUTE + 1)]
    assert answers == [302] * PRESSES_A_MINUTE + [429]


def test_nobody_keeps_the_page_or_passes_its_address_on(cast: Cast, one: UUID) -> None:
    answer = Client().get(address(one))
    assert answer["Cache-Control"] == "no-store"
    assert answer["Referrer-Policy"] == "no-referrer"


def test_a_link_acts_in_its_own_society_whoever_is_signed_in(cast: Cast, one: UUID) -> None:
    client = Client()
    client.force_login(cast.users["eman"])
    client.post(address(one), {"a": "1 15"})
    assert state(cast, one) == "coming"


def test_two_societies_links_never_meet(cast: Cast, one: UUID) -> None:
    with society(cast.egypt):
        volunteers(cast.egypt, 1, start=900)
        incident_id = flood(cast.egypt, required=1)
        actions.launch(incident_id=incident_id, confidence=0.9, by=None, now=NOW)
        theirs = Assignment.objects.get(call_out__incident_id=incident_id).id
    Client().post(address(theirs), {"a": "2"})
    assert state(cast, one) == "asked"
