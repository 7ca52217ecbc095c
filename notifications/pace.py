"""The sending side's real-time limits, from settings."""

from datetime import timedelta

from django.conf import settings

from notifications.rules import Pace


def pace() -> Pace:
    """Lease and grace are settings, looks follow the grace; raises ValueError if they clash."""
    grace = timedelta(seconds=settings.SENDER_GRACE_S)
    return Pace(
        lease=timedelta(seconds=settings.SENDER_LEASE_S),
        grace=grace,
        look_every=max(grace / 6, timedelta(seconds=0.5)),
        poll_every=timedelta(seconds=getattr(settings, "SENDER_POLL_S", 30.0)),
    )
