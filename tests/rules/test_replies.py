"""What people type, and what it means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.callouts.rules.replies import Reply, plain, read

MEANT = {
    "1 20": Reply("coming", 20),
    "١ ٣٠": Reply("coming", 30),
    "۱ ۴۵": Reply("coming", 45),
    "1+15": Reply("coming", 15),
    "رد 1 20": Reply("coming", 20),
    " 1 ": Reply("coming"),
    "نعم": Reply("coming"),
    "نَعَم": Reply("coming"),
    "نـعـم": Reply("coming"),
    "\u200fنعم\u200e": Reply("coming"),
    "نعم 15": Reply("coming", 15),
    "قادمة خلال ٣٠ د": Reply("coming", 30),
    "جاي بعد 20 دقيقة": Reply("coming", 20),
    "Yes": Reply("coming"),
    "yes 30": Reply("coming", 30),
    "I'm coming": Reply("coming"),
    "2": Reply("declined"),
    "٢": Reply("declined"),
    "لا": Reply("declined"),
    "لأ": Reply("declined"),
    "No, sorry": Reply("declined"),
    "3": Reply("reserve"),
    "احتياط": Reply("reserve"),
    "4": Reply("arrived"),
    "وصلت": Reply("arrived"),
    "5": Reply("safe"),
    "9": Reply("help"),
    "help!": Reply("help"),
}

UNCLEAR = [
    "", "ok?", "من معي؟", "1 2 3", "2 30", "11", "7", "لا، لكن بعد ساعتين أقدر", "yes or no", "1 0", "1 99999", "نعم لا",
]  # fmt: skip


@pytest.mark.parametrize(("text", "meaning"), MEANT.items())
def test_a_text_means_what_its_writer_meant(text: str, meaning: Reply) -> None:
    assert read(text) == meaning


@pytest.mark.parametrize("text", UNCLEAR)
def test_what_is_not_wholly_understood_is_unclear(text: str) -> None:
    assert read(text) == Reply("unclear")


@given(st.text(max_size=60))
def test_no_text_breaks_the_grammar_and_what_it_reads_does_not_depend_on_marks(text: str) -> None:
    assert read("\u200f" + text + "\u0640") == read(text)
    assert plain(plain(text)) == plain(text)
