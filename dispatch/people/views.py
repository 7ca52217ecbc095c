"""The list of volunteers and a volunteer's page."""

import datetime as dt
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from dispatch.orgs.queries import society
from dispatch.orgs.templatetags.numbers import by_language
from dispatch.orgs.views import page_needs
from dispatch.people import actions, queries
from dispatch.people.forms import DAYS, HOURS, AvailabilityForm, SearchForm
from dispatch.people.rules import valid_until
from geo.queries import regions
from notifications import clock

PAGE = 50


@page_needs("see_people")
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Who there is, by name, with what they can do and whether they can be called now."""
    ours = society()
    named = {str(r.id): by_language(r.name) for r in regions(level=1, country=ours["country"])}
    form = SearchForm(
        request.GET, skills=queries.skills(), regions=sorted(named.items(), key=lambda item: item[1])
    )
    found: list[queries.PersonView] = []
    total, page = 0, _number(request.GET.get("page", ""))
    if form.is_valid():
        given = form.cleaned_data
        search = queries.Search(
            words=given["q"],
            phones=_sees_phones(request),
            skill=given["skill"],
            specialty=given["specialty"],
            region=UUID(given["region"]) if given["region"] not in ("", "none") else None,
            homeless=given["region"] == "none",
            claims=given["claims"],
        )
        found, total = queries.people(
            search, first=(page - 1) * PAGE, limit=PAGE, now=clock.now(), timezone=ours["timezone"]
        )
    kept = request.GET.copy()
    kept.pop("page", None)
    context = {
        "page": "people",
        "form": form,
        "found": [(person, named.get(str(person.region_id), "")) for person in found],
        "total": total,
        "narrowed": any(request.GET.get(name) for name in ("q", "skill", "region", "claims", "specialty")),
        "pages": Paginator(range(total), PAGE).get_page(page),
        "kept": kept.urlencode(),
        "phones": _sees_phones(request),
    }
    return render(request, "people/list.html", context)


def _number(text: str) -> int:
    return max(int(text), 1) if text.isdecimal() and len(text) < 7 else 1


def _sees_phones(request: HttpRequest) -> bool:
    return bool(request.actor.may("edit_people"))  # type: ignore[attr-defined]


def _person_or_404(volunteer_id: UUID, zone: str) -> queries.PersonView:
    found = queries.person(volunteer_id, now=clock.now(), timezone=zone)
    if found is None:
        raise Http404
    return found


@page_needs("see_people")
@require_safe
def person(request: HttpRequest, volunteer_id: UUID) -> HttpResponse:
    """One volunteer."""
    found = _person_or_404(volunteer_id, society()["timezone"])
    return _show(request, found, None)


def _show(
    request: HttpRequest, found: queries.PersonView, form: AvailabilityForm | None, *, status: int = 200
) -> HttpResponse:
    ours = society()
    zone = ZoneInfo(ours["timezone"])
    until = (
        found.unavailable_until if found.unavailable_until and found.unavailable_until > clock.now() else None
    )
    form = form or AvailabilityForm(
        initial={"unavailable_until": timezone.localtime(until, zone) if until else None}
    )
    names = {r.id: by_language(r.name) for r in regions(level=1, country=ours["country"])}
    now = clock.now()
    context = {
        "page": "people",
        "person": found,
        "region": names.get(found.region_id, "") if found.region_id else "",
        "claims": [(claim, valid_until(now, claim.validity_months)) for claim in found.claims],
        "form": form,
        "grid": [
            (
                f"{hour:02d}:00",
                [(day * HOURS + hour, found.weekly_hours[day * HOURS + hour] == "1") for day in range(DAYS)],
            )
            for hour in range(HOURS)
        ],
        "days": _days(),
        "zone": ours["timezone"],
        "phones": _sees_phones(request),
        "may_edit": _sees_phones(request),
    }
    return render(request, "people/person.html", context, status=status)


def _days() -> list[dt.date]:
    """A week from Monday on, for the names of its days."""
    return [dt.date(2024, 1, 1) + dt.timedelta(days=n) for n in range(DAYS)]


@page_needs("edit_people")
@require_POST
def settle_claim(request: HttpRequest, volunteer_id: UUID, claim_id: UUID) -> HttpResponse:
    """Verify or revoke a claim; `act` says which."""
    found = _person_or_404(volunteer_id, society()["timezone"])
    claim = next((claim for claim in found.claims if claim.id == claim_id), None)
    if claim is None or request.POST.get("act") not in ("verify", "revoke"):
        raise Http404
    by, now = request.actor.user_id, clock.now()  # type: ignore[attr-defined]
    if request.POST["act"] == "verify":
        actions.verify(claim_id=claim_id, expires_at=valid_until(now, claim.validity_months), by=by, now=now)
        messages.success(request, gettext("%(skill)s is verified.") % {"skill": by_language(claim.name)})
    else:
        actions.revoke(claim_id=claim_id, by=by, now=now)
        messages.success(request, gettext("%(skill)s counts no more.") % {"skill": by_language(claim.name)})
    return redirect("person", volunteer_id=volunteer_id)


@page_needs("edit_people")
@require_POST
def availability(request: HttpRequest, volunteer_id: UUID) -> HttpResponse:
    """Save the hours and the leave."""
    ours = society()
    found = _person_or_404(volunteer_id, ours["timezone"])
    with timezone.override(ZoneInfo(ours["timezone"])):
        form = AvailabilityForm(request.POST)
        if not form.is_valid():
            return _show(request, found, form, status=422)
        actions.set_availability(
            volunteer_id=volunteer_id,
            weekly_hours=form.weekly_hours(),
            unavailable_until=form.until(),
            by=request.actor.user_id,  # type: ignore[attr-defined]
            now=clock.now(),
        )
    messages.success(request, gettext("The hours are saved."))
    return redirect("person", volunteer_id=volunteer_id)
