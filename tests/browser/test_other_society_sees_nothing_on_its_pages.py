"""Egypt's dispatcher while Libya calls out: no page, no block, no map and no live line shows any of it."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Page, WebSocket, expect

from tests.browser.conftest import Call
from tests.browser.desk import Desk
from tests.service import until

BLOCKS = ("", "part/side/", "part/act/", "part/log/", "part/alarm/", "map/", "launch/", "confirm/stand_down/")


@pytest.mark.parametrize("block", BLOCKS)
def test_the_call_outs_pages_are_there_for_libya_and_not_for_egypt(
    visit: Callable[..., Page], call: Call, block: str
) -> None:
    ours, theirs = (visit("about:blank", user=user) for user in ("dispatcher", "dispatcher-eg"))
    assert ours.request.get(f"{call.path}{block}").status == 200
    assert theirs.request.get(f"{call.path}{block}").status == 404


def test_egypts_console_knows_of_no_incident(visit: Callable[..., Page], call: Call) -> None:
    page = visit("/console/", user="dispatcher-eg")
    expect(page.get_by_text("No open incident")).to_be_visible()
    assert str(call.incident) not in page.content()


def test_egypts_list_of_people_holds_no_libyan(visit: Callable[..., Page], call: Call) -> None:
    ours, theirs = (visit("/people/", user=user).locator("main") for user in ("dispatcher", "dispatcher-eg"))
    links = [{a.get_attribute("href") for a in page.locator("table th a").all()} for page in (ours, theirs)]
    assert links[0], "Libya's list is empty"
    assert links[1], "Egypt's list is empty"
    assert not links[0] & links[1]
    for link in links[0]:
        assert theirs.page.request.get(str(link)).status == 404


def test_egypts_live_line_stays_silent_while_libya_launches(
    visit: Callable[..., Page], desk: Callable[..., Desk], call: Call
) -> None:
    heard: dict[str, list[dict[str, Any]]] = {"dispatcher": [], "dispatcher-eg": []}
    for user, messages in heard.items():
        page = visit("about:blank", user=user)
        page.on("websocket", partial(listen, messages))
        page.goto("/console/")
        expect(page.locator("[data-live]")).to_have_attribute("data-state", "on")
    console = desk(call.path)
    console.call()
    console.drawn()
    until(lambda: news(console.page, heard["dispatcher"]), "Libya's line tells of the launch")
    beats = len(heard["dispatcher-eg"])
    until(lambda: waited(console.page) and len(heard["dispatcher-eg"]) > beats + 1, "Egypt's line beats on")
    assert not any(message.get("events") for message in heard["dispatcher-eg"])
    assert len({message["upto"] for message in heard["dispatcher-eg"]}) == 1


def listen(messages: list[dict[str, Any]], line: WebSocket) -> None:
    line.on("framereceived", lambda frame: messages.append(json.loads(frame)))


def waited(page: Page) -> bool:
    """Let the browser speak: its events arrive only while a call to it is under way."""
    return bool(page.evaluate("true"))


def news(page: Page, messages: list[dict[str, Any]]) -> bool:
    return waited(page) and any(message.get("events") for message in messages)
