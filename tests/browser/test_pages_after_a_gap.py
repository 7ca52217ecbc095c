"""A page whose line was cut while things happened ends as a page that was just loaded."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Call, Complaints
from tests.service import Service, until

# What a page may say while nobody answers at the other end.
CUT = ("WebSocket connection", "Failed to load resource: net::ERR_CONNECTION_REFUSED", "htmx:sendError")
ANSWER = """
from dispatch.callouts import actions
from dispatch.callouts.rules import replies
from dispatch.management import demo
from notifications import clock
from notifications.tenancy import society
from uuid import UUID
with society(demo.societies()["libya"]):
    actions.answer(assignment_id=UUID("{}"), reply=replies.read("1 20"), source="test", by=None, now=clock.now())
"""


def test_a_console_is_right_again_after_the_web_process_was_killed(
    visit: Callable[..., Page], call: Call, service: Service, complaints: Complaints
) -> None:
    page = visit(call.path)
    badge = page.locator("[data-live]")
    expect(badge).to_have_attribute("data-state", "on")
    page.evaluate("window.neverReloaded = true")
    before = blocks(page)
    service.kill("web")
    expect(badge).to_have_attribute("data-state", "off")
    expect(badge).to_contain_text("Not live since")
    service.manage("shell", "-v0", "-c", ANSWER.format(next(call.links)[0]))
    service.start("web")
    expect(badge).to_have_attribute("data-state", "on")

    fresh = visit(call.path)
    until(lambda: blocks(page) == blocks(fresh), "the page equals a fresh one")
    assert blocks(page) != before, "nothing had changed, so nothing is proven"
    assert page.evaluate("window.neverReloaded") is True
    complaints[:] = [said for said in complaints if not any(word in said for word in CUT)]


# What the clock alone changes: chances, forecasts, minutes until somebody comes.
CLOCKWORK = ".verdict > :not(:first-child), .pr, .in, [data-until]"


def blocks(page: Page) -> list[str]:
    """The words of every block that holds people or messages, without what the clock changes by itself."""
    text = """(block, clockwork) => {
      const copy = block.cloneNode(true);
      copy.querySelectorAll(clockwork).forEach((part) => part.remove());
      return copy.textContent.replace(/\\s+/g, " ");
    }"""
    return [str(page.locator(block).evaluate(text, CLOCKWORK)) for block in ("#side", "#log", "#alarms")]
