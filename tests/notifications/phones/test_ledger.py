"""The ledger tells what really happened, and the program says what is wrong with its settings."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from notifications.phones.scenario import Scenario, load, parse
from notifications.phones.settings import Clock, Misconfigured, from_environment
from tests.notifications.phones.conftest import (
    ACCOUNT,
    ASK,
    DEADLINE,
    HANDSET,
    NUMBER,
    OTHER,
    SURE,
    TOKEN,
    Carrier,
    Customer,
    free_port,
    is_up,
    start,
    until,
)


def test_a_row_tells_the_whole_story_of_a_message(carrier: Carrier, customer: Customer) -> None:
    carrier.scenario(SURE)
    sid = carrier.send(status_callback=f"{customer.url}/s?attempt=att-9").sid
    carrier.settle()
    asked, reply = carrier.ledger()
    assert (asked["sid"], asked["to"], asked["body"], asked["attempt"]) == (sid, HANDSET, ASK, "att-9")
    assert [step["status"] for step in asked["history"]] == ["queued", "sent", "delivered"]
    assert asked["replies"] == [reply["sid"]]
    assert (reply["direction"], reply["in_reply_to"]) == ("inbound", sid)
    assert [(post["kind"], post["outcome"]) for post in reply["posts"]] == [("inbound", "204")]


def test_an_attempt_in_the_callbacks_path_is_found_too(carrier: Carrier, customer: Customer) -> None:
    attempt = "0197a1b2-0000-7000-8000-00000000000a"
    carrier.send(status_callback=f"{customer.url}/hook/k9/status/{attempt}/")
    assert carrier.ledger()[0]["attempt"] == attempt


def test_rows_are_filtered_and_paged(carrier: Carrier) -> None:
    for n in range(7):
        carrier.send(to=f"+21892000000{n}")
    carrier.control("say", {"from": HANDSET, "to": NUMBER, "text": "1"})
    assert len(carrier.ledger(direction="outbound")) == 7
    assert len(carrier.ledger(to="+218920000003")) == 1
    assert carrier.ledger(account=OTHER) == []
    page = carrier.http.get("/ledger", params={"limit": 3}).json()
    assert [row["seq"] for row in carrier.ledger(after=str(page["next"]))] == [3, 4, 5, 6, 7]
    lines = carrier.http.get("/ledger", params={"format": "jsonl"}).text.splitlines()
    assert [json.loads(line)["seq"] for line in lines] == list(range(8))


@pytest.mark.parametrize("query", [{"after": "x"}, {"limit": "--1"}, {"direction": "up"}])
def test_a_wrong_ledger_query_is_refused(carrier: Carrier, query: dict[str, str]) -> None:
    assert carrier.http.get("/ledger", params=query).status_code == 400


def test_the_summary_counts_what_was_sent_twice(carrier: Carrier, customer: Customer) -> None:
    for attempt in (1, 1, 2):
        carrier.send(status_callback=f"{customer.url}/s?attempt={attempt}")
    carrier.settle()
    found = carrier.summary()
    assert (found["outbound"], found["numbers"], found["status"]) == (3, 1, {"delivered": 3})
    assert (found["same_text_twice"], found["same_attempt_twice"]) == (2, 1)


def test_the_file_holds_what_the_ledger_holds(carrier: Carrier) -> None:
    sid = carrier.send().sid
    carrier.settle()
    events = [json.loads(line) for line in carrier.ledger_file.read_text(encoding="utf-8").splitlines()]
    mine = [event for event in events if event.get("sid") == sid]
    assert [event["event"] for event in mine] == ["message", "status", "status"]
    assert [event["status"] for event in mine] == ["queued", "sent", "delivered"]
    assert mine[0]["body"] == ASK


def test_a_conversation_is_shown_in_order(carrier: Carrier) -> None:
    carrier.send(body="مرحبا")
    carrier.control("say", {"from": HANDSET, "to": NUMBER, "text": "من معي؟"})
    talk = carrier.http.get("/control/phone", params={"number": HANDSET}).json()["messages"]
    assert [(line["mine"], line["text"]) for line in talk] == [(False, "مرحبا"), (True, "من معي؟")]


def test_the_page_shows_texts_harmlessly_and_in_their_own_direction(carrier: Carrier) -> None:
    carrier.control("say", {"from": HANDSET, "to": NUMBER, "text": "<b>نعم</b>"})
    page = carrier.http.get("/").text
    assert 'dir="auto">&lt;b&gt;نعم&lt;/b&gt;' in page


def test_the_controls_take_json_only(carrier: Carrier) -> None:
    say = {"from": HANDSET, "to": NUMBER, "text": "1"}
    assert carrier.http.post("/control/say", data=say).status_code == 400
    assert carrier.http.post("/control/say", json=say | {"to": "+218910009999"}).status_code == 400
    assert carrier.ledger() == []


def test_domain_time_runs_as_fast_as_the_people(carrier: Carrier) -> None:
    start_at = datetime(2026, 1, 1, tzinfo=UTC)
    clock = Clock(start_at, datetime(2023, 9, 10, 22, tzinfo=UTC), 60)
    assert clock.domain(start_at + timedelta(minutes=1)) == datetime(2023, 9, 10, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({}, "PHONES_ACCOUNTS"),
        ({"PHONES_ACCOUNTS": "AC1:x"}, "PHONES_ACCOUNTS"),
        ({"PHONES_BIND": "8090"}, "PHONES_BIND"),
        ({"PHONES_SPEED": "0"}, "PHONES_SPEED"),
        ({"PHONES_SEED": "one"}, "PHONES_SEED"),
        ({"PHONES_CLOCK_START": "yesterday"}, "PHONES_CLOCK_START"),
    ],
)
def test_a_wrong_environment_is_refused_by_name(environment: dict[str, str], named: str) -> None:
    good = (
        {"PHONES_ACCOUNTS": f"{ACCOUNT}:{TOKEN}"}
        if environment and "PHONES_ACCOUNTS" not in environment
        else {}
    )
    with pytest.raises(Misconfigured, match=named):
        from_environment(good | environment)


def test_a_scenario_file_is_read_or_refused(tmp_path: Path) -> None:
    file = tmp_path / "scenario.json"
    file.write_text('{"acceptance": "night_sms", "rate_429": 0.06}')
    assert load(file).mean_acceptance() == 0.16
    file.write_text("{")
    with pytest.raises(Misconfigured, match="not JSON"):
        load(file)
    assert parse({}) == Scenario()


def test_a_restarted_carrier_still_knows_its_numbers(tmp_path: Path) -> None:
    environment = {
        "PHONES_BIND": f"127.0.0.1:{free_port()}",
        "PHONES_ACCOUNTS": f"{ACCOUNT}:{TOKEN}",
        "PHONES_LEDGER": str(tmp_path / "ledger.jsonl"),
    }
    carrier = Carrier(f"http://{environment['PHONES_BIND']}", tmp_path / "ledger.jsonl")
    for known in ([], [NUMBER]):
        with start(environment) as running:
            until(lambda: is_up(carrier.url), "the simulator answers")
            numbers = carrier.client().incoming_phone_numbers
            assert [number.phone_number for number in numbers.list()] == known
            if not known:
                numbers.create(phone_number=NUMBER)
            running.kill()
            running.communicate(timeout=DEADLINE)
    carrier.http.close()


def test_a_wrong_setting_stops_the_program_with_one_sentence() -> None:
    with start({"PHONES_ACCOUNTS": "none"}) as running:
        _, errors = running.communicate(timeout=DEADLINE)
    assert running.returncode == 2
    assert errors.decode().count("\n") == 1
    assert b"PHONES_ACCOUNTS" in errors
