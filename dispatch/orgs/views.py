"""The guard of every page, and the set-up page of messages."""

from collections.abc import Callable
from functools import wraps
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from dispatch.orgs.queries import society
from geo.queries import regions
from notifications import queries as messages
from notifications.routes import explain


def page_needs(what: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Let a page through for roles that hold `what` (orgs.rules.MAY); strangers are sent to sign in."""

    def guard(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            actor = getattr(request, "actor", None)
            if actor is None:
                after = urlencode({"next": request.get_full_path()})
                return HttpResponseRedirect(f"{reverse(settings.LOGIN_URL)}?{after}")
            if not actor.may(what):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return guard


@page_needs("see_routes")
@require_safe
def message_routes(request: HttpRequest) -> HttpResponse:
    """How this society's texts leave and how people can answer; no secret is shown."""
    home = society()["country"]
    names = {region.country: region.name for region in regions(level=0)}
    context = {
        "page": "setup",
        # route, its country, the country its people live in, what the provider itself promises there
        "routes": [
            (
                route,
                names.get(route.country),
                names.get(route.country or home),
                explain(route.country or home, route.provider),
            )
            for route in messages.routes()
        ],
        "health": messages.health(),
        "last": next(iter(messages.log(limit=1)), None),
        "inbound": f"{settings.NAFEER_PUBLIC_URL}/webhooks",
    }
    return render(request, "setup/messages.html", context)
