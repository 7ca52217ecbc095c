"""The frame of the pages: language, direction, theme, content policy, and the volunteer's pages."""

import datetime as dt
import re
from types import SimpleNamespace

import pytest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.utils.translation import override

from dispatch.callouts.rules import moves
from dispatch.orgs.templatetags.pages import MESSAGE_STATES, STATES
from notifications.rules import State
from tests.cast import PASSWORD, Cast

NOW = dt.datetime(2023, 9, 10, 23, 33, tzinfo=dt.UTC)
INLINE = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=")
CALL = {
    "society": {"en": "Libyan Red Crescent", "ar": "الهلال الأحمر الليبي"},
    "code": "D7",
    "sent_at": NOW,
    "first_name": "أمينة",
    "skill": {"en": "First aid", "ar": "الإسعاف"},
    "what": "فيضان في درنة",
    "where": "درنة",
    "distance_km": 18,
    "drive_min": 25,
    "report_by": NOW,
    "work_hours": 6,
    "options": (15, 30, 60),
    "state": "asked",
    "may": {"1", "2", "3"},
    "address": "",
    "lat": None,
}


def answer_page(name: str, language: str, **changes: object) -> str:
    request = RequestFactory().get("/a/key")
    request.csp_nonce = "nonce"  # type: ignore[attr-defined]
    with override(language):
        return render_to_string(f"answer/{name}.html", {"call": SimpleNamespace(**CALL | changes)}, request)


@pytest.fixture
def dunya(cast: Cast, client: Client) -> Client:
    client.force_login(cast.users["dunya"], backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.mark.django_db
def test_arabic_pages_run_from_right_to_left(client: Client) -> None:
    page = client.get("/accounts/login/", headers={"Accept-Language": "ar"}).content.decode()
    assert '<html lang="ar" dir="rtl"' in page
    assert "bootstrap.rtl.min.css" in page
    assert "تسجيل الدخول" in page


@pytest.mark.django_db
def test_the_theme_comes_from_the_cookie_and_is_dark_without_one(client: Client) -> None:
    assert 'data-bs-theme="dark"' in client.get("/accounts/login/").content.decode()
    client.cookies["theme"] = "light"
    assert 'data-bs-theme="light"' in client.get("/accounts/login/").content.decode()


def test_a_wrong_password_is_said_in_the_readers_language(cast: Cast, client: Client) -> None:
    form = {"login": "dunya", "password": "wrong"}
    page = client.post("/accounts/login/", form, headers={"Accept-Language": "ar"}).content.decode()
    assert 'role="alert"' in page
    assert re.search(r'role="alert">.*?<b>[^<a-z]+</b>', page, re.DOTALL)


def test_the_right_password_signs_in(cast: Cast, client: Client) -> None:
    client.post("/accounts/login/", {"login": "dunya", "password": PASSWORD})
    assert "_auth_user_id" in client.session


@pytest.mark.parametrize(
    "path", ["/accounts/logout/", "/accounts/2fa/", "/accounts/password/change/", "/no/such/page"]
)
def test_no_page_of_the_frame_holds_inline_code_or_style(dunya: Client, path: str) -> None:
    page = dunya.get(path).content.decode()
    assert 'class="top"' in page
    assert INLINE.findall(page) == []


def test_the_bar_shows_the_journals_newest_number_to_a_member(dunya: Client) -> None:
    assert "data-live" in dunya.get("/accounts/logout/").content.decode()


@pytest.mark.django_db
def test_a_stranger_gets_no_live_line(client: Client) -> None:
    assert "data-live" not in client.get("/accounts/login/").content.decode()


@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize("name", ["open", "answered", "closed", "gone"])
def test_a_volunteers_page_is_small_and_needs_no_script(name: str, language: str) -> None:
    page = answer_page(name, language)
    assert len(page.encode()) <= 14_000
    assert "<script" not in page
    assert re.search(r"\sstyle=|(?:src|href)=\"(?:http|/)", page) is None


def test_the_open_page_speaks_the_grammar_of_the_text_message() -> None:
    page = answer_page("open", "ar")
    assert re.findall(r'name="a" value="([^"]+)"', page) == ["1 15", "1 30", "1 60", "3", "2"]


def test_a_page_offers_only_what_the_state_allows() -> None:
    page = answer_page("answered", "en", state="arrived", may={"5", "9"})
    assert re.findall(r'name="a" value="([^"]+)"', page) == ["5", "9"]


def test_the_arabic_page_counts_in_arabic() -> None:
    page = answer_page("open", "ar", drive_min=7, work_hours=2)
    assert "7 دقائق بالسيارة" in page
    assert "العمل نحو ساعتين" in page


def test_every_state_of_an_assignment_has_a_look() -> None:
    assert set(moves.STATES) <= set(STATES)


def test_every_state_of_a_message_has_a_look() -> None:
    assert {state.value for state in State} <= set(MESSAGE_STATES)
