"""Setting targets and keeping one count a day."""

import datetime as dt
from collections.abc import Mapping
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from dispatch.journal.actions import record
from dispatch.orgs.queries import society
from dispatch.readiness import queries
from dispatch.readiness.models import Daily, Target
from notifications.tenancy import current_society


class NoSuchRegion(LookupError):
    """The society has no region of this id."""


def set_targets(*, region_id: UUID, required: Mapping[str, int], by: UUID, now: dt.datetime) -> None:
    """Replace the targets of a region: {specialty code: people}. What is not named stays as it was.

    Raises NoSuchRegion for a region the society cannot see, KeyError for a specialty the board does not have.
    """
    society_id = current_society()
    if region_id not in {region.id for region in queries.ground(society()["country"])}:
        raise NoSuchRegion("This society has no such region.")
    if unknown := required.keys() - {specialty.code for specialty in queries.specialties()}:
        raise KeyError(f"No such specialty: {', '.join(sorted(unknown))}")
    with transaction.atomic():
        rows = Target.objects.select_for_update().filter(region_id=region_id, specialty__in=required)
        old = {row.specialty: row.required for row in rows}
        Target.objects.bulk_create(
            [
                Target(
                    society_id=society_id,
                    region_id=region_id,
                    specialty=code,
                    required=number,
                    set_by_id=by,
                    set_at=now,
                )
                for code, number in required.items()
            ],
            update_conflicts=True,
            unique_fields=["society_id", "region_id", "specialty"],
            update_fields=["required", "set_by_id", "set_at"],
        )
        record(
            society_id=society_id,
            kind="readiness.target",
            subject=region_id,
            by=by,
            now=now,
            old=old,
            new=dict(required),
        )


def keep_day(*, now: dt.datetime) -> bool:
    """Keep today's count for the trend; False when today (of the society's timezone) has one already."""
    society_id = current_society()
    day = now.astimezone(ZoneInfo(society()["timezone"])).date()
    if Daily.objects.filter(day=day).exists():
        return False
    board = queries.board(now=now)
    row = Daily(
        society_id=society_id, day=day, filled=board.places_filled, target=board.target, counted_at=now
    )
    Daily.objects.bulk_create([row], ignore_conflicts=True)
    return True
