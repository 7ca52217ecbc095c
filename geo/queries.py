"""Reads about regions and cities. Run them inside `with society(id):`, as everything else.

The society is the one the transaction is set to: its own regions of a country and level hide the shared
ones there. Without a society only the shared regions are seen. Points are (longitude, latitude) in degrees.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connections

from geo.shapes import Box, Point

# What the transaction's society sees of one level; row security alone would show shared rows beside its own.
VISIBLE = """
WITH mine AS MATERIALIZED (SELECT nullif(current_setting('app.society', true), '')::uuid AS id),
own AS MATERIALIZED (
  SELECT DISTINCT o.country FROM geo_region o, mine
  WHERE o.society_id = mine.id AND o.level = %(level)s::smallint),
visible AS NOT MATERIALIZED (
  SELECT r.* FROM geo_region r
  WHERE r.level = %(level)s::smallint AND (
    r.society_id = (SELECT id FROM mine)
    OR (r.society_id IS NULL AND r.country NOT IN (SELECT country FROM own))))
"""

COLUMNS = """id, code, country, level, parent_code, name, society_id IS NOT NULL AS own,
  ST_X(label) AS lon, ST_Y(label) AS lat, ST_XMin(box), ST_YMin(box), ST_XMax(box), ST_YMax(box)"""

# Shared regions are coarse already; a society's own may be finer than any screen.
SCREEN_POINTS = 20_000


@dataclass(frozen=True)
class RegionView:
    """A region without its outline; `middle` is a point inside it, `own` tells a society's own boundaries."""

    id: UUID
    code: str
    country: str
    level: int
    parent_code: str
    name: dict[str, str]
    own: bool
    middle: Point
    box: Box


@dataclass(frozen=True)
class CityView:
    """A city; `name` has no "ar" where GeoNames knows none; `metres` from the point that was asked about."""

    id: int
    country: str
    region_code: str
    name: dict[str, str]
    location: Point
    population: int
    metres: float | None = None


def _rows(sql: str, given: dict[str, Any], using: str) -> list[tuple[Any, ...]]:
    with connections[using].cursor() as cursor:
        cursor.execute(sql, given)
        return list(cursor.fetchall())


def _region(row: tuple[Any, ...]) -> RegionView:
    name = json.loads(row[5]) if isinstance(row[5], str) else row[5]
    id_, code, country, level, parent_code, _, own, lon, lat, *box = row
    return RegionView(
        id_, code, country, level, parent_code, name, own, (lon, lat), (box[0], box[1], box[2], box[3])
    )


def _described(source: str) -> str:
    return (
        f"SELECT {COLUMNS} FROM (SELECT v.*, ST_PointOnSurface(geometry) AS label, Box2D(geometry) AS box"
        f" FROM {source} v) described"
    )


def regions(*, level: int = 1, country: str | None = None, using: str = "default") -> list[RegionView]:
    """The regions of a level as the society sees them, by country and code."""
    sql = f"{VISIBLE} {_described('visible')} WHERE %(country)s::text IS NULL OR country = %(country)s::text"
    return [
        _region(r)
        for r in _rows(f"{sql} ORDER BY country, code", {"level": level, "country": country}, using)
    ]


def region(region_id: UUID, *, using: str = "default") -> RegionView | None:
    """One region the society may see, None when there is none of this id."""
    own = "nullif(current_setting('app.society', true), '')::uuid"
    source = f"(SELECT * FROM geo_region WHERE id = %(id)s AND (society_id IS NULL OR society_id = {own}))"
    rows = _rows(_described(source), {"id": region_id}, using)
    return _region(rows[0]) if rows else None


def region_by_code(code: str, *, level: int = 1, using: str = "default") -> RegionView | None:
    """The region with this code (ISO 3166-2 or the society's own), None when there is none."""
    rows = _rows(
        f"{VISIBLE} {_described('visible')} WHERE code = %(code)s", {"level": level, "code": code}, using
    )
    return _region(rows[0]) if rows else None


