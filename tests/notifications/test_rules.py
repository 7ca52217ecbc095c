"""What may happen to a message: the tables themselves."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications import rules
from notifications.rules import FINAL, MOVES, Action, Event, Pace, State

TABLE = {
    Action.RECONCILE: ["timeout", "reset", "5xx", "20500", "unreadable"],
    Action.AGAIN: ["429", "20429", "unreachable"],
    Action.STOP_SENDER: ["20003", "30002"],
    Action.NOT_A_MOBILE: ["21211", "21614", "21635", "30006"],
    Action.NOT_SERVED: ["21408"],
    Action.WRONG_SENDER: ["21606", "21612", "21663", "30042"],
    Action.OPTED_OUT: ["21610"],
    Action.SLOW_DOWN: ["21611", "30001", "14107", "63017"],
    Action.CAPPED: ["63038", "60728"],
    Action.HANDSET_OFF: ["30003"],
    Action.ONE_MORE: ["30005", "30008"],
    Action.FILTERED: ["30004", "30007"],
    Action.NOT_IN_TIME: ["30036"],
    Action.TEMPLATE_NEEDED: ["63016"],
    Action.NEEDS_PERSON: ["99999", "", "21617"],
}


@pytest.mark.parametrize(("action", "codes"), TABLE.items())
def test_each_provider_code_has_its_action(action: Action, codes: list[str]) -> None:
    assert {rules.outcome(code).action for code in codes} == {action}


def test_the_table_holds_no_code_beyond_those_checked_here() -> None:
    assert set(rules.OUTCOMES) <= {code for codes in TABLE.values() for code in codes}


@given(st.integers(500, 599), st.sampled_from([*rules.OUTCOMES, "99999"]))
def test_a_server_error_is_unknown_whatever_code_it_carries(status: int, code: str) -> None:
    assert rules.outcome(code, status) is rules.RECONCILE


def test_only_what_was_certainly_not_processed_is_sent_again_without_looking() -> None:
    again = {code for code, o in rules.OUTCOMES.items() if o.event is Event.NOT_PROCESSED}
    assert again == {
        code for a in ("again", "stop_sender", "slow_down", "capped") for code in TABLE[Action(a)]
    }


def test_an_unknown_code_is_final_and_alarms() -> None:
    outcome = rules.outcome("12345", 400)
    assert (outcome.event, outcome.alarm) == (Event.REFUSED, True)


@pytest.mark.parametrize("state", sorted(FINAL))
def test_a_final_state_has_no_way_out(state: State) -> None:
    assert [rules.move(state, event) for event in Event] == [None] * len(Event)


def test_nothing_leads_from_unknown_to_sending_without_the_queue() -> None:
    assert State.SENDING not in {MOVES.get((State.UNKNOWN, event)) for event in Event}


@given(st.lists(st.sampled_from(list(rules.RECEIPTS))))
def test_receipts_in_any_order_and_number_end_as_the_first_final_one_says(statuses: list[str]) -> None:
    state = State.SENDING
    for status in statuses:
        state = rules.move(state, rules.RECEIPTS[status]) or state
    finals = [s for s in statuses if rules.RECEIPTS[s] is not Event.ON_ITS_WAY]
    first = {Event.ARRIVED: State.DELIVERED, Event.BOUNCED: State.FAILED}
    expected = first[rules.RECEIPTS[finals[0]]] if finals else (State.SENT if statuses else State.SENDING)
    assert state is expected


@pytest.mark.parametrize(
    ("text", "encoding", "units", "parts"),
    [
        ("", "GSM-7", 0, 1),
        ("a" * 160, "GSM-7", 160, 1),
        ("a" * 161, "GSM-7", 161, 2),
        ("€" * 80, "GSM-7", 160, 1),
        ("a" * 152 + "€" + "b" * 152, "GSM-7", 306, 3),  # the two septets of € never part
        ("ن" * 70, "UCS-2", 70, 1),
        ("ن" * 71, "UCS-2", 71, 2),
        ("ن" * 134, "UCS-2", 134, 2),
        ("ن" * 135, "UCS-2", 135, 3),
        ("it’s", "UCS-2", 4, 1),
        ("🚑" * 35, "UCS-2", 70, 1),
        ("الهلال: فيضان الرقة K7. مطلوب إسعاف. رد 1+دقائق=قادم 2=لا 3=احتياط", "UCS-2", 66, 1),
    ],
)
def test_a_text_is_counted_as_the_carrier_counts_it(text: str, encoding: str, units: int, parts: int) -> None:
    found = rules.size(text)
    assert (found.encoding, found.units, found.parts) == (encoding, units, parts)


@given(st.integers(1, 200), st.floats(0, 1, exclude_max=True))
def test_a_wait_grows_and_stays_within_its_bounds(failures: int, draw: float) -> None:
    wait = rules.backoff(failures, draw)
    assert timedelta(seconds=0.25) <= wait <= timedelta(seconds=60)


def test_the_fence_wants_more_than_its_margin() -> None:
    pace = Pace()
    assert rules.may_post(left=timedelta(seconds=15.1), pace=pace)
    assert not rules.may_post(left=timedelta(seconds=15), pace=pace)


def test_a_deadline_longer_than_the_fence_is_refused() -> None:
    with pytest.raises(ValueError, match="shorter than the fence"):
        Pace(deadline=timedelta(seconds=20))


def test_validity_stays_within_what_the_provider_takes() -> None:
    hours = [timedelta(hours=-1), timedelta(seconds=90), timedelta(hours=40)]
    assert [rules.validity_seconds(left) for left in hours] == [1, 90, 36_000]
