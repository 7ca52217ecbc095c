"""Shapes on the globe, held against known distances and against each other."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo import shapes

DERNA = (22.639, 32.764)
BENGHAZI = (20.0686, 32.1149)
SQUARE = ((0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0), (0.0, 0.0))

places = st.tuples(st.floats(-179, 179), st.floats(-80, 80))
metres = st.floats(10, 200_000)


def test_a_degree_of_latitude_is_111_2_kilometres() -> None:
    assert shapes.distance_m((22.0, 32.0), (22.0, 33.0)) == pytest.approx(111_195, abs=1)


def test_derna_is_251_kilometres_from_benghazi() -> None:
    assert shapes.distance_m(DERNA, BENGHAZI) == pytest.approx(251_000, rel=0.01)


@given(places, st.floats(0, 360), metres)
def test_walking_a_distance_arrives_at_that_distance(
    start: shapes.Point, bearing: float, length: float
) -> None:
    assert shapes.distance_m(start, shapes.destination(start, bearing, length)) == pytest.approx(
        length, rel=1e-6
    )


def test_a_step_east_raises_the_longitude() -> None:
    lon, lat = shapes.destination((22.0, 0.0), 90, 1000)
    assert lon > 22.0
    assert lat == pytest.approx(0.0, abs=1e-9)


@given(places, metres)
def test_every_corner_of_a_circle_is_at_its_radius(centre: shapes.Point, radius: float) -> None:
    ring = shapes.circle(centre, radius)
    assert ring[0] == ring[-1]
    assert all(shapes.distance_m(centre, corner) == pytest.approx(radius, rel=1e-6) for corner in ring)


def test_a_circle_of_ten_kilometres_has_its_area() -> None:
    assert shapes.area_km2(shapes.circle(DERNA, 10_000)) == pytest.approx(314.2, rel=0.005)


def test_circles_come_smallest_first() -> None:
    near, far = shapes.circles(DERNA, [50_000, 10_000])
    assert shapes.distance_m(DERNA, near[0]) < shapes.distance_m(DERNA, far[0])


def test_a_circle_without_radius_is_refused() -> None:
    with pytest.raises(shapes.BadShape, match="above 0 m"):
        shapes.circle(DERNA, 0)


def test_a_drawn_area_is_closed_and_turned_counter_clockwise() -> None:
    assert shapes.polygon([(0, 0), (0, 2), (2, 2), (2, 0)]) == ((0, 0), (2, 0), (2, 2), (0, 2), (0, 0))


def test_corners_given_twice_in_a_row_count_once() -> None:
    assert len(shapes.polygon([(0, 0), (0, 0), (2, 0), (2, 2), (0, 0)])) == 4


@pytest.mark.parametrize(
    ("points", "says"),
    [
        ([(0, 0), (1, 1)], "three different corners"),
        ([(0, 0), (1, 1), (2, 2)], "on one line"),
        ([(0, 0), (2, 2), (2, 0), (0, 2)], "cross each other"),
        ([(0, 0), (32, 122), (2, 0)], "no longitude and latitude"),
        ([(0,), (1, 1), (2, 0)], "longitude and latitude"),
    ],
)
def test_an_area_that_cannot_be_is_refused_with_a_reason(points: list[tuple[float, ...]], says: str) -> None:
    with pytest.raises(shapes.BadShape, match=says):
        shapes.polygon(points)


@given(st.lists(st.tuples(st.floats(20, 24), st.floats(30, 33)), min_size=1, max_size=12))
def test_the_area_around_reports_holds_every_report(points: list[shapes.Point]) -> None:
    ring = shapes.around(points, 500)
    assert all(shapes.contains([ring], point) for point in points)


def test_the_area_around_nothing_is_refused() -> None:
    with pytest.raises(shapes.BadShape):
        shapes.around([], 500)


def test_a_point_in_a_hole_is_outside() -> None:
    hole = ((0.5, 0.5), (1.5, 0.5), (1.5, 1.5), (0.5, 1.5), (0.5, 0.5))
    assert shapes.contains([SQUARE], (1.0, 1.0))
    assert not shapes.contains([SQUARE, hole], (1.0, 1.0))
    assert shapes.contains([SQUARE, hole], (0.2, 1.0))
    assert not shapes.contains([SQUARE, hole], (3.0, 1.0))


def test_the_centre_of_a_square_is_its_middle() -> None:
    assert shapes.centre_of(SQUARE) == pytest.approx((1.0, 1.0))


def test_a_box_holds_its_points() -> None:
    assert shapes.box_of([(1, 5), (3, 2)]) == (1, 2, 3, 5)


@given(places, st.floats(0, 360), metres)
def test_the_box_around_a_point_holds_what_is_that_near(
    centre: shapes.Point, bearing: float, length: float
) -> None:
    west, south, east, north = shapes.box_around(centre, length)
    lon, lat = shapes.destination(centre, bearing, length * 0.999)
    assert south <= lat <= north
    assert west <= lon <= east or abs(lon - centre[0]) > 180  # beyond the date line the box is cut


@given(st.lists(places, min_size=5, max_size=40, unique=True), st.floats(0.1, 20))
def test_no_dropped_point_is_farther_from_the_line_than_the_tolerance(
    line: list[shapes.Point], tolerance: float
) -> None:
    thin = shapes.simplify(tuple(line), tolerance)
    pieces = list(pairwise(thin))
    assert all(min(shapes._off(p, a, b) for a, b in pieces) <= tolerance for p in line)


def test_a_simplified_ring_stays_a_ring() -> None:
    thin = shapes.simplify(shapes.circle(DERNA, 10_000, 256), 0.005)
    assert thin[0] == thin[-1]
    assert 4 <= len(thin) < 64


@given(places)
def test_a_coarse_place_is_near_always_the_same_and_its_own_coarse_place(home: shapes.Point) -> None:
    cell = shapes.coarse(home, 2000)
    assert shapes.distance_m(home, cell) <= 2000 * 0.72
    assert shapes.coarse(home, 2000) == cell
    assert shapes.coarse(cell, 2000) == cell


def test_neighbours_share_one_coarse_place() -> None:
    middle = shapes.coarse(DERNA)
    a, b = shapes.destination(middle, 45, 300), shapes.destination(middle, 200, 500)
    assert shapes.coarse(a) == shapes.coarse(b) == middle
