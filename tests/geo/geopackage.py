"""Writes a small GeoPackage (OGC 12-128r18) with nothing but SQLite; the service itself only reads them."""

import sqlite3
import struct
from pathlib import Path

from django.contrib.gis.geos import MultiPolygon

HEADER = struct.pack("<2sBBi", b"GP", 0, 1, 4326)  # version 1, little-endian, no envelope, WGS 84
TABLES = """
PRAGMA application_id = 1196444487;
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT, srs_id INTEGER PRIMARY KEY, organization TEXT,
  organization_coordsys_id INTEGER, definition TEXT, description TEXT);
CREATE TABLE gpkg_contents (table_name TEXT PRIMARY KEY, data_type TEXT, identifier TEXT, description TEXT,
  last_change TEXT, min_x REAL, min_y REAL, max_x REAL, max_y REAL, srs_id INTEGER);
CREATE TABLE gpkg_geometry_columns (table_name TEXT PRIMARY KEY, column_name TEXT, geometry_type_name TEXT,
  srs_id INTEGER, z TINYINT, m TINYINT);
INSERT INTO gpkg_spatial_ref_sys VALUES ('WGS 84', 4326, 'EPSG', 4326,
  'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0],'
  || 'UNIT["degree",0.0174532925199433],AUTHORITY["EPSG","4326"]]', '');
"""


Row = tuple[dict[str, str], MultiPolygon]


def write_geopackage(path: Path, layers: dict[str, list[Row]]) -> Path:
    """Layers of rows; the fields of a layer are those of its first row."""
    with sqlite3.connect(path) as base:
        base.executescript(TABLES)
        for layer, rows in layers.items():
            fields = list(rows[0][0])
            columns = ", ".join(f'"{name}" TEXT' for name in fields)
            base.execute(f'CREATE TABLE "{layer}" (fid INTEGER PRIMARY KEY, geom BLOB, {columns})')
            base.execute(
                "INSERT INTO gpkg_contents VALUES"
                " (?, 'features', ?, '', '2023-09-10T00:00:00.000Z', 0, 0, 0, 0, 4326)",
                [layer, layer],
            )
            base.execute(
                "INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', 'MULTIPOLYGON', 4326, 0, 0)", [layer]
            )
            stored = [(HEADER + bytes(shape.wkb), *(given[name] for name in fields)) for given, shape in rows]
            marks = ", ".join("?" * (len(fields) + 2))
            base.executemany(f'INSERT INTO "{layer}" VALUES ({marks})', [(None, *row) for row in stored])
    base.close()
    return path
