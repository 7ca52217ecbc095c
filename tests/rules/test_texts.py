"""The words of the texts: they fit, they ask for digits, and nobody unsubscribes by answering."""

import json
import re
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from dispatch.callouts import texts
from notifications.rules import segments

FILLED = {
    "sender": "الهلال", "place": "الرقة", "code": "K12", "name": "عبد الرحمن", "report_by": "02:32",
    "muster": "الصالة الرياضية، الضفة الغربية", "link": "http://127.0.0.1:8000/a/abcdefghij",
}  # fmt: skip
UNSUBSCRIBES = re.compile(r"\b(stop|end|quit|cancel|unsubscribe)\b", re.I)


def test_both_languages_have_the_same_texts_with_the_same_arguments() -> None:
    def arguments(language: str) -> dict[str, set[str | None]]:
        return {
            key: {field for _, field, _, _ in Formatter().parse(text) if field}
            for key, text in texts.TEXTS[language].items()
        }

    assert arguments("ar") == arguments("en")


TAXONOMY = json.loads((Path(__file__).parents[2] / "fixtures/skills.json").read_text())["skills"]


def test_no_two_skills_are_called_the_same() -> None:
    assert len(set(texts.SKILLS["ar"].values())) == len(texts.SKILLS["ar"]) == len(TAXONOMY)


@pytest.mark.parametrize("purpose", ["ask", "ask_remote"])
@pytest.mark.parametrize("skill", TAXONOMY, ids=lambda skill: skill["code"])
@pytest.mark.parametrize("language", ["ar", "en"])
def test_the_first_text_fits_one_part_even_with_the_drill_marker(
    purpose: str, skill: dict[str, Any], language: str
) -> None:
    word = texts.skill_word(skill["code"], skill["name"], language)
    sender = "Crescent" if language == "en" else "الهلال"
    place = "Derna" if language == "en" else "درنة"
    filled = FILLED | {
        "sender": sender,
        "place": place,
        "skill": word,
        "kind": texts.KINDS[language]["flood"],
    }
    assert segments(texts.word(purpose, language, is_drill=True, **filled)) == 1


@pytest.mark.parametrize("language", ["ar", "en"])
def test_no_text_holds_a_word_that_unsubscribes(language: str) -> None:
    assert not [text for text in texts.TEXTS[language].values() if UNSUBSCRIBES.search(text)]


def test_an_unknown_language_gets_arabic() -> None:
    assert texts.word("help", "fr", is_drill=False, code="K7") == texts.TEXTS["ar"]["help"].format(code="K7")
