"""Two societies at work, each with rows in every tenant table; everything Libya's carries words nobody else uses."""

import datetime as dt
import json
import re
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib.gis.geos import MultiPolygon, Polygon

from dispatch.callouts import actions as callouts
from dispatch.callouts.models import Assignment
from dispatch.incidents.actions import NewNeed, open_incident
from dispatch.incidents.models import Need
from dispatch.orgs.models import Branch, Membership, User
from dispatch.orgs.rules import UNTENANTED
from dispatch.people import actions as people
from dispatch.people.models import SkillClaim
from dispatch.people.queries import skill_id
from dispatch.readiness.models import Daily, Target
from geo.models import Region
from notifications import clock, doors, inbox, ledger
from notifications.ids import uuid7
from notifications.ledger import Result, StatusCallback
from notifications.models import Attempt, Message, Route, Unwanted
from notifications.rules import Event
from notifications.tenancy import society
from tests.cast import PASSWORD, Cast, owner_sql

SKILL = "search-and-rescue"
# Where the untenanted tables hold what any society may show.
SHARED = ("people_skill", "geo_city")
DATE = re.compile(r"\d{4}-\d\d-\d\d.*")
HEX_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")


@dataclass(frozen=True)
class Words:
    """What a society's rows say; nothing of it may be found at the other's."""

    given: str
    family: str
    title: str
    place: str
    code: str
    phone: str
    lon: float
    country: str


LIBYA = Words("Sukaynah", "Almukhtariya", "Tazirbu dam", "Tazirbuland", "Z77", "+218917770", 22.123457, "LY")
EGYPT = Words("Nefertari", "Abdelmalek", "Siwa flood", "Siwaland", "E33", "+201001230", 25.519111, "EG")


@dataclass
class World:
    """Both societies. ids: Libya's rows by the names that addresses give them ("incident_id"); own: Egypt's."""

    cast: Cast
    own: dict[str, UUID]
    ids: dict[str, UUID] = field(default_factory=dict)


def at_work(society_id: UUID, user: User, words: Words) -> dict[str, UUID]:
    """A call-out in full swing: people registered and asked, one coming, messages out; ids as in World."""
    with society(society_id):
        ids = _ground(society_id, words) | _people(society_id, user, words)
        ids["incident_id"] = _incident(society_id, user, words, ids["region_id"])
        ids["call_out_id"] = callouts.launch(
            incident_id=ids["incident_id"], confidence=0.9, by=user.pk, now=clock.now()
        )
        ids["need_id"] = Need.objects.values_list("id", flat=True).get(incident_id=ids["incident_id"])
        Target.objects.create(
            society_id=society_id,
            region_id=ids["region_id"],
            specialty="rescue",
            required=4,
            set_at=clock.now(),
        )
        Daily.objects.create(
            society_id=society_id, day=clock.now().date(), filled=1, target=4, counted_at=clock.now()
        )
    owner_sql("UPDATE incidents_incident SET code = %s WHERE id = %s", [words.code, ids["incident_id"]])
    return ids | _one_answers(society_id)


def _ground(society_id: UUID, words: Words) -> dict[str, UUID]:
    box = MultiPolygon(Polygon.from_bbox((words.lon - 1, 29, words.lon + 1, 31)))
    box.srid = 4326
    region = Region.objects.create(
        society_id=society_id, level=1, country=words.country, code=f"{words.country}-{words.code}",
        name={"en": words.place, "ar": words.place}, geometry=box, source=words.title,
    )  # fmt: skip
    branch = Branch.objects.create(society_id=society_id, name={"en": words.place}, region_id=region.id)
    return {"region_id": region.id, "branch_id": branch.id}


def _people(society_id: UUID, user: User, words: Words) -> dict[str, UUID]:
    rows = [
        people.NewVolunteer(
            given_name=f"{words.given}{n}",
            family_name=words.family,
            latin_name=f"{words.given}{n} {words.family}",
            phone=f"{words.phone}{n:03d}",
            birth_date=dt.date(1990, 1, 1),
            lon=words.lon + n / 1000,
            lat=30.0,
            is_synthetic=True,
            skills={skill_id(SKILL): None},
        )
        for n in range(6)
    ]
    volunteers = people.register(society_id=society_id, people=rows, by=user.pk, now=clock.now())
    first = volunteers[0]
    claim = people.claim(
        society_id=society_id, volunteer_id=first, skill_id=skill_id("logistics"), by=user.pk, now=clock.now()
    )
    assert SkillClaim.objects.filter(id=claim).exists()
    return {"volunteer_id": first, "claim_id": claim}


