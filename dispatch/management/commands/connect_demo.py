"""`python -m dispatch connect_demo`: tell the running phone-network simulator where the demo societies' replies go."""

from typing import Any

from django.core.management.base import BaseCommand

from dispatch.management import demo


class Command(BaseCommand):
    help = "Set up the demo societies' message routes with the simulator."

    def handle(self, *args: Any, **options: Any) -> None:
        demo.connect()
