"""Every page in both languages and both themes: axe finds nothing, nothing is cut off sideways, no word is foreign."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Call
from tests.browser.desk import Desk

WIDTHS = (360, 1440)
HERE = Path(__file__).parent
AXE, LATIN = ((HERE / name).read_text() for name in ("axe_findings.js", "foreign_words.js"))
# Names of things that are called so in Arabic too, and names of time zones.
CALLED_SO = (
    "English", "Natural Earth", "GeoNames", "SMS", "Twilio", "Nafeer", "UTC", "Africa/Tripoli", "Africa/Cairo",
)  # fmt: skip
PAGES = {
    "sign-in": ("/accounts/login/", None),
    "empty console": ("/console/", "dispatcher-eg"),
    "console": ("{call}", "dispatcher"),
    "readiness": ("/readiness/", "manager"),
    "people": ("/people/", "manager"),
    "person": ("{person}", "manager"),
    "messages": ("/setup/messages/", "admin"),
    "answer": ("{link}", None),
}


def axe_says(page: Page, axe: str) -> list[str]:
    page.evaluate(axe)
    return list(page.evaluate(AXE, None))


def other_theme(page: Page) -> None:
    """Pages of the service keep theirs in a cookie; a volunteer's page follows the phone."""
    switch = page.locator("[data-theme-switch]").first
    page.emulate_media(color_scheme="light")
    if switch.count():
        switch.evaluate("button => button.click()")
        expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")


def faults(page: Page, axe: str, language: str) -> list[str]:
    """Everything that is wrong with what a page shows now."""
    found = axe_says(page, axe)
    other_theme(page)
    found += [f"light: {fault}" for fault in page.evaluate(AXE, ["color-contrast"])]
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            found.append(f"{wide} px wide in a window of {width}")
    if language == "ar":
        found += [f"not Arabic: {word}" for word in page.evaluate(LATIN, list(CALLED_SO))]
    return found


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_faults(
    visit: Callable[..., Page], call: Call, axe: str, name: str, language: str
) -> None:
    path, user = PAGES[name]
    page = visit("about:blank", user=user, language=language)
    if "{link}" in path:
        path = next(call.links)[1]
    if "{person}" in path:
        page.goto("/people/")
        path = str(page.locator("table th a").first.get_attribute("href"))
    page.goto(path.format(call=call.path) + (f"?lang={language}" if name == "answer" else ""))
    if page.locator("#map").count():
        expect(page.locator("#map canvas")).to_be_visible()
    assert not (found := faults(page, axe, language)), "\n".join(found)


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_page_after_an_answer_has_no_faults(
    visit: Callable[..., Page], call: Call, axe: str, language: str
) -> None:
    page = visit(f"{next(call.links)[1]}?lang={language}", user=None)
    page.locator("button[value='1 15']").click()
    expect(page.locator(".ok")).to_be_visible()
    assert not (found := faults(page, axe, language)), "\n".join(found)


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_launch_dialog_has_no_faults(
    desk: Callable[..., Desk], call: Call, axe: str, language: str
) -> None:
    console = desk(call.path, language=language)
    console.drop()
    console.need("first-aid-medic", 4)
    assert not (found := faults(console.page, axe, language)), "\n".join(found)
