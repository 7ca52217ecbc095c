"""What a volunteer does behind the link in the text, on a small phone, with and without script."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Call
from tests.service import Service, until

PHONE = {"user": None, "size": (360, 640)}
LIMIT = 14_000
MUSTER = {"en": "Derna", "ar": "درنة"}
THANKS = {"en": "Thank you", "ar": "شكرًا"}
ON_SITE = {"en": "You are on site.", "ar": "أنت في الموقع"}


@pytest.mark.parametrize(("language", "script"), [("en", False), ("ar", True)])
def test_a_volunteer_answers_reads_where_to_go_and_arrives(
    visit: Callable[..., Page], call: Call, service: Service, language: str, script: bool
) -> None:
    assignment, path = next(call.links)
    page = visit(f"{path}?lang={language}", **PHONE, java_script_enabled=script)
    expect(page.locator("html")).to_have_attribute("dir", "rtl" if language == "ar" else "ltr")
    expect(page.locator(".ad")).to_have_count(0)

    page.locator("button[value='1 15']").click()
    expect(page.locator("h1")).to_contain_text(THANKS[language])
    expect(page.locator(".ad")).to_contain_text(MUSTER[language])
    assert state(service, assignment) == "coming"

    page.locator("button[value='4']").click()
    expect(page.locator(".ok")).to_contain_text(ON_SITE[language])
    assert state(service, assignment) == "arrived"


def test_the_console_shows_an_answer_from_the_link_at_once(visit: Callable[..., Page], call: Call) -> None:
    console, phone = visit(call.path), visit(next(call.links)[1], **PHONE)
    group = console.locator("#group-on_the_way summary b")
    before = int(group.inner_text())
    phone.locator("button[value='1 15']").click()
    expect(group).to_have_text(str(before + 1))


def test_an_answer_by_link_is_confirmed_by_text(
    visit: Callable[..., Page], call: Call, service: Service
) -> None:
    assignment, path = next(call.links)
    visit(path, **PHONE).locator("button[value='2']").click()
    number = service.sql(
        "SELECT m.to_number FROM notifications_message m WHERE m.subject = %s", [assignment]
    )[0][0]
    until(lambda: [row for row in service.ledger(to=number) if "لن نطلبك" in row["body"]], "a confirmation")


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("answered", [False, True])
def test_the_page_is_one_small_exchange(
    visit: Callable[..., Page], call: Call, language: str, answered: bool
) -> None:
    page = visit("about:blank", **PHONE)
    path = f"{next(call.links)[1]}?lang={language}"
    if answered:
        page.goto(path)
        page.locator("button[value='1 30']").click()
        expect(page.locator(".ok")).to_be_visible()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    response = page.goto(path)
    assert response is not None
    assert len(response.body()) <= LIMIT
    assert len(asked) == 1, asked


def test_a_link_nobody_has_says_nothing_about_anybody(visit: Callable[..., Page]) -> None:
    page = visit("about:blank", **PHONE)
    answer = page.request.get("/a/aaaaaaaaaa?lang=en")
    assert answer.status == 404
    assert "This link no longer works" in answer.text()
    assert "Red Crescent" not in answer.text()


def state(service: Service, assignment: object) -> str:
    return str(service.sql("SELECT state FROM callouts_assignment WHERE id = %s", [assignment])[0][0])
