"""Makes deploy/pictures/*.png from a real drill: `pytest tests/browser/pictures.py` (deploy/test --servers says how).

The drill derna-2023 runs on the real processes, at 20 times real time so that four consoles show about the same
minutes. When the first are on site, the phone network, the sender and the ticker are ended, one person on the
way presses "I need help" on the link page, and the pages are taken.
"""

import struct
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from dispatch.callouts.rules import links
from tests.browser.desk import Desk
from tests.service import ROOT, Service, running, until

OUT = ROOT / "deploy/pictures"
LOOKS = [("dark", "en"), ("light", "ar"), ("light", "en"), ("dark", "ar")]
ARRIVED = 4
TRIPOLI = (13.191, 32.887)
NEEDS = {"search-and-rescue": 24, "first-aid-medic": 12, "logistics": 6}
MUSTER = {"muster_en": "sports hall, port road", "muster_ar": "الصالة الرياضية، طريق الميناء"}
STATES = "SELECT state, count(*) FROM callouts_assignment GROUP BY state"
# A busy machine may need a minute for a map.
expect.set_options(timeout=60_000)
# People asked or coming for a place on site, by skill; the nearest first.
PEOPLE = (
    "SELECT a.id FROM callouts_assignment a JOIN incidents_need n ON n.id = a.need_id JOIN people_skill s"
    " ON s.id = n.skill_id WHERE a.state = %s AND s.code = %s AND a.delivered_at IS NOT NULL ORDER BY a.distance_m"
)


@pytest.fixture(scope="session")
def service(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service before the drill."""
    with running(tmp_path_factory.mktemp("pictures"), speed=20) as service:
        yield service


@pytest.fixture(scope="session")
def drill(service: Service, signed_in: Callable[[str], object]) -> Iterator[None]:
    """The drill under way, everybody who looks signed in before it."""
    for user in ("dispatcher", "manager"):
        signed_in(user)
    command = [sys.executable, "-m", "dispatch", "drill", "derna-2023", "--json"]
    with (service.folder / "drill.log").open("wb") as log:
        drill = subprocess.Popen(command, cwd=ROOT, env=service.as_owner(), stdout=log, stderr=log)
    try:
        until(lambda: service.sql("SELECT 1 FROM callouts_assignment LIMIT 1"), "the drill's call-out")
        yield
    finally:
        drill.kill()
        drill.wait()


def standing(service: Service) -> dict[str, int]:
    """People by state."""
    return dict(service.sql(STATES))


def on_site(service: Service) -> int:
    return standing(service).get("arrived", 0)


def link(service: Service, state: str, skill: str, place: int = 0) -> str:
    """The address behind the text of somebody in this state."""
    assignment = service.sql(PEOPLE, [state, skill])[place][0]
    return f"/a/{links.token(assignment, service.environment['NAFEER_LINK_KEY'])}"


def take(page: Page, name: str) -> None:
    """One picture. Letters first: a page drawn before its fonts came would be set in others."""
    page.evaluate("document.fonts.ready")
    # "initial": to hide the caret Playwright would put a style into the page, which the content policy refuses.
    (OUT / f"{name}.png").write_bytes(squeezed(page.screenshot(caret="initial")))


def squeezed(picture: bytes) -> bytes:
    """The same PNG, packed harder than a browser does."""
    chunks, at = [], 8
    while at < len(picture):
        (length,) = struct.unpack(">I", picture[at : at + 4])
        chunks.append((picture[at + 4 : at + 8], picture[at + 8 : at + 8 + length]))
        at += 12 + length
    pixels = zlib.compress(zlib.decompress(b"".join(data for kind, data in chunks if kind == b"IDAT")), 9)
    kept = [chunks[0], (b"IDAT", pixels), (b"IEND", b"")]
    packed = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in kept
    )
    return picture[:8] + b"".join(packed)


def test_a_medics_page_before_and_after_the_answer(
    visit: Callable[..., Page], service: Service, drill: None
) -> None:
    until(lambda: service.sql(PEOPLE, ["asked", "first-aid-medic"]), "a medic has the text")
    address = link(service, "asked", "first-aid-medic")
    pages = {
        language: visit(f"{address}?lang={language}", user=None, theme="light", size=(360, 640))
        for language in ("en", "ar")
    }
    for language, page in pages.items():
        take(page, f"answer-{language}")
    pages["en"].locator("button[value='1 30']").click()
    for language, page in pages.items():
        page.goto(f"{address}?lang={language}")
        expect(page.locator(".ok")).to_be_visible()
        take(page, f"answered-{language}")


def test_the_consoles_when_the_first_are_on_site(
    visit: Callable[..., Page], service: Service, drill: None
) -> None:
    until(lambda: on_site(service) >= ARRIVED, "the first are on site", seconds=400)
    service.kill("phones", "sender", "ticker")
    phone = visit(link(service, "coming", "search-and-rescue"), user=None)
    phone.locator("button[value='9']").click()
    for theme, language in LOOKS:
        desk = Desk(visit("/console/", theme=theme, language=language))
        desk.drawn()
        expect(desk.page.locator(".alarm")).to_be_visible()
        expect(desk.page.locator(".who")).to_be_visible()
        expect(desk.page.locator(".donut").first).to_be_visible()
        until(lambda page=desk.page: page.evaluate("nafeerMap.loaded()"), "the map is whole")  # type: ignore[misc]
        take(desk.page, f"console-{theme}-{language}")


def test_the_board_the_launch_and_the_sign_in(visit: Callable[..., Page], drill: None) -> None:
    for theme, language in LOOKS:
        page = visit("/readiness/", user="manager", theme=theme, language=language)
        expect(page.locator("#map")).to_have_attribute("data-drawn", "yes")
        take(page, f"readiness-{theme}-{language}")
    for theme, language in LOOKS[2:]:
        launch(Desk(visit("/console/", theme=theme, language=language)), f"launch-{theme}-{language}")
    take(visit("/accounts/login/", user=None, theme="light"), "sign-in-en")


def launch(desk: Desk, name: str) -> None:
    """The dialog for a flood elsewhere: around Derna everybody near is asked already."""
    desk.drawn()
    desk.page.evaluate("at => nafeerMap.jumpTo({ center: at, zoom: 8 })", TRIPOLI)
    desk.drop(TRIPOLI)
    for field, words in MUSTER.items():
        desk.dialog.locator(f"[name={field}]").fill(words)
    for skill, places in NEEDS.items():
        desk.need(skill, places)
    desk.dialog.locator("header").click()
    desk.page.wait_for_load_state("networkidle")
    take(desk.page, name)