def _incident(society_id: UUID, user: User, words: Words, region_id: UUID) -> UUID:
    return open_incident(
        society_id=society_id,
        kind="flood",
        title={"en": words.title, "ar": words.title},
        place={"en": words.place, "ar": words.place},
        muster={"en": f"{words.place} hall", "ar": f"{words.place} hall"},
        lon=words.lon,
        lat=30.0,
        needs=[NewNeed(skill_id(SKILL), 3, clock.now() + dt.timedelta(hours=3), radius_m=90_000)],
        region_id=region_id,
        by=user.pk,
        now=clock.now(),
    )


def _send_all(society_id: UUID) -> list[doors.Claim]:
    """Everything that waits leaves; what was claimed."""
    claims = doors.claim_messages(
        worker="test",
        attempts=[uuid7() for _ in range(10)],
        now=clock.now(),
        lease=dt.timedelta(minutes=1),
        free={},
    )
    assert {claim.society_id for claim in claims} == {society_id}
    with society(society_id):
        for claim in claims:
            result = Result(Event.ACCEPTED, provider_id="SM" + claim.message_id.hex, status="queued")
            ledger.record(claim.message_id, claim.attempt_id, result, now=clock.now())
    return claims


def _one_answers(society_id: UUID) -> dict[str, UUID]:
    """The messages leave, one is delivered, its person says yes and is told."""
    first = _send_all(society_id)[0]
    with society(society_id):
        route = Route.objects.get()
        message = Message.objects.get(pk=first.message_id)
        Unwanted.objects.create(society_id=message.society_id, message_id=message.id)
        attempt = Attempt.objects.get(pk=first.attempt_id)
        told = StatusCallback(
            attempt.pk,
            str(attempt.provider_id),
            message.to_number,
            "delivered",
            "",
            None,
            "",
            {"id": message.pk.hex},
        )
        ledger.receive(told, route_id=route.pk, now=clock.now())
        reply = inbox.Reply(
            "SM" + uuid7().hex, message.to_number, route.sender, "1 20", {"From": message.to_number}
        )
        inbox.receive(reply, society_id=society_id, route_id=route.pk, came_by="webhook", now=clock.now())
        assignment = Assignment.objects.get(pk=message.subject)
        assert assignment.state == "coming"
    _send_all(society_id)
    return {
        "assignment_id": assignment.pk,
        "attempt_id": attempt.pk,
        "message_id": message.pk,
        "route_id": route.pk,
    }


def with_admin(cast: Cast) -> None:
    """Adham administers Egypt's society: no refusal he meets is for want of a right."""
    with society(cast.egypt):
        cast.users["adham"] = User.objects.create_user(username="adham", password=PASSWORD)
        Membership.objects.create(society_id=cast.egypt, user=cast.users["adham"], role="society_admin")


def tenant_tables() -> dict[str, str]:
    """Every table with rows of societies, and the column that names the society."""
    tables = owner_sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    names = [str(name) for (name,) in tables if name not in UNTENANTED]
    return {name: "id" if name == "orgs_society" else "society_id" for name in names}


def rows(table: str, column: str, society_id: UUID | None) -> list[dict[str, Any]]:
    """A society's rows of a table as the owner sees them; None: the shared ones."""
    found = owner_sql(
        f"SELECT to_jsonb(t)::text FROM {table} t WHERE {column} IS NOT DISTINCT FROM %s", [society_id]
    )
    return [json.loads(str(row)) for (row,) in found]


def fingerprint(society_id: UUID) -> dict[str, str]:
    """A digest of all rows of a society, table by table."""
    return {
        table: str(
            owner_sql(f"SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM {table} t WHERE {column} = %s",
                      [society_id])[0][0]
        )
        for table, column in tenant_tables().items()
    }  # fmt: skip


def marks(world: World) -> set[str]:
    """Whatever shows that a text comes from Libya's rows: ids, names, numbers, codes, hashes."""
    mine = _said(world.cast.libya) | {str(world.cast.users[name].pk) for name in ("dunya", "malik", "amal")}
    others = _said(world.cast.egypt) | _said(None)
    return {word for word in mine - others if not DATE.fullmatch(word) and len(word) >= 6} | {LIBYA.code}


def _said(society_id: UUID | None) -> set[str]:
    said: set[str] = set()
    for table, column in tenant_tables().items():
        for row in rows(table, column, society_id):
            said |= _words(row)
    if society_id is None:
        for table in SHARED:
            for (shared,) in owner_sql(f"SELECT to_jsonb(t)::text FROM {table} t"):
                said |= _words(json.loads(str(shared)))
    return said


def _words(value: object) -> set[str]:
    if isinstance(value, dict):
        return {word for inner in value.values() for word in _words(inner)}
    if isinstance(value, list):
        return {word for inner in value for word in _words(inner)}
    return {value} if isinstance(value, str) else set()


def seen(text: str, known: set[str]) -> set[str]:
    """The marks that stand in a text; short ones count as whole words only."""
    return {m for m in known if m in text and (len(m) >= 6 or re.search(rf"\b{re.escape(m)}\b", text))}
