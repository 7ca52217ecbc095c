"""Regions and cities over HTTP."""

import pytest
from rest_framework.test import APIClient

from geo import queries
from tests.cast import Cast

pytestmark = pytest.mark.django_db
BASE = "/api/v1/geo"


@pytest.fixture
def dunya(cast: Cast) -> APIClient:
    """The Libyan dispatcher, signed in."""
    client = APIClient()
    client.force_login(cast.users["dunya"])
    return client


@pytest.mark.parametrize(
    "path",
    ["regions/", "regions.geojson", "regions/at/?lon=22.6&lat=32.7", "cities/near/?lon=22.6&lat=32.7"],
)
def test_strangers_are_turned_away(path: str) -> None:
    assert APIClient().get(f"{BASE}/{path}").status_code == 403


def test_the_regions_of_a_country_are_listed(dunya: APIClient) -> None:
    rows = dunya.get(f"{BASE}/regions/", {"country": "LY"}).json()
    assert len(rows) == 22
    assert {row["code"]: row["name"] for row in rows}["LY-DR"] == {"ar": "درنة", "en": "Derna"}


def test_the_outlines_come_as_geojson_and_may_be_kept_a_while_by_the_reader_only(dunya: APIClient) -> None:
    answer = dunya.get(f"{BASE}/regions.geojson", {"country": "LY"})
    assert answer.headers["Content-Type"] == "application/geo+json"
    assert "private" in answer.headers["Cache-Control"]
    assert len(answer.json()["features"]) == 22


def test_a_region_is_found_by_its_id_and_by_a_point(dunya: APIClient) -> None:
    at = dunya.get(f"{BASE}/regions/at/", {"lon": 22.639, "lat": 32.764}).json()
    assert at["code"] == "LY-DR"
    assert dunya.get(f"{BASE}/regions/{at['id']}/").json() == at


def test_a_point_at_sea_and_an_unknown_id_are_not_found(dunya: APIClient) -> None:
    assert dunya.get(f"{BASE}/regions/at/", {"lon": 20, "lat": 34.5}).status_code == 404
    assert dunya.get(f"{BASE}/regions/00000000-0000-7000-8000-000000000000/").status_code == 404


@pytest.mark.parametrize(
    ("path", "given", "wrong"),
    [
        ("regions/", {"level": 9}, "level"),
        ("regions/", {"country": "Libya"}, "country"),
        ("regions/at/", {"lon": 22.6}, "lat"),
        ("cities/near/", {"lon": 22.6, "lat": 97}, "lat"),
        ("cities/in/", {"west": 1, "south": 2, "east": 3}, "north"),
    ],
)
def test_a_wrong_question_names_the_field(
    dunya: APIClient, path: str, given: dict[str, str | float], wrong: str
) -> None:
    answer = dunya.get(f"{BASE}/{path}", given)
    assert answer.status_code == 400
    assert wrong in answer.content.decode()


def test_cities_near_a_point_and_inside_a_box(dunya: APIClient) -> None:
    near = dunya.get(f"{BASE}/cities/near/", {"lon": 22.639, "lat": 32.764, "limit": 1}).json()
    assert near[0]["name"] == {"ar": "درنة", "en": "Derna"}
    assert near[0]["metres"] < 1000
    inside = dunya.get(
        f"{BASE}/cities/in/", {"west": 21, "south": 32, "east": 23, "north": 33, "limit": 2}
    ).json()
    assert [city["id"] for city in inside] == [c.id for c in queries.cities_in((21, 32, 23, 33), limit=2)]
