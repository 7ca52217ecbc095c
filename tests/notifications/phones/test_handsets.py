"""One handset, one incident, told message by message; time is a list of what comes later."""

from datetime import UTC, datetime

import pytest

from notifications.phones.handsets import Handsets
from notifications.phones.scenario import parse
from notifications.phones.store import OUTBOUND, Message, Store

ASK = "الهلال: فيضان درنة K7. مطلوب إسعاف. رد 1+دقائق=قادم 2=لا 3=احتياط"
CLARIFY = "K7: لم نفهم الرد. أرسل 1+دقائق=قادم أو 2=لا أو 3=احتياط"
CONFIRM = "K7: شكرًا. ننتظرك. عند الوصول أرسل 4"
STAND_DOWN = "K7: اكتمل العدد. لا حاجة للحضور الآن. شكرًا."
SURE = {"rate_unclear": 0, "rate_repeat": 0, "rate_opt_out": 0, "no_show_low": 0, "no_show_high": 0}


class Plan:
    def __init__(self) -> None:
        self.off = False

    def cancel(self) -> None:
        self.off = True


class Street:
    """Handsets with a clock that runs on demand."""

    def __init__(self, **scenario: object) -> None:
        self.said: list[str] = []
        self.plans: list[tuple[float, Plan, object]] = []
        self.waits: list[float] = []
        self.handsets = Handsets(7, self.later, lambda message, words: self.said.append(words))
        self.handsets.scenario = parse(SURE | scenario)
        self.store = Store()

    def later(self, seconds: float, act: object) -> Plan:
        plan = Plan()
        self.plans.append((seconds, plan, act))
        return plan

    def text(self, body: str, to: str = "+218920000001") -> Message:
        message = self.store.add(
            account="AC1", direction=OUTBOUND, sender="+218910000001", to=to, body=body,
            created=datetime.now(UTC), status="delivered", key=body,
        )  # fmt: skip
        self.handsets.receive(message)
        return message

    def pass_time(self) -> list[str]:
        """What is said until nothing more is planned."""
        self.said.clear()
        while self.plans:
            seconds, plan, act = self.plans.pop(0)
            if not plan.off:
                self.waits.append(seconds)
                act()  # type: ignore[operator]
        return list(self.said)


@pytest.fixture
def willing() -> Street:
    return Street(acceptance=1.0)


def test_who_is_asked_answers(willing: Street) -> None:
    willing.text(ASK)
    assert len(willing.pass_time()) == 1


def test_a_text_that_does_not_ask_gets_no_answer(willing: Street) -> None:
    for body in (CONFIRM, STAND_DOWN, "K7: سجّلنا وصولك. عند عودتك سالمًا أرسل 5"):
        willing.text(body)
    assert willing.pass_time() == []


def test_who_came_texts_the_arrival_after_the_confirmation(willing: Street) -> None:
    willing.text(ASK)
    willing.pass_time()
    willing.text(CONFIRM)
    assert willing.pass_time() in (["4"], ["٤"])
    assert willing.waits[-1] > 120


def test_a_second_confirmation_does_not_make_a_second_arrival(willing: Street) -> None:
    willing.text(ASK)
    willing.pass_time()
    willing.text(CONFIRM)
    willing.text(CONFIRM)
    assert len(willing.pass_time()) == 1


def test_a_confirmation_before_any_answer_moves_nobody(willing: Street) -> None:
    willing.text(ASK)
    willing.text(CONFIRM)
    assert len(willing.pass_time()) == 1


def test_who_is_stood_down_on_the_way_turns_round(willing: Street) -> None:
    willing.text(ASK)
    willing.pass_time()
    willing.text(CONFIRM)
    willing.text(STAND_DOWN)
    assert willing.pass_time() == []


def test_who_is_stood_down_before_answering_does_not_answer(willing: Street) -> None:
    willing.text(ASK)
    willing.text(STAND_DOWN)
    assert willing.pass_time() == []


def test_a_no_show_answers_and_never_arrives() -> None:
    street = Street(acceptance=1.0, no_show_low=1, no_show_high=1)
    street.text(ASK)
    assert len(street.pass_time()) == 1
    street.text(CONFIRM)
    assert street.pass_time() == []


def test_the_same_call_twice_never_gets_two_different_answers() -> None:
    street = Street(acceptance=0.5, rate_unclear=0.2, rate_repeat=0.2)
    for person in range(300):
        for _ in range(3):
            street.text(ASK, to=f"+21892{person:07}")
        assert len(set(street.pass_time())) <= 1


def test_who_was_not_understood_says_the_same_in_digits() -> None:
    street = Street(acceptance=1.0, rate_unclear=1)
    street.text(ASK)
    unclear = street.pass_time()
    assert not any(letter.isdecimal() for letter in unclear[0])
    street.text(CLARIFY)
    [clear] = street.pass_time()
    assert clear.startswith("1 ")


def test_a_question_without_a_code_belongs_to_the_conversation(willing: Street) -> None:
    willing.text(ASK)
    willing.pass_time()
    willing.text("لم نفهم الرد. أرسل 1+دقائق=قادم أو 2=لا")
    assert willing.pass_time()[0].startswith("1 ")


def test_another_incident_is_another_decision() -> None:
    street = Street(acceptance=0.5, rate_refuse=1)
    answers = set()
    for number in range(1, 30):
        street.text(ASK.replace("K7", f"K{number}"))
        answers |= {words[0] in "2٢ل" for words in street.pass_time()}
    assert answers == {True, False}


def test_who_opts_out_says_stop() -> None:
    street = Street(rate_opt_out=1)
    street.text(ASK)
    assert street.pass_time() == ["STOP"]
