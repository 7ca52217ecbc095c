"""A society's own boundaries: imported from a file, seen by it alone, in place of the shared ones."""

import json
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.gis.gdal import SpatialReference
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Polygon
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection

from geo import queries
from geo.models import Region
from notifications.tenancy import society
from tests.cast import Cast, owner_sql
from tests.geo.geopackage import write_geopackage

DERNA = (22.639, 32.764)
FIELDS = {"code": "pcode", "name_en": "en", "name_ar": "ar"}
Given = dict[str, Any]


def square(west: float, south: float, side: float = 1.0) -> list[list[list[float]]]:
    east, north = west + side, south + side
    return [[[west, south], [east, south], [east, north], [west, north], [west, south]]]


def row(code: str | None, west: float = 22.0, south: float = 32.0, **changed: Any) -> Given:
    """A square of a degree as a GeoJSON feature."""
    given = {"pcode": code, "en": f"Area {code}", "ar": f"منطقة {code}", **changed}
    outline = given.pop("outline", {"type": "Polygon", "coordinates": square(west, south)})
    return {"type": "Feature", "properties": given, "geometry": outline}


def write(path: Path, *rows: Given, epsg: int = 4326) -> Path:
    crs = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{epsg}"}}
    path.write_text(json.dumps({"type": "FeatureCollection", "crs": crs, "features": rows}))
    return path


@pytest.fixture
def ground(committed: str, cast: Cast) -> Iterator[Cast]:
    """Both societies, with real commits; own regions go at the end, the shared ones stay."""
    yield cast
    owner_sql("DELETE FROM geo_region WHERE society_id IS NOT NULL")


@pytest.fixture
def bring(ground: Cast) -> Callable[..., str]:
    """Run the command for the Libyan society and return what it said."""

    def run(path: Path, **options: Any) -> str:
        said = StringIO()
        given = {"society": "ly", **FIELDS, **options}
        call_command("import_regions", str(path), stdout=said, stderr=said, **given)
        return said.getvalue()

    return run


def test_own_boundaries_stand_in_place_of_the_shared_ones(
    ground: Cast, bring: Callable[..., str], tmp_path: Path
) -> None:
    bring(write(tmp_path / "own.geojson", row("D1"), row("D2", 23.0)))
    with society(ground.libya):
        assert [r.code for r in queries.regions(country="LY")] == ["D1", "D2"]
        found = queries.region_at(DERNA)
        assert len(queries.regions(country="EG")) == 27
    assert found is not None
    assert (found.code, found.own, found.parent_code) == ("D1", True, "LY")


def test_the_other_society_sees_none_of_them(ground: Cast, bring: Callable[..., str], tmp_path: Path) -> None:
    bring(write(tmp_path / "own.geojson", row("D1")))
    own = Region.objects.using("owner").get(code="D1").id
    with society(ground.egypt):
        assert Region.objects.filter(code="D1").count() == 0
        assert queries.region(own) is None
        assert len(queries.regions(country="LY")) == 22
        found = queries.region_at(DERNA)
    assert found is not None
    assert found.code == "LY-DR"


def test_a_session_that_forgot_its_society_sees_only_shared_ground(
    ground: Cast, bring: Callable[..., str], tmp_path: Path
) -> None:
    bring(write(tmp_path / "own.geojson", row("D1")))
    assert owner_sql("SELECT count(*) FROM geo_region WHERE society_id IS NOT NULL") == [(1,)]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, count(*) FILTER (WHERE society_id IS NOT NULL), count(*) FROM geo_region"
        )
        assert cursor.fetchone() == ("app", 0, 333)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE geo_region SET note = 'mine' WHERE society_id IS NULL",
        "DELETE FROM geo_region WHERE society_id IS NULL",
    ],
)
def test_a_society_can_change_no_shared_region(ground: Cast, change: str) -> None:
    with society(ground.libya), connection.cursor() as cursor:
        cursor.execute(change)
        assert cursor.rowcount == 0


