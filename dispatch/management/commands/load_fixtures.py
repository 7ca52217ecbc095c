"""`python -m dispatch load_fixtures`: everything a new database starts with, loaded by the owner; safe to repeat."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from dispatch.management import demo


class Command(BaseCommand):
    help = "Load the taxonomy of skills, regions, cities and the demo societies."

    def handle(self, *args: Any, **options: Any) -> None:
        for command in ("load_skills", "load_regions"):
            call_command(command, verbosity=options["verbosity"], stdout=self.stdout)
        count = demo.load()
        if options["verbosity"]:
            self.stdout.write(f"{count} demo societies")
