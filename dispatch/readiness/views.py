"""The readiness board, its refreshes, and the targets of a region."""

import datetime as dt
import json
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from dispatch.orgs.queries import society
from dispatch.orgs.views import page_needs
from dispatch.readiness import actions, queries, rules
from dispatch.readiness.forms import TargetsForm
from notifications import clock

ALARMS_SHOWN = 12


@page_needs("see_readiness")
@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """The whole page."""
    today = clock.now().astimezone(ZoneInfo(society()["timezone"])).date()
    context = _figures(request) | {
        "page": "readiness",
        "trend": _trend(today),
        "country": society()["country"],
    }
    return render(request, "readiness/board.html", context)


@page_needs("see_readiness")
@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """What changes on the page, for its refreshes: the matrix, and out of band the summary and the alarms."""
    return render(request, "readiness/figures.html", _figures(request) | {"refresh": True})


def _figures(request: HttpRequest) -> dict[str, Any]:
    found = queries.board(now=clock.now())
    return {
        "board": found,
        "bands": rules.BANDS,
        "speed": rules.SPEED_KMH,
        "shown": found.gaps[:ALARMS_SHOWN],
        "more": found.gaps[ALARMS_SHOWN:],
        "low": len(found.gaps) - found.critical,
        "crews": [(kind, numbers) for kind, numbers in found.crews.items()],
        "map_values": _map_values(found),
        "may_edit": request.actor.may("edit_people"),  # type: ignore[attr-defined]
    }


def _map_values(found: queries.Board) -> dict[str, dict[str, int]]:
    """For the map: {specialty: {region id: percent of the target}}; 100 where the target is 0."""
    return {
        specialty.code: {
            str(row.region.id): 100 * cell.ready // cell.target if cell.target else 100
            for row in found.rows
            for cell in row.cells
            if cell.specialty.code == specialty.code
        }
        for specialty in found.specialties
    }


def _trend(today: dt.date) -> str:
    """Days as the chart takes them: [[unix seconds], [places filled], [target]]; empty below two."""
    days = queries.trend(until=today)
    if len(days) < 2:
        return ""
    stamps = [(day["day"] - dt.date(1970, 1, 1)).days * 86_400 for day in days]
    return json.dumps([stamps, [day["filled"] for day in days], [day["target"] for day in days]])


@page_needs("edit_people")
@require_http_methods(["GET", "HEAD", "POST"])
def targets(request: HttpRequest, region_id: UUID) -> HttpResponse:
    """Set the targets of a region; what stands there first are the present ones or the proposals."""
    row = queries.region_row(region_id, now=clock.now())
    if row is None:
        raise Http404
    form = TargetsForm(row.cells, request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.set_targets(
            region_id=region_id,
            required=form.cleaned_data,
            by=request.actor.user_id,  # type: ignore[attr-defined]
            now=clock.now(),
        )
        messages.success(request, gettext("The targets are saved."))
        return redirect("readiness")
    return render(request, "readiness/targets.html", {"page": "readiness", "row": row, "form": form})