def test_the_service_can_change_no_city(ground: Cast) -> None:
    with pytest.raises(DatabaseError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute("UPDATE geo_city SET population = 0")


def test_importing_again_keeps_ids_and_removes_what_is_gone(
    ground: Cast, bring: Callable[..., str], tmp_path: Path
) -> None:
    bring(write(tmp_path / "a.geojson", row("D1"), row("D2", 23.0)))
    before = Region.objects.using("owner").get(code="D1").id
    said = bring(write(tmp_path / "b.geojson", row("D1", en="Darna"), row("D3", 24.0)))
    assert "1 new, 1 changed, 1 removed" in said
    after = Region.objects.using("owner").filter(society_id=ground.libya)
    assert {r.code: r.name["en"] for r in after} == {"D1": "Darna", "D3": "Area D3"}
    assert after.get(code="D1").id == before


def test_a_dry_run_tells_and_changes_nothing(bring: Callable[..., str], tmp_path: Path) -> None:
    assert "Would be 1 new" in bring(write(tmp_path / "own.geojson", row("D1")), dry_run=True)
    assert owner_sql("SELECT count(*) FROM geo_region WHERE society_id IS NOT NULL") == [(0,)]


def test_metres_of_utm_become_degrees(bring: Callable[..., str], tmp_path: Path) -> None:
    utm = GEOSGeometry(json.dumps({"type": "Polygon", "coordinates": square(22.0, 32.0)}), srid=4326)
    utm.transform(32634)
    assert SpatialReference(32634).projected
    bring(write(tmp_path / "utm.geojson", row("D1", outline=json.loads(utm.json)), epsg=32634))
    assert Region.objects.using("owner").get(code="D1").geometry.extent == pytest.approx(
        (22, 32, 23, 33), abs=1e-6
    )


def test_an_outline_that_crosses_itself_is_mended_and_told(bring: Callable[..., str], tmp_path: Path) -> None:
    bow = {"type": "Polygon", "coordinates": [[[22, 32], [23, 33], [23, 32], [22, 33], [22, 32]]]}
    assert "mended row 1 (D1): Self-intersection" in bring(
        write(tmp_path / "bow.geojson", row("D1", outline=bow))
    )
    shape = Region.objects.using("owner").get(code="D1").geometry
    assert shape.valid
    assert shape.area == pytest.approx(0.5)


POINT = {"type": "Point", "coordinates": [22, 32]}
FLAT = {"type": "Polygon", "coordinates": [[[22, 32], [23, 33], [22, 32], [22, 32]]]}
FAR = {"type": "Polygon", "coordinates": square(2200.0, 32.0)}


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (row(None), "field pcode is empty"),
        (row("D1"), "row 1 has the code D1 already"),
        (row("D" * 41), "the code has 41 letters"),
        (row("D2", ar=" "), "field ar is empty. Pages need the name in Arabic and in English"),
        (row("D2", outline=None), "no usable outline"),
        (row("D2", outline=POINT), "is a Point, not an area"),
        (row("D2", outline=FLAT), "encloses no area"),
        (row("D2", outline=FAR), "lies outside the globe"),
    ],
)
def test_a_bad_row_stops_the_import_and_says_why(
    bring: Callable[..., str], tmp_path: Path, bad: Given, says: str
) -> None:
    path = write(tmp_path / "own.geojson", row("D1"), bad)
    with pytest.raises(CommandError, match="Nothing was imported"):
        bring(path)
    [reject] = json.loads((tmp_path / "own.rejects.geojson").read_text())["features"]
    assert says in f"{reject['properties']['_reason']}. {reject['properties']['_right']}"
    assert reject["properties"]["_row"] == 2
    assert reject["properties"]["en"] == bad["properties"]["en"]
    assert owner_sql("SELECT count(*) FROM geo_region WHERE society_id IS NOT NULL") == [(0,)]


