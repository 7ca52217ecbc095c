"""What a dispatcher does on the console, in either language, found by what is written on it."""

import re
from dataclasses import dataclass
from uuid import UUID

from playwright.sync_api import Locator, Page, expect

from tests.service import PASSWORD

DERNA = (22.639, 32.764)
# The board is filled by simulated people; a busy machine may need this long.
FILL_MS = 90_000


@dataclass(frozen=True)
class Words:
    """What must stand on the page in one language, as the story meets it."""

    direction: str
    sign_in: str
    password: str
    nobody: str
    new_call_out: str
    ask: str
    places_open: str
    full: str
    stand_down: str
    stood_down: str


WORDS = {
    "en": Words(
        direction="ltr",
        sign_in="Sign in",
        password="Password",
        nobody="No open incident",
        new_call_out="New call-out",
        ask="Ask {} people now",
        places_open="of 5 places open",
        full="All places are filled. Whoever answers now stands in reserve.",
        stand_down="Stand down with thanks",
        stood_down="Stood down",
    ),
    "ar": Words(
        direction="rtl",
        sign_in="تسجيل الدخول",
        password="كلمة المرور",
        nobody="لا حادث مفتوح",
        new_call_out="نداء جديد",
        ask="أطلق النداء إلى {}",
        places_open="شاغر من 5 أماكن",
        full="اكتمل العدد. من يردّ الآن يبقى في الاحتياط.",
        stand_down="إعفاء مع الشكر",
        stood_down="أُعفوا مع الشكر",
    ),
}


def sign_in(page: Page, user: str) -> None:
    """Through the form, as a person does."""
    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill(user)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("form:has(input[name=password]) button[type=submit]").click()
    expect(page.locator("form:has(input[name=password])")).to_have_count(0)


class Desk:
    """A console open in a page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @property
    def dialog(self) -> Locator:
        return self.page.locator("dialog[open]")

    @property
    def side(self) -> Locator:
        return self.page.locator("#side")

    def drawn(self) -> None:
        """Wait until the map shows its ground and its people."""
        expect(self.page.locator("#map")).to_have_attribute("data-drawn", "true")

    def drop(self, at: tuple[float, float] = DERNA) -> None:
        """Drop an incident with the mouse: the button beside the map, then the place on it."""
        self.drawn()
        self.page.locator(".mapctl [data-drop]").click()
        where = self.page.evaluate(
            "([x, y]) => { const at = nafeerMap.project([x, y]); return [at.x, at.y] }", at
        )
        self.page.locator("#map canvas").click(position={"x": where[0], "y": where[1]})
        # Filled in by the dialog's first question to the server: by then its controls listen.
        expect(self.dialog.locator("#launch-outlook")).not_to_be_empty()

    def need(self, skill: str, places: int) -> None:
        """So many places of a skill, in a row of its own unless it has one."""
        row = self.dialog.locator(f"tr[data-need={skill}]")
        if not row.count():
            self.dialog.locator("select[name=add]").select_option(skill)
        row.locator("input[name=required]").fill(str(places))
        row.locator("input[name=required]").press("Tab")
        expect(row.locator(f"#ask-{skill}")).not_to_be_empty()

    def launch(self) -> UUID:
        """Press the dialog's big button; the incident it opened."""
        with self.page.expect_navigation(url=re.compile(r"/console/[0-9a-f-]{36}/$")):
            self.dialog.locator("button[value=launch]").click()
        return UUID(self.page.url.rstrip("/").rsplit("/", 1)[-1])

    def open_places(self) -> Locator:
        """The first of the two large figures."""
        return self.side.locator(".verdict .hero").first

    def call(self, places: int = 3, skill: str = "search-and-rescue") -> UUID:
        """Drop and launch in one go, for tests about what comes after."""
        self.drop()
        self.need(skill, places)
        return self.launch()
