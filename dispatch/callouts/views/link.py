"""The volunteer's page behind the link in the text. GET shows and never acts; POST acts."""

import hashlib
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from dispatch.callouts import actions, queries
from dispatch.callouts.rules import replies
from notifications import clock
from notifications.tenancy import society

LANGUAGES = ("ar", "en")
# A token has 50 bits: 30 wrong ones a minute from one address would need 30 million years for one hit.
WRONG_A_MINUTE, PRESSES_A_MINUTE = 30, 12


# The address is the key and no cookie carries authority here, so there is nothing to forge; phones that
# refuse cookies must be able to answer.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, token: str) -> HttpResponse:
    """One person's page for one call."""
    sender = request.META.get("REMOTE_ADDR", "")
    found = queries.by_link(token)
    if found is None:
        # Thousands of phones share one address behind a carrier: wrong tokens never close it to right ones.
        status = 429 if _too_many(f"link-wrong:{sender}", WRONG_A_MINUTE) else 404
        with translation.override(_asked_language(request) or "ar"):
            return _private(render(request, "answer/gone.html", {}, status=status))
    society_id, assignment_id = found
    with society(society_id):
        if request.method == "POST":
            if _too_many(f"link-press:{token}", PRESSES_A_MINUTE):
                return _private(_page(request, assignment_id, status=429))
            _answer(request, assignment_id)
            return _private(HttpResponseRedirect(request.get_full_path()))
        return _private(_page(request, assignment_id))


def _page(request: HttpRequest, assignment_id: UUID, status: int = 200) -> HttpResponse:
    call = queries.link_call(assignment_id, language=_asked_language(request), now=clock.now())
    if call is None:
        with translation.override(_asked_language(request) or "ar"):
            return render(request, "answer/gone.html", {}, status=410)
    with translation.override(call.language), timezone.override(ZoneInfo(call.timezone)):
        return render(request, f"answer/{call.page}.html", {"call": call}, status=status)


def _answer(request: HttpRequest, assignment_id: UUID) -> None:
    """Apply a button if it stands on the page now; a button pressed twice on one rendering counts once."""
    said, now = request.POST.get("a", ""), clock.now()
    call = queries.link_call(assignment_id, language=None, now=now)
    reply = replies.read(said)
    if call is None or reply.kind == replies.UNCLEAR or said[:1] not in call.may:
        return
    rendering = f"{request.POST.get('csrfmiddlewaretoken', '')}:{said}"
    source = f"link:{hashlib.sha256(rendering.encode()).hexdigest()[:20]}"
    actions.answer(assignment_id=assignment_id, reply=reply, source=source, by=None, now=now)


def _asked_language(request: HttpRequest) -> str | None:
    wanted = request.GET.get("lang")
    return wanted if wanted in LANGUAGES else None


def _private(response: HttpResponse) -> HttpResponse:
    """The address is the key: nobody keeps the page, and no other site learns where it came from."""
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _too_many(key: str, most: int) -> bool:
    """Count this key; whether that was more than `most` times in a minute (per process)."""
    cache.add(key, 0, 60)
    return int(cache.incr(key)) > most
