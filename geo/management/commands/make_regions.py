"""Make fixtures/regions.geojson from two packages of Debian."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from geo import sources

HOW = """Make fixtures/regions.geojson: the countries of the Arab League and their first-level regions.

Get the two packages without installing them (QGIS is not needed):

  mkdir made && cd made
  apt-get download qgis-common unicode-cldr-core
  for package in *.deb; do dpkg-deb -x "$package" .; done

then: python -m dispatch make_regions made
"""


class Command(BaseCommand):
    help = HOW

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("unpacked", type=Path, help="the folder the two packages were unpacked in")
        parser.add_argument("--to", type=Path, default=settings.FIXTURES / "regions.geojson")

    def handle(self, *args: object, unpacked: Path, to: Path, **options: object) -> None:
        world = unpacked / "usr/share/qgis/resources/data/world_map.gpkg"
        common = unpacked / "usr/share/unicode/cldr/common"
        for path in (world, common):
            if not path.exists():
                raise CommandError(f"{path} is missing.\n\n{HOW}")
        try:
            features = sources.regions(world, common, to.parent / "regions_map.csv")
        except sources.BadSource as error:
            raise CommandError(str(error)) from error
        sources.write_geojson(to, features)
        self.stdout.write(f"{len(features)} regions, {to.stat().st_size / 1e6:.1f} MB: {to}")
