"""One running service for all browser tests, Debian's Chromium, and pages that fail a test by what they complain of."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, StorageState, expect

from tests.browser.desk import Desk, sign_in
from tests.service import ROOT, Service, running, until

CHROMIUM = "/usr/bin/chromium"
# Software rendering for the map; everything the browser would fetch for itself is off.
FLAGS = (
    "--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
SPEED = 120
# Nearly everybody says yes within two minutes, so that a board fills within seconds.
WILLING = {"acceptance": 0.85, "person_sd": 0, "event_sd": 0, "reply_median_s": 240, "reply_sigma": 0.8}
# Five hundred near Derna and as many of the other society at the same places.
PEOPLE = """
from dispatch.management import demo
from notifications.tenancy import society
from tests import cast
ids = demo.societies()
for slug, start in (("libya", 1000), ("egypt", 5000)):
    with society(ids[slug]):
        cast.volunteers(ids[slug], 300, start=start, spread=0.0015)
        cast.volunteers(ids[slug], 200, skill="first-aid-medic", start=start + 1000, spread=0.002)
"""
# A call-out whose people were asked and think about it for weeks.
# A call-out whose people were asked and think about it for weeks. Everybody in its small circle is asked at once, and
# its places are more than the tests that say yes: nobody is left to ask later, and nobody is stood down.
CALL = """
import datetime as dt, json
from dispatch.callouts import actions
from dispatch.callouts.models import Assignment
from dispatch.callouts.rules import links
from dispatch.incidents.actions import NewNeed, open_incident
from dispatch.management import demo
from dispatch.people.queries import skill_id
from django.conf import settings
from notifications import clock
from notifications.tenancy import society
libya, now = demo.societies()["libya"], clock.now()
need = NewNeed(skill_id("search-and-rescue"), 30, now + dt.timedelta(days=20), is_remote=False, radius_m=3_000)
with society(libya):
    incident = open_incident(
        society_id=libya, kind="flood", title={"en": "Derna flood", "ar": "فيضان درنة"},
        place={"en": "Derna", "ar": "درنة"}, lon=22.80, lat=32.764, needs=[need], by=None, now=now,
    )
    actions.launch(incident_id=incident, confidence=0.9, by=None, now=now)
    asked = Assignment.objects.filter(need__incident_id=incident).values_list("id", flat=True)
    tokens = {str(one): links.token(one, settings.NAFEER_LINK_KEY) for one in asked}
print(json.dumps({"incident": str(incident), "tokens": tokens}))
"""
# What the browser says about drawing without a graphics card; what htmx says when a newer request replaces an older
# one or the page is left, which is meant. A request that fails says more than these.
# Two busy cores draw a map in seconds.
expect.set_options(timeout=20_000)
EXPECTED = ("GL Driver Message", "htmx:sendAbort", "htmx:afterRequest")


@pytest.fixture(scope="session", autouse=True)
def service(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The whole service with 1,000 willing volunteers, started before the browser and stopped after it."""
    with running(tmp_path_factory.mktemp("service"), speed=SPEED) as service:
        service.scenario(**WILLING)
        service.manage("shell", "-v0", "-c", PEOPLE)
        yield service


@dataclass
class Call:
    """A call-out in which nobody has answered. links: what each of those asked would open, each used once."""

    incident: UUID
    links: Iterator[tuple[UUID, str]]

    @property
    def path(self) -> str:
        return f"/console/{self.incident}/"


@pytest.fixture(scope="session")
def call(service: Service) -> Call:
    """A call-out whose people are silent; people asked later are as willing as ever."""
    service.scenario(reply_median_s=100_000_000)
    made = json.loads(service.manage("shell", "-v0", "-c", CALL))
    until(lambda: _delivered(service, made["incident"]), "the call-out's texts are delivered")
    service.scenario(**WILLING)
    links = ((UUID(one), f"/a/{token}") for one, token in made["tokens"].items())
    return Call(UUID(made["incident"]), links)


def _delivered(service: Service, incident: str) -> bool:
    waiting = (
        "SELECT count(*) FROM notifications_message m JOIN callouts_assignment a ON a.id = m.subject"
        " JOIN incidents_need n ON n.id = a.need_id WHERE n.incident_id = %s"
        " AND m.state IN ('queued', 'sending', 'sent', 'unknown')"
    )
    return service.sql(waiting, [incident]) == [(0,)]


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    return {"executable_path": CHROMIUM, "args": list(FLAGS), "headless": True}


@pytest.fixture(scope="session")
def signed_in(browser: Browser, service: Service) -> Callable[[str], StorageState]:
    """The cookies of a user who signed in; each signs in once."""
    kept: dict[str, StorageState] = {}

    def state(user: str) -> StorageState:
        if user not in kept:
            context = browser.new_context(base_url=service.base_url, locale="en")
            sign_in(context.new_page(), user)
            kept[user] = context.storage_state()
            context.close()
        return kept[user]

    return state


class Complaints(list[str]):
    """What pages said on the console: errors, warnings, refusals of the content policy, uncaught exceptions."""

    def hear(self, context: BrowserContext) -> None:
        context.on("console", self._message)
        context.on("weberror", lambda found: self.append(f"uncaught: {found.error}"))

    def _message(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(EXPECTED):
            self.append(f"{message.type} on {message.page and message.page.url}: {message.text}")


@pytest.fixture
def complaints() -> Complaints:
    """A test that cuts the line takes out of it what the cut must cause."""
    return Complaints()


@pytest.fixture
def visit(
    browser: Browser, service: Service, signed_in: Callable[[str], StorageState], complaints: Complaints
) -> Iterator[Callable[..., Page]]:
    """visit(path, user=None, language="en", theme="dark", size=(1440, 900), **context options) -> Page.

    The test fails at its end if any of its pages complained.
    """
    contexts: list[BrowserContext] = []

    def page(
        path: str,
        *,
        user: str | None = "dispatcher",
        language: str = "en",
        theme: Literal["dark", "light"] = "dark",
        size: tuple[int, int] = (1440, 900),
        **options: Any,
    ) -> Page:
        context = browser.new_context(
            base_url=service.base_url,
            locale=language,
            color_scheme=theme,
            viewport={"width": size[0], "height": size[1]},
            storage_state=signed_in(user) if user else None,
            **options,
        )
        contexts.append(context)
        context.add_cookies(
            [
                {"name": "django_language", "value": language, "url": service.base_url},
                {"name": "theme", "value": theme, "url": service.base_url},
            ]
        )
        context.set_default_timeout(20_000)
        complaints.hear(context)
        opened = context.new_page()
        opened.goto(path)
        return opened

    yield page
    for context in contexts:
        context.close()
    assert not complaints, "\n".join(complaints)


@pytest.fixture
def desk(visit: Callable[..., Page]) -> Callable[..., Desk]:
    """desk(language="en", ...) -> the console of the Libyan dispatcher."""
    return lambda path="/console/", **options: Desk(visit(path, **options))


@pytest.fixture(scope="session")
def axe() -> str:
    """axe-core, which finds what people with disabilities stumble over."""
    return (ROOT / "node_modules/axe-core/axe.min.js").read_text()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
