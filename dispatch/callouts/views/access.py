"""Who may open a page, and how a page says what became of an action."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from dispatch.orgs.queries import Actor

View = Callable[..., HttpResponse]
SUCCESS, WARNING = messages.SUCCESS, messages.WARNING
# htmx swaps this answer into the list of notices although it is an error; console.js knows the number.
REFUSED = 409


def acting(request: HttpRequest) -> Actor:
    """The signed-in member; only inside views that `allowed` guards."""
    return request.actor  # type: ignore[attr-defined,no-any-return]


def allowed(what: str) -> Callable[[View], View]:
    """Let members whose role holds `what` (orgs.rules.MAY) open a view; others sign in, or read why not."""

    def guard(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            actor = getattr(request, "actor", None)
            if actor is None:
                return redirect_to_login(request.get_full_path())
            if not actor.may(what):
                return render(request, "403.html", {"reason": "role"}, status=403)
            return view(request, *args, **kwargs)

        return checked

    return guard


def said(request: HttpRequest, incident_id: UUID, text: str, level: int = SUCCESS) -> HttpResponse:
    """Answer an action with a sentence: a notice for htmx, which then looks again, or the next page."""
    if getattr(request, "htmx", False):
        status = 200 if level < WARNING else REFUSED
        response = render(request, "parts/message.html", {"message": Message(level, text)}, status=status)
        response["HX-Trigger"] = "console-changed"
        return response
    messages.add_message(request, level, text)
    return redirect("console_incident", incident_id=incident_id)
