"""Shapes on the globe as plain tuples: no Django, no database, nothing but arithmetic.

A point is (longitude, latitude) in degrees, WGS 84. A ring is a closed tuple of points, counter-clockwise.
Distances are metres on a sphere, which is within 0.6 % of the ellipsoid: far below what a pin on a map means.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import asin, atan2, ceil, cos, degrees, floor, hypot, pi, radians, sin, sqrt

Point = tuple[float, float]
Ring = tuple[Point, ...]
Box = tuple[float, float, float, float]  # west, south, east, north

EARTH_M = 6_371_008.8  # mean radius, IUGG
DEGREE_M = EARTH_M * pi / 180


class BadShape(ValueError):
    """The shape cannot be used; the message says what would be right."""


def check(point: Sequence[float]) -> Point:
    """The point as a tuple; raises BadShape outside the globe (latitude and longitude swapped, often)."""
    if len(point) < 2:
        raise BadShape("A point needs longitude and latitude.")
    lon, lat = float(point[0]), float(point[1])
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise BadShape(f"{lon}, {lat} is no longitude and latitude in degrees.")
    return lon, lat


def distance_m(a: Point, b: Point) -> float:
    """Metres along the great circle (haversine)."""
    lat_a, lat_b = radians(a[1]), radians(b[1])
    half = sin((lat_b - lat_a) / 2) ** 2 + cos(lat_a) * cos(lat_b) * sin(radians(b[0] - a[0]) / 2) ** 2
    return 2 * EARTH_M * asin(min(1.0, sqrt(half)))


def destination(start: Point, bearing: float, metres: float) -> Point:
    """Where one stands after `metres` from `start`; `bearing` in degrees, clockwise from north."""
    lon, lat, turn, arc = radians(start[0]), radians(start[1]), radians(bearing), metres / EARTH_M
    to_lat = asin(sin(lat) * cos(arc) + cos(lat) * sin(arc) * cos(turn))
    to_lon = lon + atan2(sin(turn) * sin(arc) * cos(lat), cos(arc) - sin(lat) * sin(to_lat))
    return (degrees(to_lon) + 540) % 360 - 180, degrees(to_lat)


def circle(centre: Point, radius_m: float, corners: int = 64) -> Ring:
    """A ring around a point; with 64 corners it lies at most 0.12 % inside the true circle."""
    if radius_m <= 0:
        raise BadShape("A circle needs a radius above 0 m.")
    points = [destination(centre, -360 * i / corners, radius_m) for i in range(corners)]
    return (*points, points[0])


def circles(centre: Point, radii_m: Iterable[float]) -> tuple[Ring, ...]:
    """One ring per radius, the smallest first: how far the search for people reaches."""
    return tuple(circle(centre, radius) for radius in sorted(radii_m))


def polygon(points: Iterable[Sequence[float]]) -> Ring:
    """A closed, counter-clockwise ring of what somebody drew.

    Raises BadShape for fewer than three different corners, for no area, and for lines that cross.
    """
    corners: list[Point] = []
    for point in map(check, points):
        if not corners or point != corners[-1]:
            corners.append(point)
    if len(corners) > 1 and corners[0] == corners[-1]:
        corners.pop()
    if len(set(corners)) < 3:
        raise BadShape("An area needs at least three different corners.")
    ring = (*corners, corners[0])
    if _crosses(ring):
        raise BadShape("The lines of the area cross each other; draw its corners in order.")
    area = _signed_area(ring)
    if area == 0:
        raise BadShape("The corners lie on one line; an area needs width.")
    return ring if area > 0 else ring[::-1]


def around(points: Iterable[Point], metres: float) -> Ring:
    """The convex area that holds every point with `metres` to spare: a hazard drawn from reports."""
    rings = [circle(check(point), metres, 24) for point in points]
    if not rings:
        raise BadShape("An area around points needs at least one point.")
    return _hull(sorted({corner for ring in rings for corner in ring}))


def area_km2(ring: Ring) -> float:
    """Square kilometres; for areas up to a few hundred kilometres across."""
    middle = cos(radians(sum(lat for _, lat in ring) / len(ring)))
    return abs(_signed_area(ring)) * middle * (DEGREE_M / 1000) ** 2


def centre_of(ring: Ring) -> Point:
    """The centre of gravity of the area."""
    lon0, lat0 = ring[0]  # near the shape: the products below stay small and exact
    twice = x = y = 0.0
    for (x1, y1), (x2, y2) in pairwise(ring):
        cross = (x1 - lon0) * (y2 - lat0) - (x2 - lon0) * (y1 - lat0)
        twice += cross
        x += cross * (x1 + x2 - 2 * lon0)
        y += cross * (y1 + y2 - 2 * lat0)
    return lon0 + x / (3 * twice), lat0 + y / (3 * twice)


def box_of(points: Iterable[Point]) -> Box:
    """West, south, east, north of the points."""
    lons, lats = zip(*points, strict=True)
    return min(lons), min(lats), max(lons), max(lats)


def box_around(centre: Point, metres: float) -> Box:
    """A box that holds everything within `metres` of the centre; cut at the poles and at 180 degrees."""
    lon, lat = centre
    up = metres / DEGREE_M
    aside = up / max(cos(radians(min(89.0, abs(lat) + up))), 1e-3)
    return max(-180.0, lon - aside), max(-90.0, lat - up), min(180.0, lon + aside), min(90.0, lat + up)


def contains(rings: Sequence[Ring], point: Point) -> bool:
    """Whether the point lies in a polygon; the first ring is the outline, further ones are holes."""
    return bool(rings) and _inside(rings[0], point) and not any(_inside(hole, point) for hole in rings[1:])


def simplify(line: Ring, tolerance: float) -> Ring:
    """Fewer points, none farther than `tolerance` degrees from the new line (Douglas and Peucker 1973)."""
    if len(line) < 5:
        return line
    keep = {0, len(line) - 1}
    spans = [(0, len(line) - 1)]
    if line[0] == line[-1]:  # a closed ring has no length between its ends: split it at the farthest point
        far = max(range(len(line)), key=lambda i: hypot(line[i][0] - line[0][0], line[i][1] - line[0][1]))
        keep.add(far)
        spans = [(0, far), (far, len(line) - 1)]
    while spans:
        first, last = spans.pop()
        if last - first < 2:
            continue
        worst = max(range(first + 1, last), key=lambda i: _off(line[i], line[first], line[last]))
        if _off(line[worst], line[first], line[last]) > tolerance:
            keep.add(worst)
            spans += [(first, worst), (worst, last)]
    kept = tuple(line[i] for i in sorted(keep))
    return kept if line[0] != line[-1] or len(kept) >= 4 else line


def coarse(point: Point, cell_m: float = 2000) -> Point:
    """The middle of the cell the point lies in: where somebody lives, roughly, before they said yes.

    Always the same for the same home, so that asking again gives no more away; at most 0.71 cells off.
    """
    lon, lat = check(point)
    rows = ceil(180 * DEGREE_M / cell_m)
    row = min(rows - 1, floor((lat + 90) / 180 * rows))
    middle = (row + 0.5) / rows * 180 - 90
    columns = max(1, ceil(360 * DEGREE_M * cos(radians(middle)) / cell_m))
    column = min(columns - 1, floor((lon + 180) / 360 * columns))
    return round((column + 0.5) / columns * 360 - 180, 5), round(middle, 5)


def _signed_area(ring: Ring) -> float:
    lon0, lat0 = ring[0]
    pairs = pairwise(ring)
    return sum((x1 - lon0) * (y2 - lat0) - (x2 - lon0) * (y1 - lat0) for (x1, y1), (x2, y2) in pairs) / 2


def _side(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _crosses(ring: Ring) -> bool:
    edges = list(pairwise(ring))
    for i, (a, b) in enumerate(edges):
        for j in range(i + 2, len(edges)):
            if i == 0 and j == len(edges) - 1:
                continue  # neighbours: they share the first corner
            c, d = edges[j]
            if _side(a, b, c) * _side(a, b, d) < 0 and _side(c, d, a) * _side(c, d, b) < 0:
                return True
    return False


def _hull(points: Sequence[Point]) -> Ring:
    """Convex hull of sorted points, counter-clockwise (Andrew 1979)."""
    halves: list[list[Point]] = []
    for run in (points, points[::-1]):
        half: list[Point] = []
        for point in run:
            while len(half) > 1 and _side(half[-2], half[-1], point) <= 0:
                half.pop()
            half.append(point)
        halves.append(half[:-1])
    corners = halves[0] + halves[1]
    return (*corners, corners[0])


def _inside(ring: Ring, point: Point) -> bool:
    x, y = point
    inside = False
    for (x1, y1), (x2, y2) in pairwise(ring):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside


def _off(point: Point, a: Point, b: Point) -> float:
    """Degrees from the point to the line piece a-b."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = dx * dx + dy * dy
    along = (
        0.0 if length == 0 else max(0.0, min(1.0, ((point[0] - a[0]) * dx + (point[1] - a[1]) * dy) / length))
    )
    return hypot(point[0] - a[0] - along * dx, point[1] - a[1] - along * dy)
