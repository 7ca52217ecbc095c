"""The launch dialog: what it would do, changing with every choice, and doing it."""

from typing import Any
from uuid import UUID

from django.contrib.gis.geos import GEOSGeometry
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from dispatch.callouts import actions, queries, texts
from dispatch.callouts.forms import KINDS, RADII_KM, WITHIN_MIN, LaunchForm, UrgencyForm
from dispatch.callouts.views.access import REFUSED, WARNING, acting, allowed, said
from dispatch.incidents import queries as incidents
from dispatch.incidents.actions import NewNeed, open_incident
from dispatch.people.queries import skills
from geo import queries as geo
from notifications import clock
from notifications.ids import uuid7

FIRST_NEED = "search-and-rescue"
FIRST_PLACES = 4


@require_GET
@allowed("launch")
def new(request: HttpRequest) -> HttpResponse:
    """The dialog for an incident at a point: named after the nearest city, with one need to change."""
    lon, lat = _point(request)
    city = next(iter(geo.cities_near((lon, lat), limit=1)), None)
    name = city.name if city else {}
    known = skills()
    first = next((skill for skill in known if skill["code"] == FIRST_NEED), known[0])
    context = {
        "key": uuid7(),
        "lon": lon,
        "lat": lat,
        "place": {"ar": name.get("ar", name.get("en", ""))[:14], "en": name.get("en", "")[:20]},
        "kinds": KINDS,
        "radii": RADII_KM,
        "spans": WITHIN_MIN,
        "groups": _grouped(known),
        "row": first,
        "places": FIRST_PLACES,
    }
    return render(request, "console/launch.html", context)


@require_GET
@allowed("launch")
def need_row(request: HttpRequest) -> HttpResponse:
    """One more row of the needs table."""
    skill = next((skill for skill in skills() if skill["code"] == request.GET.get("add")), None)
    if skill is None:
        return HttpResponse(status=204)
    return render(request, "console/launch_row.html", {"row": skill, "places": FIRST_PLACES})


@require_POST
@allowed("launch")
def preview(request: HttpRequest) -> HttpResponse:
    """What the filled-in dialog would do now. Reads only; a POST because the form is long."""
    form = LaunchForm(request.POST)
    if not form.is_valid():
        return render(request, "console/launch_errors.html", {"form": form})
    found = _preview(form)
    return render(request, "console/launch_preview.html", {"preview": found, "confidence": form.confidence})


@require_POST
@allowed("launch")
def create(request: HttpRequest) -> HttpResponse:
    """Open the incident and call out, or only save it."""
    form, now = LaunchForm(request.POST), clock.now()
    if not form.is_valid():
        return render(request, "console/launch_errors.html", {"form": form}, status=REFUSED)
    key = form.cleaned_data["key"]
    try:
        with transaction.atomic():
            incident_id = _open(request, form)
    except IntegrityError:
        # The same dialog was sent twice; what the first one made is there by now.
        if key is None or incidents.incident(key) is None:
            raise
        return _to(request, key)
    if request.POST.get("do") != "save":
        actions.launch(
            incident_id=incident_id, confidence=form.confidence, by=acting(request).user_id, now=now
        )
    return _to(request, incident_id)


def _to(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    target = reverse("console_incident", kwargs={"incident_id": incident_id})
    if getattr(request, "htmx", False):
        response = HttpResponse(status=204)
        response["HX-Redirect"] = target
        return response
    return redirect(target)


@allowed("launch")
def again(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """Call out for an incident that is open already: GET shows what that would do, POST does it."""
    incident, needs = incidents.incident(incident_id), incidents.needs(incident_id)
    if incident is None:
        raise Http404
    form = UrgencyForm(request.POST or request.GET or {"urgency": "life"})
    if not form.is_valid():
        form = UrgencyForm({"urgency": "life"})
        form.is_valid()
    now = clock.now()
    if request.method != "POST":
        found = queries.preview(
            lon=incident["lon"],
            lat=incident["lat"],
            hazard=GEOSGeometry(incident["hazard"]) if incident["hazard"] else None,
            wanted=[
                queries.Wanted(n["skill_id"], n["open"], n["is_remote"], n["radius_m"], n["report_by"])
                for n in sorted(needs, key=lambda n: n["id"])
                if n["open"] and n["report_by"] > now
            ],
            confidence=form.confidence,
            words=incident,
            now=now,
        )
        context = {"incident": incident, "preview": found, "form": form}
        return render(request, "console/launch_again.html", context)
    if incidents.too_late(incident_id, now):
        words = gettext(
            "Nobody was asked: the time to report by has passed. Drop a new incident with a later one."
        )
        return said(request, incident_id, words, WARNING)
    try:
        actions.launch(
            incident_id=incident_id, confidence=form.confidence, by=acting(request).user_id, now=now
        )
    except actions.AlreadyCalledOut:
        words = gettext("This incident has an open call-out. Ask more people there, or close it first.")
        return said(request, incident_id, words, WARNING)
    return said(request, incident_id, gettext("The call-out is launched."))


def _point(request: HttpRequest) -> tuple[float, float]:
    try:
        lon, lat = float(request.GET["lon"]), float(request.GET["lat"])
    except (KeyError, ValueError):
        raise Http404 from None
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise Http404
    return round(lon, 5), round(lat, 5)


def _grouped(known: list[dict[str, Any]]) -> list[tuple[dict[str, str], list[dict[str, Any]]]]:
    """The taxonomy for a picker: (name of the group, its skills)."""
    groups: dict[str, tuple[dict[str, str], list[dict[str, Any]]]] = {}
    for skill in known:
        groups.setdefault(skill["group"], (skill["group_name"], []))[1].append(skill)
    return list(groups.values())


def _preview(form: LaunchForm) -> queries.Preview:
    now, data = clock.now(), form.cleaned_data
    wanted = [
        queries.Wanted(row.skill_id, row.required, row.remote, data["radius_km"] * 1000, form.report_by(now))
        for row in form.rows
    ]
    words = {
        "kind": data["kind"],
        "place": form.names("place"),
        "muster": form.names("muster"),
        "code": f"{(data['place_en'][:1] or 'N').upper()}1",
        "is_drill": data["is_drill"],
    }
    return queries.preview(
        lon=data["lon"],
        lat=data["lat"],
        hazard=None,
        wanted=wanted,
        confidence=form.confidence,
        words=words,
        now=now,
    )


def _open(request: HttpRequest, form: LaunchForm) -> UUID:
    now, data, actor = clock.now(), form.cleaned_data, acting(request)
    place = form.names("place")
    region = geo.region_at((data["lon"], data["lat"]))
    return open_incident(
        society_id=actor.society_id,
        kind=data["kind"],
        title={
            "ar": f"{texts.KINDS['ar'][data['kind']]} {place['ar']}",
            "en": _english(place["en"], data["kind"]),
        },
        place=place,
        muster=form.names("muster"),
        lon=data["lon"],
        lat=data["lat"],
        needs=[
            NewNeed(row.skill_id, row.required, form.report_by(now), row.remote, data["radius_km"] * 1000)
            for row in form.rows
        ],
        region_id=region.id if region else None,
        key=data["key"],
        is_drill=data["is_drill"],
        by=actor.user_id,
        now=now,
    )


def _english(place: str, kind: str) -> str:
    return f"{place} {texts.KINDS['en'][kind]}"
