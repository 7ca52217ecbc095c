"""Writing people: register, claim, verify, revoke, availability. The only writer of Callable."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.conf import settings
from django.contrib.gis.geos import Point
from django.db import connection, transaction

from dispatch.journal.actions import record
from dispatch.people import rules
from dispatch.people.models import ALL_WEEK, SkillClaim, Volunteer
from notifications.ids import uuid7

# Everything nearest() has to know, copied beside the location; one statement for one person or a million.
REBUILD = """
INSERT INTO people_callable (id, society_id, volunteer_id, skill_id, location, region_id, hours, expires_at,
                             unavailable_until, adult_from, opted_out, person_key)
SELECT c.id, c.society_id, c.volunteer_id, c.skill_id, v.location, v.region_id, v.weekly_hours, c.expires_at,
       v.unavailable_until, (v.birth_date + interval '18 years')::date, v.opted_out_at IS NOT NULL, v.person_key
FROM people_skillclaim c JOIN people_volunteer v ON v.society_id = c.society_id AND v.id = c.volunteer_id
WHERE c.society_id = %(society)s AND c.state = 'verified' AND c.volunteer_id = ANY(%(volunteers)s)
"""


@dataclass(frozen=True)
class NewVolunteer:
    """Somebody to register. `lon`, `lat` in degrees; `skills` maps skill id to when the verification lapses."""

    given_name: str
    family_name: str
    phone: str
    birth_date: dt.date
    lon: float
    lat: float
    language: str = "ar"
    latin_name: str = ""
    gender: str = ""
    region_id: UUID | None = None
    weekly_hours: str = ALL_WEEK
    is_synthetic: bool = False
    skills: dict[UUID, dt.datetime | None] = field(default_factory=dict)


def register(
    *, society_id: UUID, people: Iterable[NewVolunteer], by: UUID | None, now: dt.datetime
) -> list[UUID]:
    """Register volunteers whose skills somebody has checked, and return their ids in order.

    `phone` is E.164. One journal entry for all of them. Raises IntegrityError for a phone that is registered.
    """
    volunteers, claims = [], []
    for person in people:
        volunteer = _volunteer(society_id, person, now)
        volunteers.append(volunteer)
        claims += [
            SkillClaim(
                society_id=society_id,
                volunteer=volunteer,
                skill_id=skill_id,
                state="verified",
                claimed_at=now,
                verified_at=now,
                verified_by_id=by,
                expires_at=expires_at,
            )
            for skill_id, expires_at in person.skills.items()
        ]
    ids = [v.id for v in volunteers]
    with transaction.atomic():
        Volunteer.objects.bulk_create(volunteers, batch_size=2000)
        SkillClaim.objects.bulk_create(claims, batch_size=5000)
        _rebuild(society_id, ids)
        if ids:
            record(
                society_id=society_id,
                kind="volunteer.registered",
                subject=ids[0],
                by=by,
                now=now,
                new={"count": len(ids)},
            )
    return ids


def _volunteer(society_id: UUID, person: NewVolunteer, now: dt.datetime) -> Volunteer:
    return Volunteer(
        id=uuid7(),
        society_id=society_id,
        given_name=person.given_name,
        family_name=person.family_name,
        latin_name=person.latin_name,
        gender=person.gender,
        birth_date=person.birth_date,
        phone=person.phone,
        person_key=rules.person_key(person.phone, settings.NAFEER_PERSON_KEY),
        language=person.language,
        location=Point(person.lon, person.lat, srid=4326),
        coarse_location=Point(*rules.coarse(person.lon, person.lat), srid=4326),
        region_id=person.region_id,
        weekly_hours=person.weekly_hours,
        is_synthetic=person.is_synthetic,
        joined_at=now,
    )


def _rebuild(society_id: UUID, volunteer_ids: list[UUID]) -> None:
    """Make the Callable rows of these people say what their records say."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM people_callable WHERE society_id = %s AND volunteer_id = ANY(%s)",
            [society_id, volunteer_ids],
        )
        cursor.execute(REBUILD, {"society": society_id, "volunteers": volunteer_ids})


def claim(*, society_id: UUID, volunteer_id: UUID, skill_id: UUID, by: UUID | None, now: dt.datetime) -> UUID:
    """Note that a volunteer says they have a skill; it counts for nothing until verified."""
    with transaction.atomic():
        row = SkillClaim.objects.create(
            society_id=society_id, volunteer_id=volunteer_id, skill_id=skill_id, claimed_at=now
        )
        record(
            society_id=society_id, kind="claim.made", subject=row.id, by=by, now=now, new={"state": "claimed"}
        )
    return row.id


def verify(*, claim_id: UUID, expires_at: dt.datetime | None, by: UUID, now: dt.datetime) -> None:
    """Somebody has seen the proof: the person can be called for this skill until `expires_at` (None: no end)."""
    _settle(claim_id, "verified", by, now, verified_at=now, verified_by_id=by, expires_at=expires_at)


def revoke(*, claim_id: UUID, by: UUID, now: dt.datetime) -> None:
    """The skill counts no more; the person is not called for it from this moment."""
    _settle(claim_id, "revoked", by, now)


def _settle(claim_id: UUID, state: str, by: UUID, now: dt.datetime, **fields: object) -> None:
    with transaction.atomic():
        row = SkillClaim.objects.select_for_update().get(id=claim_id)
        old = row.state
        SkillClaim.objects.filter(id=claim_id).update(state=state, **fields)
        _rebuild(row.society_id, [row.volunteer_id])
        record(
            society_id=row.society_id,
            kind=f"claim.{state}",
            subject=claim_id,
            by=by,
            now=now,
            old={"state": old},
            new={"state": state, "volunteer_id": row.volunteer_id},
        )


def set_availability(
    *,
    volunteer_id: UUID,
    weekly_hours: str,
    unavailable_until: dt.datetime | None,
    by: UUID | None,
    now: dt.datetime,
) -> None:
    """Replace the hours of the week (168 characters 0/1, Monday 00:00 first) and the leave that runs now."""
    with transaction.atomic():
        row = Volunteer.objects.select_for_update().get(id=volunteer_id)
        Volunteer.objects.filter(id=volunteer_id).update(
            weekly_hours=weekly_hours, unavailable_until=unavailable_until
        )
        _rebuild(row.society_id, [volunteer_id])
        record(
            society_id=row.society_id,
            kind="volunteer.availability",
            subject=volunteer_id,
            by=by,
            now=now,
            new={"unavailable_until": unavailable_until},
        )


def opt_out(*, volunteer_id: UUID, by: UUID | None, now: dt.datetime) -> None:
    """The person wants no more call-outs; they stay in the records and in no list of people to call."""
    with transaction.atomic():
        row = Volunteer.objects.select_for_update().get(id=volunteer_id)
        Volunteer.objects.filter(id=volunteer_id, opted_out_at=None).update(opted_out_at=now)
        _rebuild(row.society_id, [volunteer_id])
        record(society_id=row.society_id, kind="volunteer.opted_out", subject=volunteer_id, by=by, now=now)


def reserve(*, person_key: str, assignment_id: UUID, now: dt.datetime) -> bool:
    """Take a person for an assignment; False when they are taken already, here or by another society."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT door.reserve(%s, %s, %s)", [person_key, assignment_id, now])
        return bool(cursor.fetchone()[0])


def release(*, person_key: str, assignment_id: UUID) -> None:
    """Give a person back; nothing happens when the reservation is not this assignment's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT door.release(%s, %s)", [person_key, assignment_id])
