"""`python -m dispatch keep_readiness`: keep today's readiness of every society for the board's trend."""

from typing import Any

from django.core.management.base import BaseCommand

from dispatch.orgs.models import Society
from dispatch.readiness.actions import keep_day
from notifications import clock
from notifications.tenancy import society


class Command(BaseCommand):
    help = "Count today's readiness of every society once; a second run of the day changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        kept = 0
        # Only the owner sees which societies there are; each is counted as the service itself would.
        for society_id in Society.objects.using("owner").values_list("id", flat=True):
            with society(society_id):
                kept += keep_day(now=clock.now())
        if options["verbosity"]:
            self.stdout.write(f"{kept} counted")