def regions_at(
    points: Sequence[Point], *, level: int = 1, reach_m: float = 25_000, using: str = "default"
) -> list[UUID | None]:
    """The region of each point, in order; None where none lies within `reach_m`.

    The nearest outline, not only one around the point: coasts are coarse, and people live on them. Nearest
    order also is what keeps the index under row security, where ST_Contains would lose it.
    """
    sql = f"""{VISIBLE}
    SELECT CASE WHEN near.apart = 0
                  OR ST_Distance(near.geometry::geography, p.place::geography) <= %(reach)s THEN near.id END
    FROM (SELECT i, ST_SetSRID(ST_MakePoint(lon, lat), 4326) AS place
          FROM unnest(%(lons)s::float8[], %(lats)s::float8[]) WITH ORDINALITY AS u(lon, lat, i)) p
    LEFT JOIN LATERAL (SELECT id, geometry, geometry <-> p.place AS apart FROM visible
                       ORDER BY geometry <-> p.place LIMIT 1) near ON true
    ORDER BY p.i"""
    given = {"level": level, "reach": reach_m, "lons": [p[0] for p in points], "lats": [p[1] for p in points]}
    return [row[0] for row in _rows(sql, given, using)]


def region_at(
    point: Point, *, level: int = 1, reach_m: float = 25_000, using: str = "default"
) -> RegionView | None:
    """The region around the point, or the nearest within `reach_m` metres, or None."""
    [found] = regions_at([point], level=level, reach_m=reach_m, using=using)
    return region(found, using=using) if found else None


def regions_geojson(*, level: int = 1, country: str | None = None, using: str = "default") -> dict[str, Any]:
    """A GeoJSON FeatureCollection to draw: id, code, country, name and `label`, a point inside, per region.

    Outlines are thinned to what a screen can show when they have more than SCREEN_POINTS corners together.
    """
    sql = f"""{VISIBLE},
    picked AS MATERIALIZED (
      SELECT * FROM visible WHERE %(country)s::text IS NULL OR country = %(country)s::text),
    fine AS (SELECT CASE WHEN sum(ST_NPoints(geometry)) > %(screen)s
                         THEN (ST_XMax(ST_Extent(geometry)) - ST_XMin(ST_Extent(geometry))) / 2000
                         ELSE 0 END AS step FROM picked)
    SELECT id, code, country, parent_code, name,
           ST_X(ST_PointOnSurface(geometry)), ST_Y(ST_PointOnSurface(geometry)),
           ST_AsGeoJSON(ST_Multi(ST_SimplifyPreserveTopology(geometry, step)), 4)
    FROM picked, fine ORDER BY country, code"""
    rows = _rows(sql, {"level": level, "country": country, "screen": SCREEN_POINTS}, using)
    features = [
        {
            "type": "Feature",
            "id": str(id_),
            "properties": {
                "code": code,
                "country": of,
                "parent_code": parent,
                "name": json.loads(name) if isinstance(name, str) else name,
                "label": [round(lon, 4), round(lat, 4)],
            },
            "geometry": json.loads(outline),
        }
        for id_, code, of, parent, name, lon, lat, outline in rows
    ]
    return {"type": "FeatureCollection", "features": features}


CITY = "id, country, region_code, name, ST_X(location), ST_Y(location), population"


def _city(row: tuple[Any, ...]) -> CityView:
    name = json.loads(row[3]) if isinstance(row[3], str) else row[3]
    return CityView(row[0], row[1], row[2], name, (row[4], row[5]), row[6], row[7] if len(row) > 7 else None)


def cities(*, country: str, least: int = 0, using: str = "default") -> list[CityView]:
    """The cities of a country with at least `least` people, largest first."""
    sql = f"""SELECT {CITY} FROM geo_city WHERE country = %(country)s AND population >= %(least)s
    ORDER BY population DESC, id"""
    return [_city(row) for row in _rows(sql, {"country": country, "least": least}, using)]


def cities_in(box: Box, *, limit: int = 200, using: str = "default") -> list[CityView]:
    """The largest cities inside a box."""
    sql = f"""SELECT {CITY} FROM geo_city
    WHERE location && ST_MakeEnvelope(%(w)s, %(s)s, %(e)s, %(n)s, 4326)
    ORDER BY population DESC, id LIMIT %(limit)s"""
    west, south, east, north = box
    return [
        _city(r) for r in _rows(sql, {"w": west, "s": south, "e": east, "n": north, "limit": limit}, using)
    ]


def cities_near(point: Point, *, limit: int = 10, using: str = "default") -> list[CityView]:
    """The nearest cities, nearest first, with their distance."""
    sql = f"""SELECT {CITY}, ST_Distance(location::geography, p.place::geography)
    FROM geo_city, (SELECT ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326) AS place) p
    ORDER BY location <-> p.place LIMIT %(limit)s"""
    rows = _rows(sql, {"lon": point[0], "lat": point[1], "limit": limit}, using)
    return sorted((_city(row) for row in rows), key=lambda city: city.metres or 0.0)
