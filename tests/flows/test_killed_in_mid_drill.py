"""A process is killed while people are being asked and answer, and started again: nothing is lost, nothing twice.

The carrier's ledger judges (tests/flows/judge.py). Each test first proves that the kill hit something.
"""

import time
from collections.abc import Callable

import pytest

from tests.conftest import SHOWN
from tests.flows.conftest import LEASE_S
from tests.flows.judge import evidence, faults
from tests.flows.small_drill import PHONES, Drill
from tests.service import PARTS, Service, until

COMING = "SELECT coalesce(sum(filled), 0) FROM incidents_need"
ENTRIES = "SELECT count(*) FROM journal_entry"
LOOK_IS_LATE = "SELECT now() - next_look_at > interval '2 s' FROM callouts_callout"
POLLED = "SELECT count(*) FROM notifications_inbound WHERE came_by = 'poll'"
# What a dead process left half done: claimed, and not known to have left. A sender's name holds its process id.
IN_FLIGHT = """
SELECT a.id FROM notifications_attempt a JOIN notifications_message m ON m.attempt_id = a.id
WHERE m.state = 'sending' AND a."end" = '' AND a.worker LIKE %s
  AND a.claimed_real <= clock_timestamp() - %s * interval '1 s'
"""
FOUND = "SELECT count(*) FROM notifications_attempt WHERE \"end\" = 'found' AND id = ANY(%s)"
STILL_OPEN = "SELECT attempt_id FROM notifications_message WHERE state IN ('sending', 'unknown')"
OPEN = "SELECT count(*) FROM notifications_message WHERE state IN ('queued', 'sending', 'unknown')"


def count(service: Service, query: str) -> int:
    return int(service.sql(query)[0][0])


def in_flight(service: Service, pid: int, seconds: float = 0) -> set[str]:
    """Attempt ids of sends that a sender claimed so many seconds ago and has not come back from."""
    return {str(row[0]) for row in service.sql(IN_FLIGHT, [f"%-{pid}-%", seconds])}


def people_come(service: Service, people: int = 2) -> None:
    until(lambda: count(service, COMING) >= people, f"{people} people are coming")


def many_in_flight(service: Service) -> int:
    """Wait until several sends are on the wire; the sender's process id.

    The carrier takes three seconds for each now, so what was claimed a second ago waits for its answer. From here on
    it sends no receipts either: what a dead sender sent can only be found by listing.
    """
    until(
        lambda: count(service, OPEN),
        "the call-out is launched, the drill has told the carrier what night it is",
    )
    service.scenario(rate_callback_dropped=1, latency_ms=3000)
    pid = service.pid("sender")
    until(lambda: len(in_flight(service, pid, seconds=1)) >= 4, "sends are in flight")
    return pid


def settled(service: Service, left: set[str], what: str, *, by_listing: bool = True) -> str:
    """Wait until the sends that were cut off are settled, say how many, and fail when there was none.

    Returns the sentence with the numbers, which the test run shows at its end.
    """
    assert left, "no send was in flight: the kill proves nothing"
    service.scenario(latency_ms=PHONES["latency_ms"])
    until(lambda: not {str(row[0]) for row in service.sql(STILL_OPEN)} & left, "what was cut off is settled")
    taken = left & {row["attempt"] for row in service.ledger(direction="outbound")}
    found = service.sql(FOUND, [list(left)])[0][0]
    assert found or not by_listing, "nothing that was cut off was found by listing"
    assert taken, "the carrier took none of them: nothing was on the wire"
    service.scenario(rate_callback_dropped=0)
    return f"{what}: {len(left)} sends in flight, {len(taken)} taken by the carrier, {found} found by listing"


def lasting_faults(service: Service) -> list[str]:
    """What is wrong now and still after ten seconds: replies may be on their way to the inbox."""
    end = time.monotonic() + 10
    while found := faults(evidence(service)):
        if time.monotonic() > end:
            return found
        time.sleep(0.5)
    return []


def kill_web(service: Service) -> None:
    """Replies come while nobody listens: the carrier posts each once, so only polling can find them."""
    people_come(service)
    service.kill("web")
    before = len(service.ledger(direction="inbound"))
    until(lambda: len(service.ledger(direction="inbound")) >= before + 3, "replies come to a dead web")
    service.start("web")
    until(lambda: count(service, POLLED), "a missed reply is found by polling")


def kill_sender(service: Service) -> str:
    pid = many_in_flight(service)
    service.kill("sender")
    left = in_flight(service, pid)
    service.start("sender")
    return settled(service, left, "sender killed")


def pause_sender(service: Service) -> str:
    """A second sender judges the leases of one that sleeps; when it wakes up it must not send.

    What the sleeper has locked stays so until it wakes up, therefore not all leases need to be judged by then.
    """
    pid = many_in_flight(service)
    service.pause("sender")
    left = in_flight(service, pid)
    service.start("sender-2")
    leases_over = time.monotonic() + LEASE_S + 4
    until(lambda: not in_flight(service, pid) or time.monotonic() > leases_over, "the leases run out")
    service.resume("sender")
    return settled(service, left, "sender asleep", by_listing=False)


def kill_ticker_and_redis(service: Service) -> None:
    """Nobody looks at the call-out and no page hears of anything; Redis comes back empty."""
    people_come(service)
    service.kill("ticker", "redis")
    before = count(service, ENTRIES)
    until(lambda: count(service, ENTRIES) >= before + 2, "the journal goes on without Redis")
    until(lambda: service.sql(LOOK_IS_LATE)[0][0], "nobody looks at the call-out")
    service.start("redis", "ticker")
    until(lambda: not service.sql(LOOK_IS_LATE)[0][0], "somebody looks at the call-out again")


def kill_everything(service: Service) -> str:
    """Web, sender, ticker and Redis at once, as when a machine loses power; the carrier goes on."""
    pid, ours = many_in_flight(service), [part for part in PARTS if part != "phones"]
    service.kill(*ours)
    left = in_flight(service, pid)
    service.start(*ours)
    return settled(service, left, "all killed")


@pytest.mark.parametrize(
    "strike", [kill_web, kill_sender, pause_sender, kill_ticker_and_redis, kill_everything]
)
def test_a_drill_in_which_something_is_killed_ends_as_any_other(
    service: Service,
    drill: Drill,
    strike: Callable[[Service], str | None],
    record_property: Callable[[str, object], None],
) -> None:
    if words := strike(service):
        record_property(SHOWN, words)
    summary = drill.summary()
    assert summary["filled"]
    assert summary["other_society_touched"] == 0
    until(lambda: count(service, OPEN) == 0, "every message is settled")
    until(service.ready, "every part says it is well")
    assert lasting_faults(service) == []
