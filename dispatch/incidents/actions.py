"""Opening and closing incidents."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib.gis.geos import MultiPolygon, Point
from django.db import transaction

from dispatch.incidents import rules
from dispatch.incidents.models import Incident, Need
from dispatch.journal.actions import record
from notifications.ids import uuid7


@dataclass(frozen=True)
class NewNeed:
    """So many people of a skill, from at most `radius_m` metres away (ignored when remote), by a domain time."""

    skill_id: UUID
    required: int
    report_by: dt.datetime
    is_remote: bool = False
    radius_m: int = 100_000


def open_incident(
    *,
    society_id: UUID,
    kind: str,
    title: dict[str, str],
    place: dict[str, str],
    lon: float,
    lat: float,
    needs: Sequence[NewNeed],
    by: UUID | None,
    now: dt.datetime,
    muster: dict[str, str] | None = None,
    hazard: MultiPolygon | None = None,
    region_id: UUID | None = None,
    is_drill: bool = False,
    key: UUID | None = None,
) -> UUID:
    """Open an incident with its needs and give it a code; nobody is asked yet.

    `key` becomes its id: opening it twice raises IntegrityError.
    Names are {"ar": ..., "en": ...}; lon, lat in degrees. The limit of each need is what is required.
    """
    with transaction.atomic():
        used = Incident.objects.filter(state="open").values_list("code", flat=True)
        incident = Incident.objects.create(
            id=key or uuid7(),
            society_id=society_id,
            code=rules.next_code(place.get("en", ""), used),
            kind=kind,
            title=title,
            place=place,
            muster=muster or {},
            location=Point(lon, lat, srid=4326),
            hazard=hazard,
            region_id=region_id,
            is_drill=is_drill,
            opened_at=now,
            opened_by_id=by,
        )
        Need.objects.bulk_create(
            Need(
                society_id=society_id,
                incident=incident,
                skill_id=need.skill_id,
                is_remote=need.is_remote,
                required=need.required,
                limit=need.required,
                radius_m=need.radius_m,
                report_by=need.report_by,
                position=position,
            )
            for position, need in enumerate(needs)
        )
        record(
            society_id=society_id,
            kind="incident.opened",
            subject=incident.id,
            by=by,
            now=now,
            new={"code": incident.code, "kind": kind, "is_drill": is_drill},
        )
    return incident.id


def close_incident(*, incident_id: UUID, by: UUID | None, now: dt.datetime) -> bool:
    """Close an incident; False when it was closed already. Close its call-out first (callouts.actions.close)."""
    with transaction.atomic():
        incident = Incident.objects.select_for_update().get(id=incident_id)
        if incident.state == "closed":
            return False
        Incident.objects.filter(id=incident_id).update(state="closed", closed_at=now)
        record(
            society_id=incident.society_id,
            kind="incident.closed",
            subject=incident_id,
            by=by,
            now=now,
            old={"state": "open"},
            new={"state": "closed"},
        )
    return True
