"""The judge of the kill tests finds nothing where all is well, and each wrong where one is planted."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from tests.flows.judge import Evidence, Message, faults

NEED, PERSON, OTHER = UUID(int=1), UUID(int=2), UUID(int=3)
CALL, CONFIRMATION, UNSENT = UUID(int=11), UUID(int=12), UUID(int=13)
FIRST, SECOND, THIRD = UUID(int=21), UUID(int=22), UUID(int=23)


def out(sid: str, attempt: UUID, to: str = "+218910000001") -> dict[str, Any]:
    return {"direction": "outbound", "sid": sid, "attempt": str(attempt), "to": to}


def moved(
    number: int, person: UUID, old: str, new: str
) -> tuple[int, str, UUID, dict[str, Any], dict[str, Any]]:
    return number, "assignment.moved", person, {"state": old}, {"state": new, "need_id": str(NEED)}


def sound() -> Evidence:
    """Two were asked for one place: one came and was confirmed, the other's text was taken back in time."""
    return Evidence(
        ledger=[
            out("SM1", FIRST),
            {"direction": "inbound", "sid": "SM2", "attempt": None, "to": "+218910000000"},
            out("SM3", SECOND),
        ],
        attempts={FIRST: CALL, SECOND: CONFIRMATION, THIRD: CALL},
        messages={
            CALL: Message(CALL, "callout", PERSON, "+218910000001", "delivered", ""),
            CONFIRMATION: Message(CONFIRMATION, "confirmation", PERSON, "+218910000001", "sent", ""),
            UNSENT: Message(UNSENT, "callout", OTHER, "+218910000002", "cancelled", ""),
        },
        asked={PERSON: "coming", OTHER: "stood_down"},
        entries=[
            (1, "callout.launched", NEED, {}, {}),
            moved(2, PERSON, "asked", "coming"),
            (3, "assignment.stood_down", NEED, {}, {"ids": [str(OTHER)]}),
        ],
        inbox=["SM2"],
        limits={NEED: 1},
        filled={NEED: 1},
        strangers={"+201000000001"},
    )


def test_nothing_is_wrong_where_all_is_well() -> None:
    assert faults(sound()) == []


def test_the_need_may_lose_somebody_and_fill_again() -> None:
    found = sound()
    found.entries += [moved(4, PERSON, "coming", "declined"), moved(5, OTHER, "stood_down", "reserve")]
    found.entries += [moved(6, OTHER, "reserve", "coming")]
    found.asked = {PERSON: "declined", OTHER: "coming"}
    assert faults(found) == []


def one_too_many(found: Evidence) -> None:
    """For a moment, as the journal tells; in the end all is as it should be."""
    found.entries[2:] = [
        moved(3, OTHER, "asked", "coming"),
        moved(4, OTHER, "coming", "stood_down"),
    ]


def called_for_another(found: Evidence) -> None:
    """The first person's handset gets the second person's call too."""
    found.attempts[THIRD] = UNSENT
    found.ledger.append(out("SM4", THIRD))


PLANTED: dict[str, Callable[[Evidence], Any]] = {
    "left 2 times": lambda e: e.ledger.append(out("SM4", THIRD)),
    "has 2 call messages": lambda e: e.ledger.append(out("SM4", THIRD)),
    "an attempt nobody noted": lambda e: e.ledger.append(out("SM4", UUID(int=99))),
    "no reason is stated": lambda e: e.messages.pop(UNSENT),
    "was called and not asked": lambda e: e.asked.pop(PERSON),
    "was called for 2 assignments": called_for_another,
    "is not in the inbox": lambda e: e.inbox.clear(),
    "is in the inbox 2 times": lambda e: e.inbox.append("SM2"),
    "entry 3: 2 coming": one_too_many,
    "the journal says": lambda e: e.entries.pop(1),
    "numbers have a gap": lambda e: e.entries.pop(0),
    "need 00000000-0000-0000-0000-000000000001 has 0 of 1": lambda e: e.filled.update({NEED: 0}),
    "stranger +201000000001": lambda e: e.ledger.append(out("SM4", SECOND, to="+201000000001")),
}


@pytest.mark.parametrize("words", PLANTED)
def test_a_planted_wrong_is_seen(words: str) -> None:
    found = sound()
    PLANTED[words](found)
    assert [fault for fault in faults(found) if words in fault]
