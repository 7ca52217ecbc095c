"""Reading incidents; call inside `society(id)`."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.db.models import F

from dispatch.incidents.models import Incident, Need


def open_incidents() -> list[dict[str, Any]]:
    """Open incidents, newest first: id, code, kind, title, place, is_drill, opened_at, lon, lat."""
    rows = Incident.objects.filter(state="open").order_by("-opened_at")
    return [_view(row) for row in rows]


def incident(incident_id: UUID) -> dict[str, Any] | None:
    """One incident with its hazard as GeoJSON, or None when this society has no such incident."""
    row = Incident.objects.filter(id=incident_id).first()
    if row is None:
        return None
    return _view(row) | {"hazard": row.hazard.geojson if row.hazard else None, "muster": row.muster}


def _view(row: Incident) -> dict[str, Any]:
    return {
        "id": row.id,
        "code": row.code,
        "kind": row.kind,
        "title": row.title,
        "place": row.place,
        "state": row.state,
        "is_drill": row.is_drill,
        "opened_at": row.opened_at,
        "closed_at": row.closed_at,
        "lon": row.location.x,
        "lat": row.location.y,
    }


def needs(incident_id: UUID) -> list[dict[str, Any]]:
    """The needs of an incident in the order they were given, each with its skill's code, name and icon."""
    rows = Need.objects.filter(incident_id=incident_id).select_related("skill").order_by("position", "id")
    return [
        {
            "id": row.id,
            "skill_id": row.skill_id,
            "skill": row.skill.code,
            "skill_name": row.skill.name,
            "icon": row.skill.icon,
            "is_remote": row.is_remote,
            "required": row.required,
            "limit": row.limit,
            "filled": row.filled,
            "open": max(row.required - row.filled, 0),
            "radius_m": row.radius_m,
            "report_by": row.report_by,
            "filled_at": row.filled_at,
        }
        for row in rows
    ]


def too_late(incident_id: UUID, now: dt.datetime) -> bool:
    """Whether the time to report by has passed for every need that is still open; texts would not leave any more."""
    rows = Need.objects.filter(incident_id=incident_id, filled__lt=F("required"))
    times = list(rows.values_list("report_by", flat=True))
    return bool(times) and max(times) <= now
