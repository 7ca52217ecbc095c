"""Everything between signing in and a launched call-out, without a mouse."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Call
from tests.browser.desk import Desk

MOST_STEPS = 80


def test_a_call_out_is_launched_by_keyboard(desk: Callable[..., Desk], call: Call) -> None:
    console = desk(call.path)
    page = console.page
    console.drawn()
    tab_to(page, ".mapctl [data-drop]")
    page.keyboard.press("Enter")
    expect(page.locator(".dropping")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(console.dialog).to_be_visible()
    expect(page.locator("dialog[open] :focus")).to_have_count(1)
    tab_to(page, "input[name=required]")
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type("2")
    page.keyboard.press("Tab")
    expect(console.dialog.locator("#ask-search-and-rescue")).not_to_be_empty()
    tab_to(page, "button[value=launch]")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/console/" in url and str(call.incident) not in url)
    expect(console.side).to_contain_text("of 2 places open")


def test_escape_closes_a_dialog_and_gives_the_focus_back(desk: Callable[..., Desk], call: Call) -> None:
    console = desk(call.path)
    button = console.page.locator("#act [hx-get*=close]")
    tab_to(console.page, "#act [hx-get*=close]")
    console.page.keyboard.press("Enter")
    expect(console.dialog).to_be_visible()
    console.page.keyboard.press("Escape")
    expect(console.dialog).to_have_count(0)
    expect(button).to_be_focused()


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until something has the focus, which must be visible when it has."""
    for _ in range(MOST_STEPS):
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{MOST_STEPS} steps of Tab do not lead to {selector}")
