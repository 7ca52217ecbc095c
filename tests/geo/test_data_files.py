"""What the files in fixtures/ promise to the rest of the system."""

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.contrib.gis.geos import GEOSGeometry

from geo import shapes
from geo.cities import Regions
from geo.sources import LEAGUE

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "fixtures"


@pytest.fixture(scope="module")
def features() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((FIXTURES / "regions.geojson").read_text())["features"]
    return found


@pytest.fixture(scope="module")
def cities() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((FIXTURES / "cities.json").read_text())["cities"]
    return found


@pytest.fixture(scope="module")
def skills() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FIXTURES / "skills.json").read_text())
    return found


def test_every_league_country_has_regions_below_it(features: list[dict[str, Any]]) -> None:
    below = Counter(f["properties"]["parent"] for f in features if f["properties"]["level"] == 1)
    assert (
        set(below)
        == set(LEAGUE)
        == {f["properties"]["code"] for f in features if f["properties"]["level"] == 0}
    )
    assert (below["LY"], below["EG"]) == (22, 27)


def test_every_region_is_named_in_both_languages_and_no_two_alike(features: list[dict[str, Any]]) -> None:
    for language in ("ar", "en"):
        names = [(f["properties"]["parent"], f["properties"]["name"][language]) for f in features]
        assert all(name for _, name in names)
        assert [name for name, times in Counter(names).items() if times > 1] == []


def test_arabic_names_are_written_in_arabic_letters(features: list[dict[str, Any]]) -> None:
    names = [f["properties"]["name"]["ar"] for f in features]
    assert [n for n in names if not all(c == " " or "\u0621" <= c <= "\u0652" for c in n)] == []


def test_every_outline_is_valid_and_every_id_its_own(features: list[dict[str, Any]]) -> None:
    assert [f["id"] for f in features if not GEOSGeometry(json.dumps(f["geometry"])).valid] == []
    assert len({UUID(f["id"]) for f in features}) == len(features)


def test_a_code_of_our_own_says_what_it_stands_for(features: list[dict[str, Any]]) -> None:
    own = [f["properties"] for f in features if "-X" in f["properties"]["code"]]
    assert {p["country"] for p in own} == {"PS", "SO", "MR", "MA"}
    assert all(p["note"] and not p["iso"] for p in own)


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ((22.639, 32.764), "LY-DR"),  # Derna, "Al Qubbah" in the source
        ((21.755, 32.763), "LY-JA"),  # Al Bayda
        ((20.067, 32.117), "LY-BA"),
        ((23.954, 32.090), "LY-BU"),  # Tobruk
        ((13.187, 32.887), "LY-TB"),
        ((35.236, 31.780), "PS-XWB"),  # Jerusalem
        ((34.466, 31.501), "PS-XGZ"),
        ((54.0, 12.5), "YE-SU"),  # Socotra, split from Hadramaut
        ((49.12, 14.55), "YE-HD"),
        ((31.236, 30.044), "EG-C"),
    ],
)
def test_a_known_place_lies_in_its_region(
    features: list[dict[str, Any]], place: shapes.Point, code: str
) -> None:
    assert Regions(features).code_at(code[:2], place) == code


def test_every_row_of_the_map_table_is_used_once(features: list[dict[str, Any]]) -> None:
    with (FIXTURES / "regions_map.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert {row["code"] for row in rows} == {
        f["properties"]["code"] for f in features if f["properties"]["level"]
    }
    keys = Counter((row["adm0_a3"], row["ne_name"], row["part"]) for row in rows)
    assert max(keys.values()) == 1


def test_the_cities_of_the_libyan_flood_stand_in_both_languages(cities: list[dict[str, Any]]) -> None:
    libya = {c["name"]["en"]: (c["name"].get("ar"), c["region"]) for c in cities if c["country"] == "LY"}
    assert libya["Derna"] == ("درنة", "LY-DR")
    assert libya["Al Bayda"] == ("البيضاء", "LY-JA")
    assert libya["Shahhat"] == ("شحات", "LY-JA")
    assert libya["Susa"] == ("سوسة", "LY-JA")
    assert libya["Tobruk"] == ("طبرق", "LY-BU")
    assert libya["Benghazi"] == ("بنغازي", "LY-BA")


def test_every_city_lies_in_a_region_that_exists(
    features: list[dict[str, Any]], cities: list[dict[str, Any]]
) -> None:
    codes = {f["properties"]["code"] for f in features if f["properties"]["level"] == 1}
    assert {c["region"] for c in cities} <= codes
    assert {c["country"] for c in cities} == set(LEAGUE)


def test_no_city_of_a_hundred_thousand_in_libya_or_egypt_lacks_its_arabic_name(
    cities: list[dict[str, Any]],
) -> None:
    large = [c for c in cities if c["country"] in ("LY", "EG") and c["population"] >= 100_000]
    assert [c["name"] for c in large if "ar" not in c["name"]] == []


def test_every_skill_points_at_a_group_a_level_and_a_column_that_exist(skills: dict[str, Any]) -> None:
    known = {kind: {row["code"] for row in skills[kind]} for kind in ("groups", "levels", "specialties")}
    for skill in skills["skills"]:
        assert skill["group"] in known["groups"]
        assert skill["level"] in known["levels"]
        assert skill["specialty"] in known["specialties"] | {None}
        assert skill["mode"] in ("on_site", "remote", "both")
        assert skill["name"]["ar"]
        assert skill["name"]["en"]


def test_skill_ids_and_codes_are_their_own_and_ids_are_of_version_7(skills: dict[str, Any]) -> None:
    rows = skills["skills"]
    assert len({row["code"] for row in rows}) == len({row["id"] for row in rows}) == len(rows)
    assert {UUID(row["id"]).version for row in rows} == {7}


def test_the_board_has_a_skill_for_each_of_its_seven_columns(skills: dict[str, Any]) -> None:
    columns = [row["code"] for row in skills["specialties"]]
    assert len(columns) == 7
    assert set(columns) == {row["specialty"] for row in skills["skills"]} - {None}


def test_every_icon_stands_in_the_sprite(skills: dict[str, Any]) -> None:
    sprite = (ROOT / "dispatch/templates/parts/sprite.html").read_text()
    icons = {row["icon"] for row in [*skills["skills"], *skills["specialties"]]}
    assert [icon for icon in icons if f'id="{icon}"' not in sprite] == []


def test_an_occupation_of_esco_comes_with_its_isco_group(skills: dict[str, Any]) -> None:
    for row in skills["skills"]:
        assert len(row["isco08"]) == 4
        assert row["isco08"].isdigit()
        assert row["isco08_label"]
        assert (row["esco"] is None) == (row["esco_label"] is None)
        assert row["esco"] is None or row["esco"].startswith("http://data.europa.eu/esco/occupation/")
