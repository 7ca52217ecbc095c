"""How the shared regions are made from two packages of Debian; the result is kept in fixtures/.

Natural Earth draws the subdivisions under names of its own age. `fixtures/regions_map.csv` is the reviewed
table from its names to ISO 3166-2; CLDR gives the names in both languages. A code with an X after the hyphen
(PS-XGZ) is ours: ISO 3166-2 has no code for that polygon, and its note says what it stands for.
"""

import csv
import json
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from django.contrib.gis.gdal import DataSource
from django.contrib.gis.geos import GeometryCollection, GEOSGeometry, MultiPolygon, Polygon

LEAGUE = (
    "AE", "BH", "DJ", "DZ", "EG", "IQ", "JO", "KM", "KW", "LB", "LY",
    "MA", "MR", "OM", "PS", "QA", "SA", "SD", "SO", "SY", "TN", "YE",
)  # fmt: skip
DIGITS = 4  # of a degree: 11 m, finer than the source's own generalization
SPACE = UUID("8d0c6b0e-6f0b-5f6e-9f57-0d7c0f1f6a52")  # any fixed value; it makes the ids below repeatable

# CLDR writes some Arabic names with the word for the kind of place and some without; pages want the name.
KINDS = ("شعبية ", "محافظة ", "ولاية ", "إمارة ", "امارة ", "إقليم ", "جهة ", "منطقة ", "بلدية ")

ABOUT = {
    "source": "Natural Earth admin-1, as packaged in Debian's qgis-common (world_map.gpkg, layer "
    "states_provinces); names: Unicode CLDR, as packaged in Debian's unicode-cldr-core",
    "licence": "Natural Earth: public domain. Names: Unicode-DFS-2016",
    "note": "Coarse, and of the source's own age: a society imports its own boundaries for real work. Lines "
    "show what the source draws and take no position. Countries are the union of their regions.",
}


class BadSource(ValueError):
    """The packages' files are not the ones the table was reviewed against."""


@dataclass(frozen=True)
class Names:
    """CLDR's names of countries ("LY") and subdivisions ("lydr"), per language."""

    territories: dict[str, dict[str, str]]
    subdivisions: dict[str, dict[str, str]]

    @classmethod
    def read(cls, common: Path) -> "Names":
        """From the folder `common` of the package; `alt="short"` wins (Palestine)."""
        territories, subdivisions = {}, {}
        for language in ("en", "ar"):
            tree = ET.parse(common / "main" / f"{language}.xml")
            found = list(tree.iter("territory"))
            territories[language] = {e.attrib["type"]: e.text or "" for e in found if "alt" not in e.attrib}
            territories[language] |= {
                e.attrib["type"]: e.text or "" for e in found if e.get("alt") == "short"
            }
            tree = ET.parse(common / "subdivisions" / f"{language}.xml")
            subdivisions[language] = {e.attrib["type"]: e.text or "" for e in tree.iter("subdivision")}
        return cls(territories, subdivisions)

    def country(self, code: str) -> dict[str, str]:
        return {language: self.territories[language][code] for language in ("en", "ar")}

    def region(self, code: str) -> dict[str, str]:
        """The names of an ISO 3166-2 code, "" where CLDR has none; Arabic without the kind of place."""
        key = code.replace("-", "").lower()
        arabic = self.subdivisions["ar"].get(key, "")
        for kind in KINDS:
            arabic = arabic.removeprefix(kind)
        return {"en": self.subdivisions["en"].get(key, ""), "ar": arabic}


def region_id(code: str) -> str:
    """The id of a shared region: the same in every installation, made from its code."""
    return str(uuid5(SPACE, f"region:{code}"))


def _polygons(shape: GEOSGeometry) -> list[Polygon]:
    """The polygons of a shape; mending leaves stray lines beside them, which are no area."""
    if isinstance(shape, Polygon):
        return [shape]
    return [p for part in shape for p in _polygons(part)] if isinstance(shape, GeometryCollection) else []


