"""Choosing the Arabic name among names without a language."""

import csv
from pathlib import Path
from typing import Any

import pytest

from geo.cities import Regions, arabic_name, cities, plain


@pytest.mark.parametrize(
    ("name", "others", "right"),
    [
        ("Benghazi", ["Bengasi", "بنغازى", "بنغازي", "بنغازی"], "بنغازي"),
        ("Al Khums", ["الخمس", "الخمس، لیبی", "الخُمس", "المرقب"], "الخمس"),
        ("Dammam", ["دمام", "الدمام"], "الدمام"),
        ("Darnah", ["drnہ", "درنه", "درنة"], "درنة"),
        ("Amman", ["امان", "عمان"], "عمان"),
        ("Riyadh", ["رىياد", "الرياض"], "الرياض"),
        ("Sirte", ["شعبية سرت", "سرت"], "سرت"),
        ("Tarhuna", ["Tarhona", "ترہونہ"], ""),
    ],
)
def test_the_arabic_name_is_told_from_other_languages_in_its_letters(
    name: str, others: list[str], right: str
) -> None:
    assert arabic_name(name, others) == right


@pytest.mark.parametrize(
    ("given", "shown"), [("Al Bayḑā’", "Al Bayda'"), ("Béjaïa", "Béjaïa"), ("Sūsah", "Susah")]
)
def test_scholars_marks_go_and_french_ones_stay(given: str, shown: str) -> None:
    assert plain(given) == shown


SQUARE = {
    "properties": {"level": 1, "country": "LY", "code": "LY-DR"},
    "geometry": {"coordinates": [[[[22, 32], [23, 32], [23, 33], [22, 33], [22, 32]]]]},
}


@pytest.mark.parametrize(
    ("point", "code"), [((22.5, 32.5), "LY-DR"), ((22.9, 33.1), "LY-DR"), ((25.0, 35.0), "")]
)
def test_a_city_off_the_coarse_coast_belongs_to_the_nearest_region(
    point: tuple[float, float], code: str
) -> None:
    assert Regions([SQUARE]).code_at("LY", point) == code


def _city(geoname: int, **changed: Any) -> dict[str, Any]:
    base = {
        "geonameid": geoname,
        "name": "Darnah",
        "countrycode": "LY",
        "population": 9000,
        "alternatenames": [],
    }
    return {**base, "longitude": 22.5, "latitude": 32.5, **changed}


def _table(path: Path, *rows: tuple[str, ...]) -> Path:
    with path.open("w", newline="") as lines:
        csv.writer(lines).writerows([("id", "name_en", "name_ar", "drop", "note"), *rows])
    return path


def test_the_reviewed_table_wins_over_geonames(tmp_path: Path) -> None:
    table = _table(tmp_path / "t.csv", ("1", "Derna", "درنة", "", ""))
    [row] = cities([_city(1, alternatenames=["درنه"])], Regions([SQUARE]), table)
    assert row["name"] == {"en": "Derna", "ar": "درنة"}
    assert row["region"] == "LY-DR"


def test_small_foreign_and_dropped_cities_are_left_out_and_the_largest_comes_first(tmp_path: Path) -> None:
    table = _table(tmp_path / "t.csv", ("4", "", "", "drop", "twice"), ("5", "", "", "", "small, but wanted"))
    given = [_city(1), _city(2, population=10), _city(3, countrycode="IT"), _city(4), _city(5, population=10)]
    rows = cities([*given, _city(6, population=90_000)], Regions([SQUARE]), table)
    assert [row["id"] for row in rows] == [6, 1, 5]
