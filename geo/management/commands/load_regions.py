"""Put the shared regions and cities of fixtures/ into the database."""

from django.conf import settings
from django.core.management.base import BaseCommand

from geo import actions


class Command(BaseCommand):
    help = (
        "Load the shared regions and cities of fixtures/ as the owner of the database; again changes nothing."
    )

    def handle(self, *args: object, verbosity: int = 1, **options: object) -> None:
        regions = actions.load_regions(settings.FIXTURES / "regions.geojson")
        cities = actions.load_cities(settings.FIXTURES / "cities.json")
        for what, counts in (("regions", regions), ("cities", cities)):
            if verbosity:
                self.stdout.write(
                    f"{what}: {counts.added} new, {counts.changed} kept, {counts.removed} removed"
                )
