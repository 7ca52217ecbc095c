"""The carrier fails as the scenario says, and as often."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.notifications.phones.conftest import (
    ACCOUNT,
    HANDSET,
    MUTE,
    NUMBER,
    SURE,
    TOKEN,
    Carrier,
    Customer,
    until,
)


def post(carrier: Carrier, to: str = HANDSET, patience: float = 5.0, **more: str) -> str:
    """One POST of a message: the status answered, or how it ended without."""
    fields = {"To": to, "From": NUMBER, "Body": "K7"} | more
    url = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    try:
        return str(carrier.http.post(url, data=fields, auth=(ACCOUNT, TOKEN), timeout=patience).status_code)
    except httpx.TimeoutException:
        return "hung"
    except httpx.TransportError:
        return "dropped"


@pytest.mark.parametrize(
    ("fault", "ending", "accepted"),
    [
        ("rate_429", "429", 0),
        ("rate_500_before", "500", 0),
        ("rate_500_after", "500", 1),
        ("rate_drop_before", "dropped", 0),
        ("rate_drop_after", "dropped", 1),
        ("rate_hang_before", "hung", 0),
        ("rate_hang_after", "hung", 1),
    ],
)
def test_a_fault_comes_before_or_after_the_message_is_accepted(
    carrier: Carrier, fault: str, ending: str, accepted: int
) -> None:
    carrier.scenario({fault: 1})
    assert post(carrier, patience=0.5) == ending
    rows = carrier.ledger()
    assert len(rows) == accepted
    assert all(row["answered"] == ending for row in rows)
    assert carrier.summary()["faults"] == {fault: 1}


def test_faults_come_at_their_rates(carrier: Carrier) -> None:
    carrier.scenario({"rate_429": 0.2, "rate_500_after": 0.1, "rate_drop_before": 0.1})
    with ThreadPoolExecutor(8) as pool:
        endings = Counter(pool.map(lambda n: post(carrier, f"+21892{n:07}"), range(600)))
    assert endings["429"] == pytest.approx(120, abs=30)
    assert endings["500"] == pytest.approx(60, abs=22)
    assert endings["dropped"] == pytest.approx(60, abs=22)
    assert len(carrier.ledger()) == endings["201"] + endings["500"]


def test_the_same_seed_has_the_same_faults_and_a_second_try_new_ones(carrier: Carrier) -> None:
    def run() -> list[str]:
        carrier.control("reset", {})
        return [post(carrier, f"+21892{n // 2:07}") for n in range(60)]

    carrier.scenario({"rate_429": 0.5})
    first = run()
    assert run() == first
    assert any(first[n] != first[n + 1] for n in range(0, 60, 2))


@pytest.mark.parametrize(("outage", "ending"), [("drop", "dropped"), ("hang", "hung"), ("500", "503")])
def test_an_outage_takes_the_whole_api(carrier: Carrier, outage: str, ending: str) -> None:
    carrier.scenario({"outage": outage})
    assert post(carrier, patience=0.5) == ending
    carrier.scenario({"outage": "none"})
    assert post(carrier) == "201"


def test_a_cap_and_a_closed_country_refuse(carrier: Carrier) -> None:
    carrier.scenario({"daily_cap": 1, "denied_prefixes": ["+963"]})
    assert [post(carrier), post(carrier)] == ["201", "429"]
    assert post(carrier, "+963944000001") == "400"


def test_too_many_requests_at_once_are_refused(carrier: Carrier) -> None:
    carrier.scenario({"concurrency": 2, "latency_ms": 300})
    with ThreadPoolExecutor(6) as pool:
        endings = Counter(pool.map(lambda n: post(carrier, f"+21892{n:07}"), range(6)))
    assert endings["201"] >= 1
    assert endings["429"] >= 1


def test_latency_is_what_the_scenario_says(carrier: Carrier) -> None:
    carrier.scenario({"latency_ms": 200, "latency_jitter_ms": 50})
    answer = carrier.http.post(
        f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json",
        data={"To": HANDSET, "From": NUMBER, "Body": "K7"},
        auth=(ACCOUNT, TOKEN),
    )
    assert 0.15 <= answer.elapsed.total_seconds() < 0.6


def test_callbacks_can_overtake_the_answer(carrier: Carrier, customer: Customer) -> None:
    carrier.scenario({"rate_early": 1, "latency_ms": 500})
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(post, carrier, StatusCallback=f"{customer.url}/s")
        until(lambda: "delivered" in customer.statuses(), "the receipt comes")
        assert not answer.done()


@pytest.mark.parametrize(
    ("fault", "heard"),
    [
        ({"rate_callback_dropped": 1}, []),
        ({"rate_callback_twice": 1}, ["delivered", "delivered", "sent", "sent"]),
        ({"rate_callback_reordered": 1}, ["delivered", "sent"]),
        ({"rate_sent_is_final": 1}, ["sent"]),
        ({"rate_callback_late": 1, "late_s": 10}, ["delivered", "sent"]),
    ],
)
def test_callbacks_are_lost_doubled_and_swapped(
    carrier: Carrier, customer: Customer, fault: dict[str, Any], heard: list[str]
) -> None:
    carrier.scenario(fault)
    carrier.send(status_callback=f"{customer.url}/s")
    carrier.settle()
    found = customer.statuses()
    assert (found if "rate_callback_reordered" in fault else sorted(found)) == heard


@pytest.mark.parametrize(("fault", "times"), [("rate_inbound_dropped", 0), ("rate_inbound_twice", 2)])
def test_replies_are_lost_and_doubled_and_always_listed(
    carrier: Carrier, customer: Customer, fault: str, times: int
) -> None:
    carrier.scenario(SURE | {fault: 1})
    carrier.send()
    carrier.settle()
    assert len(customer.heard) == times
    assert len(carrier.client().messages.list(to=NUMBER)) == 1


def test_a_wrong_scenario_is_refused_by_name_and_changes_nothing(carrier: Carrier) -> None:
    wrong = {"rate_429": 2, "speed": 1, "acceptance": "evening"}
    answer = carrier.http.post("/control/scenario", json=wrong)
    assert answer.status_code == 400
    assert all(name in answer.json()["error"] for name in wrong)
    assert (
        carrier.http.post("/control/scenario", json={"rate_429": 0.6, "rate_500_after": 0.6}).status_code
        == 400
    )
    assert carrier.http.get("/control/scenario").json()["rate_429"] == MUTE.get("rate_429", 0)
