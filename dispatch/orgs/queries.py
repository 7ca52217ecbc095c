"""Who somebody is, and for which society they act."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from dispatch.orgs import rules
from dispatch.orgs.models import Membership, Society
from notifications.tenancy import current_society


@dataclass(frozen=True)
class Actor:
    """A signed-in person acting for one society in one role; what views, API and sockets carry around."""

    user_id: UUID
    society_id: UUID
    role: str
    volunteer_id: UUID | None

    def may(self, what: str) -> bool:
        return rules.may(self.role, what)


def societies_of(user_id: UUID) -> list[UUID]:
    """The societies a user belongs to, oldest membership first; answered by a door, before any society is set."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT door.societies_of(%s)", [user_id])
        return [row[0] for row in cursor.fetchall()]


def actor(user_id: UUID) -> Actor | None:
    """The user as a member of the current society, or None."""
    row = Membership.objects.filter(user_id=user_id).values("society_id", "role", "volunteer_id").first()
    return Actor(user_id=user_id, **row) if row else None


def roles_of(user_ids: Collection[UUID]) -> dict[UUID, str]:
    """The roles these users have in the current society; who is no member is left out."""
    return dict(Membership.objects.filter(user_id__in=user_ids).values_list("user_id", "role"))


def society() -> dict[str, Any]:
    """The current society: id, slug, name, sender_name, country, timezone, language, currency, is_demo."""
    fields = ("id", "slug", "name", "sender_name", "country", "timezone", "language", "currency", "is_demo")
    return dict(Society.objects.values(*fields).get(id=current_society()))