def _within(polygons: list[Polygon], box: str) -> list[Polygon]:
    """Those whose middle lies in the box ("west south east north"); all of them when there is none."""
    if not box:
        return polygons
    west, south, east, north = map(float, box.split())
    return [p for p in polygons if west <= p.centroid.x <= east and south <= p.centroid.y <= north]


@dataclass
class Drawn:
    """What the table gathered for one code."""

    polygons: list[Polygon] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def _gather(world: Path, table: Path) -> dict[str, Drawn]:
    """Per code of the table: polygons, names of its own, notes; raises BadSource when a row finds nothing."""
    features: dict[tuple[str, str], list[GEOSGeometry]] = {}
    for feature in DataSource(str(world))["states_provinces"]:
        key = (str(feature["adm0_a3"].value), str(feature["name"].value))
        features.setdefault(key, []).append(feature.geom.geos)
    out: dict[str, Drawn] = {}
    with table.open(newline="") as lines:
        for row in csv.DictReader(lines):
            found = features.get((row["adm0_a3"], row["ne_name"]), [])
            polygons = _within([p for shape in found for p in _polygons(shape)], row["part"])
            if not polygons:
                raise BadSource(
                    f"{world.name} has no {row['adm0_a3']} {row['ne_name']}, wanted for {row['code']}"
                )
            drawn = out.setdefault(row["code"], Drawn())
            drawn.polygons += polygons
            drawn.names |= {
                language: row[f"name_{language}"] for language in ("en", "ar") if row[f"name_{language}"]
            }
            drawn.notes += [row["note"]] if row["note"] else []
    return out


def _rounded(rings: Iterable[Iterable[Sequence[float]]]) -> list[list[list[float]]]:
    return [[[round(x, DIGITS), round(y, DIGITS)] for x, y, *_ in ring] for ring in rings]


def _multi(polygons: list[Polygon]) -> dict[str, Any]:
    """One GeoJSON MultiPolygon of their union, rounded; slivers that rounding makes are mended."""
    union = MultiPolygon(*polygons).unary_union
    coarse = {"type": "MultiPolygon", "coordinates": [_rounded(p.coords) for p in _polygons(union)]}
    mended = GEOSGeometry(json.dumps(coarse)).make_valid()
    return {"type": "MultiPolygon", "coordinates": [_rounded(p.coords) for p in _polygons(mended)]}


def _feature(code: str, names: dict[str, str], polygons: list[Polygon], notes: list[str]) -> dict[str, Any]:
    country = code[:2]
    level = 0 if code == country else 1
    if not (names.get("en") and names.get("ar")):
        raise BadSource(f"{code} has no name in both languages; give it one in the table")
    properties = {
        "code": code,
        "level": level,
        "country": country,
        "parent": country if level else "",
        "iso": "-X" not in code,
        "name": {"en": names["en"], "ar": names["ar"]},
        "note": "; ".join(notes),
    }
    return {"type": "Feature", "id": region_id(code), "properties": properties, "geometry": _multi(polygons)}


def regions(world: Path, common: Path, table: Path) -> list[dict[str, Any]]:
    """GeoJSON features of the countries and their regions, countries first, by code.

    `world`: world_map.gpkg; `common`: CLDR's folder of that name; `table`: fixtures/regions_map.csv.
    """
    names = Names.read(common)
    drawn = _gather(world, table)
    areas = [
        _feature(code, names.region(code) | one.names, one.polygons, one.notes)
        for code, one in sorted(drawn.items())
    ]
    countries = []
    for country in LEAGUE:
        polygons = [p for code, one in drawn.items() if code.startswith(f"{country}-") for p in one.polygons]
        countries.append(_feature(country, names.country(country), polygons, []))
    return countries + areas


def write_geojson(path: Path, features: list[dict[str, Any]]) -> None:
    """One feature per line, so that a change of one region is a change of one line."""
    about = {**ABOUT, "digits": DIGITS}
    lines = ",\n".join(json.dumps(f, ensure_ascii=False, separators=(",", ":")) for f in features)
    head = json.dumps(about, ensure_ascii=False)
    path.write_text(f'{{"type":"FeatureCollection","about":{head},"features":[\n{lines}\n]}}\n')
