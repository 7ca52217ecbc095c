"""Making the shared regions from the packages' files, on small files of the same shape."""

import csv
from pathlib import Path

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon

from geo import sources
from tests.geo.geopackage import write_geopackage

NAMES = {
    "en": {"lydr": "Derna", "lyba": "Benghazi"},
    "ar": {"lydr": "شعبية درنة", "lyba": "بنغازي"},
}


def box(west: float, south: float, east: float, north: float) -> Polygon:
    return Polygon.from_bbox((west, south, east, north))


@pytest.fixture
def common(tmp_path: Path) -> Path:
    """CLDR's folder with two subdivisions and the league's countries."""
    for language, names in NAMES.items():
        territories = "".join(f'<territory type="{c}">{c} {language}</territory>' for c in sources.LEAGUE)
        short = '<territory type="PS" alt="short">Palestine</territory>'
        for folder, xml in (
            ("main", f"<ldml>{territories}{short}</ldml>"),
            ("subdivisions", "".join(["<s>", *_subdivisions(names), "</s>"])),
        ):
            (tmp_path / "common" / folder).mkdir(parents=True, exist_ok=True)
            (tmp_path / "common" / folder / f"{language}.xml").write_text(xml)
    return tmp_path / "common"


def _subdivisions(names: dict[str, str]) -> list[str]:
    return [f'<subdivision type="{code}">{name}</subdivision>' for code, name in names.items()]


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """Al Qubbah with an island, and Benghazi beside it."""
    qubbah = MultiPolygon(box(22, 32, 23, 33), box(30, 32, 31, 33), srid=4326)
    rows = [
        ({"adm0_a3": "LBY", "name": "Al Qubbah"}, qubbah),
        ({"adm0_a3": "LBY", "name": "Benghazi"}, MultiPolygon(box(21, 32, 22, 33), srid=4326)),
    ]
    return write_geopackage(tmp_path / "world.gpkg", {"states_provinces": rows})


def table(path: Path, *rows: tuple[str, ...]) -> Path:
    with path.open("w", newline="") as lines:
        head = ("adm0_a3", "ne_name", "part", "code", "name_en", "name_ar", "note")
        csv.writer(lines).writerows([head, *rows])
    return path


BENGHAZI = ("LBY", "Benghazi", "", "LY-BA", "", "", "")


@pytest.fixture(autouse=True)
def _libya_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "LEAGUE", ("LY",))


def test_an_old_name_becomes_its_code_with_the_names_of_cldr(
    tmp_path: Path, world: Path, common: Path
) -> None:
    rows = table(tmp_path / "t.csv", ("LBY", "Al Qubbah", "", "LY-DR", "", "", "old name"), BENGHAZI)
    derna = sources.regions(world, common, rows)[2]
    assert derna["properties"]["code"] == "LY-DR"
    assert derna["properties"]["name"] == {"en": "Derna", "ar": "درنة"}
    assert derna["properties"]["note"] == "old name"
    assert derna["id"] == sources.region_id("LY-DR")


def test_a_country_is_one_outline_around_its_regions(tmp_path: Path, world: Path, common: Path) -> None:
    rows = table(tmp_path / "t.csv", ("LBY", "Al Qubbah", "20 30 25 35", "LY-DR", "", "", ""), BENGHAZI)
    country = sources.regions(world, common, rows)[0]
    assert (country["properties"]["code"], country["properties"]["level"]) == ("LY", 0)
    [[ring]] = country["geometry"]["coordinates"]
    assert {tuple(corner) for corner in ring} >= {(21, 32), (23, 32), (23, 33), (21, 33)}


def test_a_part_of_a_polygon_can_be_a_region_of_its_own(tmp_path: Path, world: Path, common: Path) -> None:
    rows = table(
        tmp_path / "t.csv",
        ("LBY", "Al Qubbah", "20 30 25 35", "LY-DR", "", "", ""),
        ("LBY", "Al Qubbah", "29 30 32 35", "LY-XIS", "Island", "جزيرة", "an island"),
    )
    found = {f["properties"]["code"]: f for f in sources.regions(world, common, rows)}
    assert found["LY-XIS"]["properties"]["iso"] is False
    assert (
        len(found["LY-DR"]["geometry"]["coordinates"]) == len(found["LY-XIS"]["geometry"]["coordinates"]) == 1
    )


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (("LBY", "Atlantis", "", "LY-AT", "", "", ""), "has no LBY Atlantis, wanted for LY-AT"),
        (("LBY", "Al Qubbah", "", "LY-ZZ", "", "", ""), "LY-ZZ has no name in both languages"),
    ],
)
def test_a_row_that_finds_nothing_stops_the_making(
    tmp_path: Path, world: Path, common: Path, row: tuple[str, ...], says: str
) -> None:
    with pytest.raises(sources.BadSource, match=says):
        sources.regions(world, common, table(tmp_path / "t.csv", row))