def test_with_skip_bad_the_good_rows_come_and_the_old_row_of_a_bad_one_stays(
    ground: Cast, bring: Callable[..., str], tmp_path: Path
) -> None:
    bring(write(tmp_path / "a.geojson", row("D1"), row("D2", 23.0)))
    path = write(tmp_path / "b.geojson", row("D1"), row("D2", ar=""), row("D3", 24.0))
    said = bring(path, skip_bad=True, rejects=tmp_path / "out.geojson")
    assert "1 new, 1 changed, 0 removed" in said
    assert f"1 rejected rows are in {tmp_path / 'out.geojson'}" in said
    with society(ground.libya):
        assert [r.code for r in queries.regions(country="LY")] == ["D1", "D2", "D3"]


def test_a_level_below_names_its_parents_in_the_level_above(
    ground: Cast, bring: Callable[..., str], tmp_path: Path
) -> None:
    given = {"level": 2, "parent_code": "above"}
    bring(write(tmp_path / "two.geojson", row("Z1", above="LY-DR")), **given)
    with society(ground.libya):
        [district] = queries.regions(level=2)
        assert district.parent_code == "LY-DR"
        assert len(queries.regions(level=1, country="LY")) == 22
    with pytest.raises(CommandError, match="Nothing was imported"):
        bring(write(tmp_path / "two.geojson", row("Z1", above="LY-99")), **given)


def test_an_import_touches_no_other_level_country_or_society(
    ground: Cast, bring: Callable[..., str], tmp_path: Path
) -> None:
    bring(write(tmp_path / "one.geojson", row("D1")))
    bring(write(tmp_path / "sister.geojson", row("E1", 30.0)), society="eg")
    bring(write(tmp_path / "two.geojson", row("Z1", above="D1")), level=2, parent_code="above")
    bring(write(tmp_path / "abroad.geojson", row("T1", 9.0)), country="TN")
    own = Region.objects.using("owner").filter(society_id__isnull=False)
    assert set(own.values_list("society_id", "country", "level", "code")) == {
        (ground.libya, "LY", 1, "D1"),
        (ground.libya, "LY", 2, "Z1"),
        (ground.libya, "TN", 1, "T1"),
        (ground.egypt, "EG", 1, "E1"),
    }


def test_a_geopackage_of_several_layers_asks_for_one_and_reads_it(
    bring: Callable[..., str], tmp_path: Path
) -> None:
    area = MultiPolygon(Polygon(*square(22.0, 32.0)), srid=4326)
    one, two = {"pcode": "D1", "en": "One", "ar": "واحد"}, {"pcode": "Z1", "en": "Two", "ar": "اثنان"}
    layers = {"adm1": [(one, area)], "adm2": [(two, area)]}
    package = write_geopackage(tmp_path / "own.gpkg", layers)
    with pytest.raises(CommandError, match="several layers; choose one with --layer: adm1, adm2"):
        bring(package)
    bring(package, layer="adm2")
    stored = Region.objects.using("owner").get(society_id__isnull=False)
    assert (stored.code, stored.name, stored.geometry.extent) == (
        "Z1",
        {"en": "Two", "ar": "اثنان"},
        area.extent,
    )


def test_a_code_that_a_spreadsheet_took_for_a_number_is_kept_whole(
    bring: Callable[..., str], tmp_path: Path
) -> None:
    bring(write(tmp_path / "own.geojson", row("x", pcode=2101.0)))
    assert owner_sql("SELECT code FROM geo_region WHERE society_id IS NOT NULL") == [("2101",)]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"code": "nocode"}, "has no field nocode. It has: pcode, en, ar"),
        ({"layer": "other"}, "has no layer other"),
        ({"level": 2}, "give --parent-code"),
        ({"society": "nobody"}, "no society nobody"),
    ],
)
def test_a_wrong_option_is_answered_with_what_would_be_right(
    bring: Callable[..., str], tmp_path: Path, options: Given, says: str
) -> None:
    with pytest.raises(CommandError, match=says):
        bring(write(tmp_path / "own.geojson", row("D1")), **options)


def test_a_file_that_is_no_map_or_is_not_there_is_named(bring: Callable[..., str], tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no file"):
        bring(tmp_path / "missing.geojson")
    (tmp_path / "text.geojson").write_text("no map")
    with pytest.raises(CommandError, match="no map file that can be read"):
        bring(tmp_path / "text.geojson")
