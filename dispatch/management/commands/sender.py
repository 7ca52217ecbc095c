"""`python -m dispatch sender`: the outbox's process. Any number of them may run, on any machine."""

import asyncio
from typing import Any

from django.core.management.base import BaseCommand

from notifications import startup
from notifications.sender.process import main


class Command(BaseCommand):
    help = "Send queued messages, settle unknown ones, fetch missed replies; stops on SIGTERM or Ctrl-C."

    def handle(self, *args: Any, **options: Any) -> None:
        startup.check()
        asyncio.run(main())
