"""People answer as the published call-outs say (POLICY.md); seeds are fixed, so the figures are too."""

import math
from collections import Counter
from statistics import median, stdev

import pytest

from notifications.phones.person import Answer, acceptance, decide
from notifications.phones.reading import Text, read
from notifications.phones.scenario import Scenario, parse

ARABIC = read("الهلال: فيضان درنة K7. مطلوب إسعاف. رد 1+دقائق=قادم 2=لا 3=احتياط")
ENGLISH = read("Red Crescent: flood Derna K7. Reply 1+minutes=coming 2=no 3=reserve")


def answers(people: int = 200, events: int = 30, text: Text = ARABIC, **changes: object) -> list[Answer]:
    scenario = parse(dict(changes))
    return [
        decide(5, f"+21892{person:07}", f"K{event}", text, scenario)
        for person in range(people)
        for event in range(events)
    ]


def share(found: list[Answer], kind: str) -> float:
    return Counter(answer.kind for answer in found)[kind] / len(found)


@pytest.mark.parametrize(("name", "mean"), [("day", 0.35), ("night_sms", 0.16), ("untrained", 0.05)])
def test_the_mean_acceptance_is_the_scenarios(name: str, mean: float) -> None:
    assert share(answers(200, 100, acceptance=name), "coming") == pytest.approx(mean, abs=0.03)


def test_some_people_are_willing_and_some_are_not() -> None:
    spread = [acceptance(5, f"+21892{n:07}", "K1", Scenario()) for n in range(2000)]
    assert stdev(math.log(p / (1 - p)) for p in spread) == pytest.approx(1.0, abs=0.05)


def test_an_event_moves_everybody_together() -> None:
    shift = [acceptance(5, "+218920000001", f"K{n}", Scenario()) for n in range(2000)]
    assert stdev(math.log(p / (1 - p)) for p in shift) == pytest.approx(0.5, abs=0.03)


def test_three_in_ten_of_those_who_do_not_come_say_so() -> None:
    found = answers()
    assert share(found, "declined") / (1 - share(found, "coming")) == pytest.approx(0.30, abs=0.02)


def test_the_reply_delay_is_log_normal_with_median_six_minutes() -> None:
    delays = [answer.delay for answer in answers()]
    assert median(delays) == pytest.approx(360, rel=0.05)
    assert stdev(map(math.log, delays)) == pytest.approx(1.2, abs=0.03)


def test_five_to_fifteen_of_a_hundred_do_not_show_up() -> None:
    missing = 1 - sum(answer.shows_up for answer in answers()) / 6000
    assert missing == pytest.approx(0.10, abs=0.015)


def test_opting_out_is_rare_and_possible() -> None:
    assert 0 < share(answers(), "opted_out") < 0.003


def test_the_same_question_gets_the_same_answer() -> None:
    assert answers(50, 3) == answers(50, 3)


def test_people_type_in_the_language_they_were_asked_in() -> None:
    arabic = {answer.text for answer in answers() if answer.kind == "coming"}
    english = {answer.text for answer in answers(text=ENGLISH) if answer.kind == "coming"}
    assert {"١ ٣٠", "1 20", "نعم 15", "1"} <= arabic
    assert {"1 20", "yes 30", "1"} <= english
    assert not any("نعم" in words for words in english)


def test_refusals_are_typed_in_every_usual_way() -> None:
    assert {"2", "٢", "لا"} <= {answer.text for answer in answers() if answer.kind == "declined"}


def test_a_few_first_write_something_unclear() -> None:
    unclear = Counter(answer.unclear for answer in answers() if answer.kind == "coming")
    assert 0 < 1 - unclear[None] / unclear.total() < 0.06
    assert "من معي؟" in unclear
