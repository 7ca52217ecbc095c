"""Each request runs inside its user's society: one transaction, from the view to the rendered page."""

from collections.abc import Callable
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from knox.auth import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from dispatch.orgs import queries
from notifications.tenancy import society

CHOSEN = "society"


def _user_id(request: HttpRequest) -> UUID | None:
    """The user of the session, or of the API token; a bad token is left for the API to refuse in its own words."""
    if request.user.is_authenticated:
        return request.user.pk
    if "HTTP_AUTHORIZATION" in request.META:
        try:
            found = TokenAuthentication().authenticate(Request(request))
        except AuthenticationFailed:
            return None
        return found[0].pk if found else None
    return None


class SocietyMiddleware:
    """Sets `request.actor` (None when nobody is signed in) and opens the society for the whole request.

    A request without a member runs without a society, where every tenant query comes back empty.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = None  # type: ignore[attr-defined]
        user_id = _user_id(request)
        if user_id is None:
            return self.get_response(request)
        mine = queries.societies_of(user_id)
        if not mine:
            return render(request, "403.html", {"reason": "no_society"}, status=403)
        chosen = request.session.get(CHOSEN)
        society_id = next((s for s in mine if str(s) == chosen), mine[0])
        with society(society_id):
            request.actor = queries.actor(user_id)  # type: ignore[attr-defined]
            # Pages show the society's own wall clock, wherever their reader sits.
            with timezone.override(ZoneInfo(queries.society()["timezone"])):
                response = self.get_response(request)
            # An error page must not commit the half of a change that came before the error.
            if response.status_code >= 500:
                transaction.set_rollback(True)
        return response
