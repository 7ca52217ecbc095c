"""The catalogues are complete, and the check that says so can fail."""

from pathlib import Path

import pytest
from django.conf import settings
from django.utils.translation import override

from dispatch.management.commands.check_catalogues import SOURCES, problems, update
from dispatch.orgs.templatetags.numbers import by_language, count_noun, grouped, noun, out_of, pct

HEADER = r"""msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"
"""
BRIDGE = 'msgid "The bridge is closed"\nmsgstr "الجسر مغلق"\n\n'


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A source tree with one template that says one thing."""
    template = tmp_path / "dispatch" / "templates" / "page.html"
    template.parent.mkdir(parents=True)
    template.write_text('{% load i18n %}{% translate "The bridge is closed" %}')
    return tmp_path / "dispatch"


def catalogue(root: Path, entries: str) -> Path:
    path = root / "locale" / "ar" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    path.write_text(f"{HEADER}\n{entries}\n")
    return root / "locale"


def test_every_string_of_the_pages_stands_in_every_catalogue() -> None:
    assert problems([settings.ROOT / name for name in SOURCES], settings.HERE / "locale") == []


def test_a_translated_string_is_no_problem(source: Path, tmp_path: Path) -> None:
    locale = catalogue(tmp_path, BRIDGE)
    assert problems([source], locale) == []


def test_a_string_the_catalogue_never_heard_of_is_named(source: Path, tmp_path: Path) -> None:
    assert problems([source], catalogue(tmp_path, "")) == ["ar: not translated: 'The bridge is closed'"]


def test_a_guess_of_gettext_is_not_taken_for_a_translation(source: Path, tmp_path: Path) -> None:
    locale = catalogue(tmp_path, 'msgid "The bridges are closed"\nmsgstr "الجسور مغلقة"')
    assert problems([source], locale) == ["ar: only a guess, confirm or correct it: 'The bridge is closed'"]


def test_a_missing_plural_form_is_named(source: Path, tmp_path: Path) -> None:
    (source / "said.py").write_text("ngettext('%(n)s bridge', '%(n)s bridges', 2)")
    locale = catalogue(
        tmp_path,
        BRIDGE + '#, python-format\nmsgid "%(n)s bridge"\n'
        'msgid_plural "%(n)s bridges"\nmsgstr[0] "%(n)s جسر"\nmsgstr[1] ""',
    )
    assert "ar: not translated: '%(n)s bridge'" in problems([source], locale)


def test_a_lost_placeholder_is_found(source: Path, tmp_path: Path) -> None:
    (source / "said.py").write_text("gettext('%(n)s bridges')")
    locale = catalogue(
        tmp_path,
        BRIDGE + '#, python-format\nmsgid "%(n)s bridges"\nmsgstr "جسور"',
    )
    [fault] = problems([source], locale)
    assert "msgfmt finds" in fault


def test_update_brings_the_new_string_and_keeps_the_old_words(source: Path, tmp_path: Path) -> None:
    (source / "said.py").write_text("gettext('Come by the south road')")
    locale = catalogue(tmp_path, BRIDGE)
    update([source], locale)
    assert problems([source], locale) == ["ar: not translated: 'Come by the south road'"]
    assert "الجسر مغلق" in (locale / "ar/LC_MESSAGES/django.po").read_text()


@pytest.mark.parametrize(
    ("n", "words"),
    [(2, "شاغران"), (7, "شواغر"), (15, "شاغرًا"), (100, "شاغر"), (103, "شواغر")],
)
def test_the_arabic_noun_follows_its_number(n: int, words: str) -> None:
    with override("ar"):
        assert noun(n, "open") == words


def test_a_number_and_its_noun_are_one_isolated_run() -> None:
    with override("ar"):
        assert count_noun(15, "volunteer") == '<bdi class="n">15\u00a0متطوعًا</bdi>'


@pytest.mark.parametrize(
    ("language", "share", "shown"),
    [
        ("en", 0.58, "58\u202f%"),
        ("ar", 0.58, "58%"),
        ("ar", 0.997, "99%"),
        ("ar", 0.001, "1%"),
        ("ar", 1, "100%"),
    ],
)
def test_a_forecast_never_claims_certainty_it_does_not_have(language: str, share: float, shown: str) -> None:
    with override(language):
        assert pct(share) == f'<bdi class="n ltr">{shown}</bdi>'


def test_large_numbers_are_grouped_by_narrow_spaces() -> None:
    assert grouped(48213) == "48\u202f213"


def test_parts_of_a_whole_are_said_with_a_word_in_arabic() -> None:
    with override("ar"):
        assert out_of(17, 24) == '<bdi class="n">17 من 24</bdi>'


def test_a_name_without_the_language_falls_back_to_english() -> None:
    with override("ar"):
        assert by_language({"en": "Derna"}) == "Derna"
