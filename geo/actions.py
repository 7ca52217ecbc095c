"""Writes: the shared regions and cities from fixtures, and a society's own boundaries.

Everything here runs as the owner of the database: the service itself may not change shared ground, and a
society's boundaries come from a file on the server, not from the web.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Point
from django.db import transaction

from geo.models import City, Region

REGION_FIELDS = ["level", "country", "code", "parent_code", "name", "geometry", "source", "note"]
CITY_FIELDS = ["country", "region_code", "name", "location", "population"]


@dataclass(frozen=True)
class Boundary:
    """One region of a society's own file, ready to be stored."""

    code: str
    parent_code: str
    name: dict[str, str]
    geometry: MultiPolygon


@dataclass(frozen=True)
class Counts:
    """What a load or an import changed."""

    added: int
    changed: int
    removed: int


def _multipolygon(outline: dict[str, object]) -> MultiPolygon:
    shape = GEOSGeometry(json.dumps(outline), srid=4326)
    if not isinstance(shape, MultiPolygon):
        raise TypeError(f"An outline must be a MultiPolygon, not a {shape.geom_type}.")
    return shape


def load_regions(path: Path, *, using: str = "owner") -> Counts:
    """Make the shared regions those of a GeoJSON file as make_regions writes it; ids stay what they are."""
    collection = json.loads(path.read_text())
    rows = [
        Region(
            id=UUID(feature["id"]),
            level=feature["properties"]["level"],
            country=feature["properties"]["country"],
            code=feature["properties"]["code"],
            parent_code=feature["properties"]["parent"],
            name=feature["properties"]["name"],
            geometry=_multipolygon(feature["geometry"]),
            source=collection["about"]["licence"],
            note=feature["properties"]["note"],
        )
        for feature in collection["features"]
    ]
    with transaction.atomic(using=using):
        shared = Region.objects.using(using).filter(society_id__isnull=True)
        known = set(shared.values_list("id", flat=True))
        removed = shared.exclude(id__in=[row.id for row in rows]).delete()[0]
        Region.objects.using(using).bulk_create(
            rows, update_conflicts=True, unique_fields=["id"], update_fields=REGION_FIELDS
        )
    added = sum(row.id not in known for row in rows)
    return Counts(added, len(rows) - added, removed)


def load_cities(path: Path, *, using: str = "owner") -> Counts:
    """Make the cities those of fixtures/cities.json."""
    rows = [
        City(
            id=city["id"],
            country=city["country"],
            region_code=city["region"],
            name=city["name"],
            location=Point(city["lon"], city["lat"], srid=4326),
            population=city["population"],
        )
        for city in json.loads(path.read_text())["cities"]
    ]
    with transaction.atomic(using=using):
        cities = City.objects.using(using)
        known = set(cities.values_list("id", flat=True))
        removed = cities.exclude(id__in=[row.id for row in rows]).delete()[0]
        cities.bulk_create(rows, update_conflicts=True, unique_fields=["id"], update_fields=CITY_FIELDS)
    added = sum(row.id not in known for row in rows)
    return Counts(added, len(rows) - added, removed)


def import_boundaries(
    *,
    society_id: UUID,
    country: str,
    level: int,
    boundaries: Sequence[Boundary],
    source: str,
    keep: Sequence[str] = (),
    dry_run: bool = False,
    using: str = "owner",
) -> Counts:
    """Make a society's own regions of a country and level these; a code that was there keeps its id.

    One transaction: either all of it is stored or nothing. Regions whose code is missing now are removed, but
    for the codes in `keep` (rows that were rejected this time). A dry run does it all and takes it back.
    """
    with transaction.atomic(using=using):
        own = Region.objects.using(using).filter(society_id=society_id, country=country, level=level)
        known = dict(own.select_for_update().values_list("code", "id"))
        removed = own.exclude(code__in=[*keep, *(b.code for b in boundaries)]).delete()[0]
        rows = [
            Region(
                society_id=society_id,
                level=level,
                country=country,
                code=boundary.code,
                parent_code=boundary.parent_code,
                name=boundary.name,
                geometry=boundary.geometry,
                source=source,
                **({"id": known[boundary.code]} if boundary.code in known else {}),
            )
            for boundary in boundaries
        ]
        Region.objects.using(using).bulk_create(
            rows, update_conflicts=True, unique_fields=["id"], update_fields=REGION_FIELDS, batch_size=500
        )
        transaction.set_rollback(dry_run, using=using)
    changed = sum(b.code in known for b in boundaries)
    return Counts(len(rows) - changed, changed, removed)


def codes_above(*, society_id: UUID, country: str, level: int, using: str = "owner") -> set[str]:
    """The codes a region of this level may name as its parent: the society's own, or the shared ones."""
    above = Region.objects.using(using).filter(country=country, level=level - 1)
    own = set(above.filter(society_id=society_id).values_list("code", flat=True))
    return own or set(above.filter(society_id__isnull=True).values_list("code", flat=True))
