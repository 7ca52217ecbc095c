"""Regions and cities as a society sees them, on PostGIS, as role app."""

import json

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon

from geo import queries
from geo.models import Region
from geo.shapes import circle, distance_m
from notifications.tenancy import society
from tests.cast import Cast

DERNA = (22.639, 32.764)
AL_BAYDA = (21.755, 32.763)
OPEN_SEA = (20.0, 34.5)

pytestmark = pytest.mark.django_db


def test_libya_has_twenty_two_regions_in_both_languages() -> None:
    regions = queries.regions(country="LY")
    assert len(regions) == 22
    derna = next(r for r in regions if r.code == "LY-DR")
    assert derna.name == {"en": "Derna", "ar": "درنة"}
    assert (derna.parent_code, derna.level, derna.own) == ("LY", 1, False)


def test_the_level_above_is_the_countries() -> None:
    assert len(queries.regions(level=0)) == 22
    assert queries.region_by_code("LY", level=0) is not None


def test_a_point_is_found_in_its_region() -> None:
    found = queries.region_at(DERNA)
    assert found is not None
    assert found.code == "LY-DR"
    west, south, east, north = found.box
    assert west < DERNA[0] < east
    assert south < DERNA[1] < north


def test_a_harbour_off_the_coarse_coast_belongs_to_the_nearest_region_and_the_open_sea_to_none() -> None:
    harbour = queries.region_at((22.66, 32.97))
    assert harbour is not None
    assert harbour.code == "LY-DR"
    assert queries.region_at((22.66, 32.97), reach_m=100) is None
    assert queries.region_at(OPEN_SEA) is None


def test_many_points_are_answered_in_their_order() -> None:
    found = queries.regions_at([AL_BAYDA, OPEN_SEA, DERNA])
    names = [region.code if (region := queries.region(id_)) else None for id_ in found if id_]
    assert found[1] is None
    assert names == ["LY-JA", "LY-DR"]
    assert queries.regions_at([]) == []


def test_the_point_to_write_a_name_at_lies_inside_its_region() -> None:
    regions = queries.regions(country="EG")
    assert queries.regions_at([r.middle for r in regions]) == [r.id for r in regions]


def test_the_outlines_of_a_country_are_small_geojson() -> None:
    drawn = queries.regions_geojson(country="LY")
    assert len(drawn["features"]) == 22
    assert drawn["features"][0]["geometry"]["type"] == "MultiPolygon"
    assert len(drawn["features"][0]["properties"]["label"]) == 2
    assert len(json.dumps(drawn)) < 60_000


def test_outlines_finer_than_a_screen_are_thinned(cast: Cast) -> None:
    fine = circle(DERNA, 30_000, corners=queries.SCREEN_POINTS + 1)
    with society(cast.libya):
        Region.objects.create(
            society_id=cast.libya,
            level=3,
            country="LY",
            code="F",
            name={},
            geometry=MultiPolygon(Polygon(fine)),
        )
        [thin] = queries.regions_geojson(level=3)["features"]
    assert 20 < len(thin["geometry"]["coordinates"][0][0]) < 1000


def test_cities_come_largest_first_and_only_from_the_size_asked_for() -> None:
    cities = queries.cities(country="LY", least=100_000)
    assert [c.name["en"] for c in cities[:3]] == ["Tripoli", "Benghazi", "Misrata"]
    assert min(c.population for c in cities) >= 100_000


def test_the_nearest_cities_come_nearest_first_with_their_distance() -> None:
    near = queries.cities_near(DERNA, limit=5)
    assert near[0].name["en"] == "Derna"
    metres = [c.metres for c in near]
    assert metres == sorted(metres, key=lambda m: m or 0)
    assert near[4].metres == pytest.approx(distance_m(DERNA, near[4].location), rel=0.01)


def test_a_box_shows_its_largest_cities() -> None:
    cities = queries.cities_in((21.0, 32.0, 23.0, 33.0), limit=2)
    assert [c.name["en"] for c in cities] == ["Al Bayda", "Derna"]
