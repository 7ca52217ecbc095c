"""The people of the tests. Libya's society is where things happen; Egypt's must never notice.

Dunya dispatches for the Libyan Red Crescent, Malik manages there, Amal administers it; Eman dispatches for the
Egyptian Red Crescent and should have no access to anything Libyan. Nobody here exists.
"""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connections

from dispatch.incidents.actions import NewNeed, open_incident
from dispatch.orgs.models import Membership, Society, User
from dispatch.people.actions import NewVolunteer, register
from dispatch.people.queries import skill_id
from notifications import vault
from notifications.ids import uuid7
from notifications.models import Route
from notifications.tenancy import society

NOW = dt.datetime(2023, 9, 11, 1, 0, tzinfo=dt.UTC)
DERNA = (22.639, 32.764)
PASSWORD = "correct-horse-battery"


@dataclass
class Cast:
    libya: UUID
    egypt: UUID
    users: dict[str, User] = field(default_factory=dict)


def make() -> Cast:
    """Both societies with their users."""
    cast = Cast(libya=uuid7(), egypt=uuid7())
    rows = [
        (
            cast.libya,
            "ly",
            "LY",
            "الهلال",
            {"dunya": "dispatcher", "malik": "manager", "amal": "society_admin"},
        ),
        (cast.egypt, "eg", "EG", "الهلال", {"eman": "dispatcher"}),
    ]
    for society_id, slug, country, sender, users in rows:
        with society(society_id):
            Society.objects.create(
                id=society_id,
                slug=slug,
                name={"en": f"Society {country}", "ar": f"جمعية {country}"},
                sender_name={"ar": sender, "en": "Crescent"},
                country=country,
                timezone="Africa/Tripoli",
                is_demo=True,
            )
            Route.objects.create(
                society_id=society_id,
                country="",
                provider="memory",
                sender=f"+2189100000{len(cast.users):02d}",
                account=f"AC{slug}",
                sealed_token=vault.seal("token"),
                answer_by="local_gateway",
                webhook_key=f"key-{slug}",
                active=True,
            )
            for name, role in users.items():
                user = User.objects.create_user(username=name, password=PASSWORD)
                Membership.objects.create(society_id=society_id, user=user, role=role)
                cast.users[name] = user
    return cast


def volunteers(
    society_id: UUID, count: int, *, skill: str = "search-and-rescue", start: int = 0, spread: float = 0.01
) -> list[UUID]:
    """`count` synthetic volunteers in a line east of Derna, the nearest first; call inside `society(id)`."""
    people = [
        NewVolunteer(
            given_name=f"م{n}",
            family_name="تجريبي",
            phone=f"+21891{start + n:07d}",
            birth_date=dt.date(1990, 1, 1),
            lon=DERNA[0] + spread * n,
            lat=DERNA[1],
            is_synthetic=True,
            skills={skill_id(skill): None},
        )
        for n in range(count)
    ]
    return register(society_id=society_id, people=people, by=None, now=NOW)


def flood(
    society_id: UUID, *, required: int = 2, skill: str = "search-and-rescue", remote: bool = False
) -> UUID:
    """An open flood at Derna that needs `required` people of one skill within 50 km."""
    need = NewNeed(skill_id(skill), required, NOW + dt.timedelta(hours=3), is_remote=remote, radius_m=50_000)
    return open_incident(
        society_id=society_id,
        kind="flood",
        title={"en": "Derna flood", "ar": "فيضان درنة"},
        place={"en": "Derna", "ar": "درنة"},
        lon=DERNA[0],
        lat=DERNA[1],
        needs=[need],
        by=None,
        now=NOW,
    )


def owner_sql(sql: str, arguments: list[Any] | None = None) -> list[tuple[object, ...]]:
    """Run a statement as the owner, who sees every society; rows when it returns any."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(sql, arguments)
        return cursor.fetchall() if cursor.description else []
