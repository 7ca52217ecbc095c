"""The console, its parts as journal events ask for them, and the map's data."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from dispatch.callouts import queries
from dispatch.callouts.views.access import acting, allowed
from dispatch.incidents.queries import open_incidents
from dispatch.orgs.queries import society
from geo import queries as geo
from notifications import clock

LOG_LINES = 40
PARTS = frozenset({"side", "alarm", "log", "act"})


@require_GET
@allowed("see_home")
def home(request: HttpRequest) -> HttpResponse:
    """Where each role's work is: the manager's board, the volunteer's plain page, everybody else's console."""
    if not acting(request).may("see_console"):
        return render(request, "volunteer.html")
    if acting(request).role == "manager":
        try:
            return redirect(reverse("readiness"))
        except NoReverseMatch:  # an installation without the board
            return redirect("console")
    return redirect("console")


@require_GET
@allowed("see_console")
def console(request: HttpRequest) -> HttpResponse:
    """The newest open incident, or the empty console with the society's country."""
    newest = next(iter(open_incidents()), None)
    if newest is not None:
        return redirect("console_incident", incident_id=newest["id"])
    return render(
        request, "console/empty.html", _frame(request) | {"alarms": queries.alarms(now=clock.now())}
    )


@require_GET
@never_cache
@allowed("see_console")
def incident(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """One incident's console."""
    board = _board(incident_id)
    context = _frame(request) | {"board": board, "is_drill": board.incident["is_drill"]}
    context |= {"log": _log(board), "act": _act(request, board), "alarms": board.alarms}
    return render(request, "console/console.html", context)


@require_GET
@never_cache
@allowed("see_console")
def part(request: HttpRequest, incident_id: UUID, name: str) -> HttpResponse:
    """One block of the console, fresh: side, alarm, log or act."""
    if name not in PARTS:
        raise Http404
    board = _board(incident_id)
    context: dict[str, Any] = {"board": board, "alarms": board.alarms}
    if name == "log":
        context["log"] = _log(board)
    if name == "act":
        context["act"] = _act(request, board)
    return render(request, f"console/{name}.html", context)


@require_GET
@never_cache
@allowed("see_console")
def alarms(request: HttpRequest) -> HttpResponse:
    """The calls for help, for a console without an incident."""
    return render(request, "console/alarm.html", {"alarms": queries.alarms(now=clock.now())})


@require_GET
@never_cache
@allowed("see_console")
def map_data(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """What the map draws, as GeoJSON parts."""
    found = queries.on_map(incident_id, now=clock.now())
    if found is None:
        raise Http404
    return JsonResponse(found)


def _board(incident_id: UUID) -> queries.Board:
    board = queries.board(incident_id, now=clock.now())
    if board is None:
        raise Http404
    return board


def _log(board: queries.Board) -> queries.Log:
    return queries.message_log(board.call_out_id, limit=LOG_LINES)


def _act(request: HttpRequest, board: queries.Board) -> queries.Act | None:
    number, need = request.GET.get("more", ""), request.GET.get("need", "")
    return queries.act(
        board.incident["id"],
        more=min(int(number), 500) if number.isdigit() and int(number) > 0 else None,
        need_id=_uuid(need),
        now=board.now,
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _frame(request: HttpRequest) -> dict[str, Any]:
    """What the page around the board needs: the incidents to choose from and where the country lies."""
    country = society()["country"]
    outline = next((region for region in geo.regions(level=0, country=country)), None)
    return {
        "page": "console",
        "incidents": open_incidents(),
        "country": country,
        "country_box": ",".join(f"{edge:.3f}" for edge in outline.box) if outline else "",
        "may_launch": acting(request).may("launch"),
    }
