"""The whole story on the dispatcher's screen, in English and in Arabic, against the running service."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import FILL_MS, WORDS, Desk, sign_in
from tests.service import Service

NEEDS = {"search-and-rescue": 3, "first-aid-medic": 2}


@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_dispatcher_signs_in_drops_a_flood_calls_sees_the_board_fill_and_stands_the_rest_down(
    visit: Callable[..., Page], service: Service, language: str
) -> None:
    words, page = WORDS[language], visit("/accounts/login/", user=None, language=language)
    expect(page.locator("html")).to_have_attribute("dir", words.direction)
    expect(page.get_by_role("heading", name=words.sign_in)).to_be_visible()
    expect(page.get_by_label(words.password)).to_be_visible()
    sign_in(page, "dispatcher")

    desk = Desk(page)
    desk.drop()
    expect(desk.dialog.get_by_role("heading", name=words.new_call_out)).to_be_visible()
    for skill, places in NEEDS.items():
        desk.need(skill, places)
    asked = sum(int(desk.dialog.locator(f"#ask-{skill}").inner_text()) for skill in NEEDS)
    expect(desk.dialog.locator("button[value=launch]")).to_have_text(words.ask.format(asked))
    incident = desk.launch()

    expect(desk.side).to_contain_text(words.places_open)
    desk.page.evaluate("window.neverReloaded = true")
    fills_by_itself(desk)
    expect(desk.side).to_contain_text(words.full)
    assert page.evaluate("window.neverReloaded") is True

    stands_the_rest_down(desk, language)
    assert page.evaluate("window.neverReloaded") is True
    state = (
        "SELECT count(*) FILTER (WHERE a.state IN ('coming', 'en_route', 'arrived')), count(*) FILTER (WHERE a.state"
        " IN ('asked', 'reserve')) FROM callouts_assignment a JOIN incidents_need n ON n.id = a.need_id"
        " WHERE n.incident_id = %s"
    )
    assert service.sql(state, [incident]) == [(sum(NEEDS.values()), 0)]


def fills_by_itself(desk: Desk) -> None:
    """The open places go down to none, and the map's key counts the same people."""
    total = sum(NEEDS.values())
    expect(desk.open_places()).not_to_have_text(str(total), timeout=FILL_MS)
    expect(desk.open_places()).to_have_text("0", timeout=FILL_MS)
    cells = desk.side.locator(".need .cells i:not(.o)")
    expect(cells).to_have_count(total)
    expect(desk.page.locator("#log tr").first).to_be_visible()


def stands_the_rest_down(desk: Desk, language: str) -> None:
    """With the bar's button and the dialog; the group of those stood down appears by itself."""
    desk.page.locator("#act [hx-get*=stand_down]").first.click()
    expect(desk.dialog.get_by_role("heading", name=WORDS[language].stand_down)).to_be_visible()
    desk.dialog.locator("input[name=need][value='']").check()
    desk.dialog.locator("button.btn-primary").click()
    expect(desk.dialog).to_have_count(0)
    group = desk.side.locator("#group-stood_down")
    expect(group).to_contain_text(WORDS[language].stood_down)
    expect(group.locator("summary b")).to_have_text(re.compile(r"[1-9]"))
