"""`python -m dispatch bench NAME --json`: measure something beside a named peer, in one run.

Each topic's `benches.py` holds its benches; they are found by name here, so that topics need not know this command.
"""

import json
import sys
from argparse import ArgumentParser
from importlib import import_module
from typing import Any

from django.core.management.base import BaseCommand, CommandError

BENCHES = {"nearest": "dispatch.people.benches", "live": "realtime.benches"}


class Command(BaseCommand):
    help = "Measure one of: " + ", ".join(BENCHES)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", choices=BENCHES)
        parser.add_argument("--json", action="store_true", help="print the result as one JSON object")
        for module in BENCHES.values():
            import_module(module).arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        bench = getattr(import_module(BENCHES[options["name"]]), options["name"])
        result = bench(say=lambda words: print(f"{words} …", file=sys.stderr, flush=True), **options)
        if options["json"]:
            self.stdout.write(json.dumps(result))
        else:
            for name, value in result.items():
                self.stdout.write(f"{name:>22}  {value}")
        # Figures of a query that finds other people than it should are worth nothing.
        if not result.get("equal_to_brute_force", True):
            raise CommandError("The answers differ from a full scan: see equal_to_brute_force above.")
