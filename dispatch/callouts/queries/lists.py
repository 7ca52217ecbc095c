"""Call-outs and assignments as plain rows, for lists and look-ups."""

import datetime as dt
from typing import Any
from uuid import UUID

from dispatch.callouts.models import Assignment, CallOut
from dispatch.callouts.queries.board import PersonView, person_view

CALL_OUT_FIELDS = ("id", "incident_id", "state", "confidence", "launched_at", "closed_at", "asks_by_itself")


def call_outs(incident_id: UUID | None = None) -> list[dict[str, Any]]:
    """Call-outs of one incident or of all, newest first."""
    rows = CallOut.objects.order_by("-launched_at", "-id")
    rows = rows if incident_id is None else rows.filter(incident_id=incident_id)
    return list(rows.values(*CALL_OUT_FIELDS)[:200])


def latest_call_out(incident_id: UUID) -> UUID | None:
    """The newest call-out of an incident."""
    rows = CallOut.objects.filter(incident_id=incident_id).order_by("-launched_at", "-id")
    return rows.values_list("id", flat=True).first()


def incident_of(call_out_id: UUID) -> UUID | None:
    """The incident a call-out is for; None when this society has no such call-out."""
    return CallOut.objects.filter(id=call_out_id).values_list("incident_id", flat=True).first()


def assignments(
    call_out_id: UUID, *, now: dt.datetime, state: str | None = None, need_id: UUID | None = None
) -> list[PersonView]:
    """The people of a call-out, nearest first."""
    rows = Assignment.objects.filter(call_out_id=call_out_id).select_related("volunteer", "need__skill")
    rows = rows.filter(state=state) if state else rows
    rows = rows.filter(need_id=need_id) if need_id else rows
    return [person_view(row, now) for row in rows.order_by("distance_m", "id")]


def assignment(assignment_id: UUID, *, now: dt.datetime) -> tuple[PersonView, UUID, UUID] | None:
    """One person with the ids of call-out and incident; None when this society has no such assignment."""
    row = (
        Assignment.objects.filter(id=assignment_id)
        .select_related("volunteer", "need__skill", "call_out")
        .first()
    )
    return (person_view(row, now), row.call_out_id, row.call_out.incident_id) if row else None
