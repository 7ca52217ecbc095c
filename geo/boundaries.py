"""Reads a society's own boundaries from any polygon file GDAL opens (GeoJSON, GeoPackage, shapefile).

Nothing is lost in silence: a row is stored, or it is a Reject that says why and what would be right.
"""

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.contrib.gis.gdal import CoordTransform, DataSource, GDALException, OGRGeometry, SpatialReference
from django.contrib.gis.gdal.feature import Feature
from django.contrib.gis.gdal.layer import Layer
from django.contrib.gis.geos import GeometryCollection, GEOSException, GEOSGeometry, MultiPolygon, Polygon

from geo.actions import Boundary

CODE_LENGTH = 40  # geo_region.code


class BadFile(ValueError):
    """The file cannot be read at all; the message says what to do."""


class BadRow(ValueError):
    """One row cannot be stored: `str(error)` is the reason, `right` what would be right."""

    def __init__(self, reason: str, right: str) -> None:
        super().__init__(reason)
        self.right = right


@dataclass(frozen=True)
class Fields:
    """Which field of the file holds what; `parent_code` may be "" for none."""

    code: str
    name_en: str
    name_ar: str
    parent_code: str = ""

    def named(self) -> Iterator[str]:
        return (name for name in (self.code, self.name_en, self.name_ar, self.parent_code) if name)


@dataclass(frozen=True)
class Reject:
    """A row that was not stored. `row` counts from 1; `given` is the row as it stood in the file."""

    row: int
    code: str
    reason: str
    right: str
    given: dict[str, Any]
    outline: dict[str, Any] | None


@dataclass
class Reading:
    """What a file held: rows to store, those of them that were mended and why, rows that were not taken."""

    boundaries: list[Boundary] = field(default_factory=list)
    mended: list[str] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)


def read(path: Path, fields: Fields, *, layer: str = "", parent: str = "", parents: set[str]) -> Reading:
    """Every row of the file, judged; raises BadFile.

    `parent` is the code above all rows when the file has no field for it; `parents`: all codes one level up.
    """
    opened = _layer(path, layer)
    missing = [name for name in fields.named() if name not in opened.fields]
    if missing:
        raise BadFile(f"The file has no field {', '.join(missing)}. It has: {', '.join(opened.fields)}.")
    project = _projection(opened)
    reading = Reading()
    rows: dict[str, int] = {}
    for number, feature in enumerate(opened, 1):
        code = _text(feature, fields.code)
        try:
            shape = _shape(feature, project)
            boundary, mended = _boundary(feature, fields, shape, parent, parents)
            if code in rows:
                raise BadRow(
                    f"row {rows[code]} has the code {code} already", "Give every row a code of its own."
                )
        except BadRow as error:
            given = {name: _plain(feature[name].value) for name in opened.fields}
            reading.rejects.append(
                Reject(number, code, str(error), error.right, given, _outline(feature, project))
            )
            continue
        rows[code] = number
        reading.boundaries.append(boundary)
        reading.mended += [f"row {number} ({code}): {mended}"] if mended else []
    if not (reading.boundaries or reading.rejects):
        raise BadFile("The layer is empty: there is no row to import.")
    return reading


def write_rejects(path: Path, rejects: list[Reject]) -> None:
    """The rejected rows as GeoJSON, each with its reason: put them right and import the file again."""
    features = [
        {
            "type": "Feature",
            "properties": {"_row": r.row, "_reason": r.reason, "_right": r.right, **r.given},
            "geometry": r.outline,
        }
        for r in rejects
    ]
    path.write_text(
        json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False, indent=1)
    )


def _layer(path: Path, name: str) -> Layer:
    if not path.is_file():
        raise BadFile(f"There is no file {path}.")
    try:
        source = DataSource(str(path))
    except GDALException as error:
        raise BadFile(f"{path.name} is no map file that can be read; GeoJSON and GeoPackage are.") from error
    names = [source[i].name for i in range(len(source))]
    if name and name not in names:
        raise BadFile(f"{path.name} has no layer {name}. It has: {', '.join(names)}.")
    if not name and len(names) > 1:
        raise BadFile(f"{path.name} has several layers; choose one with --layer: {', '.join(names)}.")
    return source[name or 0]


