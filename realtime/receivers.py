"""News from the journal: after each commit, Redis hears where the society stands."""

from functools import cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.dispatch import receiver

from dispatch.journal.signals import recorded
from realtime.publisher import Publisher


@cache
def _publisher(url: str) -> Publisher:
    return Publisher(url)


@receiver(recorded)
def on_recorded(society_id: UUID, number: int, **_: Any) -> None:
    """Runs in every process that writes: web, sender, ticker, commands."""
    _publisher(settings.REDIS_URL).publish(society_id, number)
