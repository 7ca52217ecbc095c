"""What a volunteer sees behind the link in the text: found by a door, then read inside their society."""

import datetime as dt
import re
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db import connection

from dispatch.callouts import texts
from dispatch.callouts.models import Assignment
from dispatch.callouts.rules import ground, links, moves
from dispatch.orgs.queries import society

OPTIONS = (15, 30, 60)
# The digits of the reply grammar that make sense in each state, while the call-out is open and after it.
MAY: dict[str, frozenset[str]] = {
    moves.ASKED: frozenset("123"),
    moves.UNREACHABLE: frozenset("123"),
    moves.RESERVE: frozenset("12"),
    moves.DECLINED: frozenset("13"),
    moves.COMING: frozenset("1249"),
    moves.EN_ROUTE: frozenset("1249"),
    moves.ARRIVED: frozenset("59"),
    moves.NO_SHOW: frozenset("4"),
}
ALWAYS = frozenset("459")
# Somebody coming keeps the address that long; for all others the link ends with the call-out.
LINK_LIFE = dt.timedelta(days=3)


@dataclass(frozen=True)
class LinkCall:
    """The context `call` of templates/answer/*.html, which explain each field; `page` is which of them."""

    page: str
    language: str
    timezone: str
    society: dict[str, str]
    code: str
    sent_at: dt.datetime
    first_name: str
    skill: dict[str, str]
    what: str
    where: str
    distance_km: int | None
    drive_min: int | None
    report_by: dt.datetime | None
    work_hours: int | None
    options: tuple[int, ...]
    state: str
    may: frozenset[str]
    eta: dt.datetime | None
    place_number: int | None
    places: int | None
    address: str
    address_note: str
    lat: float | None
    lon: float | None
    phone: str
    phone_name: str
    warning: str
    next_check: dt.datetime | None
    is_drill: bool


def by_link(token: str) -> tuple[UUID, UUID] | None:
    """(society_id, assignment_id) of a link, known before any society is; None for a token nobody has."""
    if not re.fullmatch(rf"[a-z2-7]{{{links.LENGTH}}}", token):
        return None
    with connection.cursor() as cursor:
        hashed = links.token_hash(token, settings.NAFEER_LINK_KEY)
        cursor.execute("SELECT society_id, assignment_id FROM door.link(%s)", [hashed])
        found: tuple[UUID, UUID] | None = cursor.fetchone()
    return found


def link_call(assignment_id: UUID, *, language: str | None, now: dt.datetime) -> LinkCall | None:
    """The call as its volunteer sees it now, in `language` or their own; None when the link has ended."""
    row = Assignment.objects.select_related("volunteer", "need__incident", "need__skill", "call_out").get(
        id=assignment_id
    )
    page = _page(row, now)
    if page is None:
        return None
    spoken = language or (row.volunteer.language if row.volunteer.language in texts.TEXTS else "ar")
    ours, need, incident = society(), row.need, row.need.incident
    place = incident.place.get(spoken) or incident.place.get("en", "")
    inside = row.state in moves.TAKEN
    on_site = not need.is_remote
    kind = texts.KINDS[spoken][incident.kind]
    return LinkCall(
        page=page,
        language=spoken,
        timezone=ours["timezone"],
        society=ours["name"],
        code=incident.code,
        sent_at=row.asked_at,
        first_name=(spoken == "en" and row.volunteer.latin_name.partition(" ")[0])
        or row.volunteer.given_name,
        skill=need.skill.name,
        what=incident.title.get(spoken) or incident.title.get("en") or f"{kind} {place}",
        where=place,
        distance_km=max(1, round(row.distance_m / 1000)) if on_site else None,
        drive_min=ground.drive_minutes(row.distance_m) if on_site else None,
        report_by=need.report_by,
        work_hours=None,
        options=OPTIONS,
        state=row.state,
        may=_may(row),
        eta=row.eta_at,
        place_number=_place_number(row) if inside else None,
        places=need.required if inside else None,
        address=(incident.muster.get(spoken) or incident.muster.get("en") or place)
        if inside and on_site
        else "",
        address_note="",
        lat=incident.location.y if inside and on_site else None,
        lon=incident.location.x if inside and on_site else None,
        phone="",
        phone_name="",
        warning="",
        next_check=None,
        is_drill=incident.is_drill,
    )


def _page(row: Assignment, now: dt.datetime) -> str | None:
    ended = row.call_out.closed_at
    if ended and now - ended > LINK_LIFE:
        return None
    if row.state == moves.STOOD_DOWN or (ended and row.state not in {*moves.COUNTED, moves.NO_SHOW}):
        return "closed"
    return "open" if row.state in {moves.ASKED, moves.UNREACHABLE} else "answered"


def _may(row: Assignment) -> frozenset[str]:
    digits = MAY.get(row.state, frozenset())
    digits = digits - {"4"} if row.need.is_remote and row.state == moves.NO_SHOW else digits
    # As actions.answer: who has a place may still say when, or that they will not come.
    kept = row.call_out.state == "open" or row.state in moves.COUNTED
    return digits if kept else digits & ALWAYS


def _place_number(row: Assignment) -> int:
    """Which of the places is theirs, by the order of the answers."""
    earlier = Assignment.objects.filter(
        need_id=row.need_id, state__in=moves.COUNTED, answered_at__lt=row.answered_at
    )
    return 1 + (earlier.count() if row.answered_at else 0)
