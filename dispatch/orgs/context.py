"""What every page needs: the society, the role, the theme, the clock and the journal's newest number."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from dispatch.journal.queries import newest
from dispatch.orgs import queries
from notifications import clock
from notifications.tenancy import society


def page(request: HttpRequest) -> dict[str, Any]:
    """Context for base.html; without a signed-in member only theme and clock."""
    context: dict[str, Any] = {
        "theme": "light" if request.COOKIES.get("theme") == "light" else "dark",
        "clock_start": settings.CLOCK_START.isoformat(),
        "clock_epoch": settings.CLOCK_EPOCH.isoformat(),
        "clock_speed": settings.CLOCK_SPEED,
        "clock_now": clock.now(),
        "actor": getattr(request, "actor", None),
    }
    if context["actor"] is not None:
        # Under ASGI Django makes error pages in another thread, whose connection knows no society.
        with society(context["actor"].society_id):
            context["society"] = queries.society()
            context["journal_number"] = newest(context["actor"].society_id)
    return context