def _projection(layer: Layer) -> Callable[[OGRGeometry], None]:
    """How to bring the layer's shapes to longitude and latitude (EPSG:4326), in place."""
    if layer.srs is None:
        raise BadFile(
            "The file names no coordinate system. Convert it: ogr2ogr -s_srs EPSG:... -t_srs EPSG:4326."
        )
    transform = CoordTransform(layer.srs, SpatialReference(4326))

    def project(shape: OGRGeometry) -> None:
        shape.transform(transform)

    return project


def _plain(value: object) -> object:
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)


def _text(feature: Feature, name: str) -> str:
    value = feature[name].value
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # codes that a spreadsheet took for numbers: 2101.0
    return "" if value is None else str(value).strip()


def _shape(feature: Feature, project: Callable[[OGRGeometry], None]) -> GEOSGeometry:
    """The row's shape in longitude and latitude, two-dimensional."""
    try:
        shape = feature.geom.clone()
        project(shape)
        shape.set_3d(False)
        geos: GEOSGeometry = shape.geos
    except (GDALException, GEOSException, AttributeError) as error:
        raise BadRow("the row has no usable outline", "Draw a polygon for it.") from error
    west, south, east, north = geos.extent if not geos.empty else (math.inf,) * 4
    if geos.empty:
        raise BadRow("the row has no outline", "Draw a polygon for it.")
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise BadRow("the outline lies outside the globe", "Check the file's coordinate system.")
    return geos


def _outline(feature: Feature, project: Callable[[OGRGeometry], None]) -> dict[str, Any] | None:
    try:
        outline: dict[str, Any] = json.loads(_shape(feature, project).json)
    except BadRow:
        return None
    return outline


def _polygons(shape: GEOSGeometry) -> list[Polygon]:
    """The polygons of a shape; mending leaves stray lines and points beside them, which are no area."""
    if isinstance(shape, Polygon):
        return [shape]
    return [p for part in shape for p in _polygons(part)] if isinstance(shape, GeometryCollection) else []


def _area(shape: GEOSGeometry) -> tuple[MultiPolygon, str]:
    """The shape as a valid MultiPolygon and what was wrong with it ("" when nothing was)."""
    if shape.geom_type not in ("Polygon", "MultiPolygon"):
        raise BadRow(f"the row is a {shape.geom_type}, not an area", "Import polygons only.")
    wrong = "" if shape.valid else str(shape.valid_reason)
    polygons = _polygons(shape.make_valid() if wrong else shape)
    area = MultiPolygon(*[p for p in polygons if p.area > 0], srid=4326)
    if area.empty:
        raise BadRow(f"the outline encloses no area ({wrong or 'all corners on one line'})", "Draw it anew.")
    return area, wrong


def _boundary(
    feature: Feature, fields: Fields, shape: GEOSGeometry, parent: str, parents: set[str]
) -> tuple[Boundary, str]:
    code = _text(feature, fields.code)
    if not code:
        raise BadRow(f"the field {fields.code} is empty", "Give every row a code.")
    if len(code) > CODE_LENGTH:
        raise BadRow(f"the code has {len(code)} letters", f"Use at most {CODE_LENGTH}.")
    name = {"ar": _text(feature, fields.name_ar), "en": _text(feature, fields.name_en)}
    for language, column in (("ar", fields.name_ar), ("en", fields.name_en)):
        if not name[language]:
            raise BadRow(f"the field {column} is empty", "Pages need the name in Arabic and in English.")
    above = _text(feature, fields.parent_code) if fields.parent_code else parent
    if above not in parents:
        raise BadRow(
            f"its parent {above or '(empty)'} is no region one level up", "Import the level above first."
        )
    area, wrong = _area(shape)
    return Boundary(code, above, name, area), wrong
