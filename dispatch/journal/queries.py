"""Reading the journal; call inside `society(id)`."""

from typing import Any
from uuid import UUID

from dispatch.journal.models import Counter, Entry


def newest(society_id: UUID) -> int:
    """The number of the society's newest entry, 0 before the first."""
    return Counter.objects.filter(society_id=society_id).values_list("number", flat=True).first() or 0


def entries(society_id: UUID, *, after: int, limit: int = 1000) -> list[dict[str, Any]]:
    """Up to `limit` entries numbered above `after`, in order: number, at, kind, subject_id, by_id, old, new."""
    rows = Entry.objects.filter(society_id=society_id, number__gt=after).order_by("number")
    return [
        dict(row) for row in rows.values("number", "at", "kind", "subject_id", "by_id", "old", "new")[:limit]
    ]
