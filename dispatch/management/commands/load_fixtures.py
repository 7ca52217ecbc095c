"""`python -m dispatch load_fixtures`: everything a new demo database starts with, loaded by the owner; safe to repeat.

An instance for real people uses `load_skills` and `load_regions` alone.
"""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from dispatch.management import demo


class Command(BaseCommand):
    help = "Load the taxonomy of skills, regions, cities and the demo societies; never beside real societies."

    def handle(self, *args: Any, **options: Any) -> None:
        for command in ("load_skills", "load_regions"):
            call_command(command, verbosity=options["verbosity"], stdout=self.stdout)
        try:
            count = demo.load()
        except demo.RealSocieties as error:
            raise CommandError(str(error)) from error
        if options["verbosity"]:
            self.stdout.write(f"{count} demo societies")
