"""Before anything is sent: whom a call-out would ask, who is left out and why, and what it would bring."""

import datetime as dt
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry
from django.db.models import Q

from dispatch.callouts import texts
from dispatch.callouts.models import Assignment, CallOut
from dispatch.callouts.queries.board import NeedView, need_view
from dispatch.callouts.queries.standing import (
    FILL_WITHIN,
    CallOutStanding,
    NeedStanding,
    is_night,
    standing,
)
from dispatch.callouts.rules import course, links, moves, planner
from dispatch.orgs.queries import society
from dispatch.people.queries import Nearest, nearest, skills
from notifications import rules as carrier

LOOK_AS_FAR_AS = 400  # people counted as eligible; above it the page says "400+"
SAMPLE_NAME = {"ar": "أمينة", "en": "Amina"}


@dataclass(frozen=True)
class Wanted:
    """A need somebody is about to call for."""

    skill_id: UUID
    required: int
    remote: bool
    radius_m: int
    report_by: dt.datetime


@dataclass(frozen=True)
class PreviewNeed:
    """One need with the people it would ask now; `eligible` counts up to LOOK_AS_FAR_AS, `or_more` beyond."""

    skill_id: UUID
    code: str
    name: dict[str, str]
    group: str
    remote: bool
    required: int
    eligible: int
    or_more: bool
    ask: int
    chance: float
    tight: bool


@dataclass(frozen=True)
class Sample:
    """A text as a phone shows it: words, parts a carrier bills, and how full its encoding is."""

    text: str
    parts: int
    units: int
    room: int
    arabic: bool


@dataclass(frozen=True)
class Preview:
    """What the launch button would do; `yes_low` and `yes_high` bound the answers to expect."""

    needs: list[PreviewNeed]
    left_out: list[tuple[str, int]]
    ask: int
    chance: float
    yes_low: int
    yes_high: int
    samples: list[Sample]
    parts: int


@dataclass(frozen=True)
class Act:
    """The next step on the console: `more` people for the need in the way, and who could be stood down."""

    need: NeedView | None
    more: int
    found: int
    before: float
    after: float
    all_before: float
    all_after: float
    left_out: list[tuple[str, int]]
    full: NeedView | None
    can_stand_down: int
    waiting: int


def preview(
    *,
    lon: float,
    lat: float,
    hazard: GEOSGeometry | None,
    wanted: Sequence[Wanted],
    confidence: float,
    words: dict[str, Any],
    now: dt.datetime,
) -> Preview:
    """Rank and decide as the launch would, need after need, without writing; nobody is chosen for two of them.

    `words`: kind, place, code, muster, is_drill.
    """
    night, busy, known = is_night(now), _busy(None), {skill["id"]: skill for skill in skills()}
    needs, left_out, likely, spread = [], Counter[str](), 0.0, 0.0
    for want in wanted:
        found = _nearest(want, lon, lat, hazard, now, LOOK_AS_FAR_AS, busy)
        state = _fresh(want, night, now)
        decision = planner.decide(state, confidence=confidence, available=len(found.people))
        busy += [near.volunteer_id for near in found.people[: decision.ask]]
        skill = known[want.skill_id]
        needs.append(
            PreviewNeed(
                skill_id=want.skill_id,
                code=skill["code"],
                name=skill["name"],
                group=skill["group"],
                remote=want.remote,
                required=want.required,
                eligible=len(found.people),
                or_more=len(found.people) >= LOOK_AS_FAR_AS,
                ask=decision.ask,
                chance=decision.after,
                tight=decision.after < confidence,
            )
        )
        left_out.update(found.excluded)
        likely += decision.ask * decision.acceptance
        spread += decision.ask * decision.acceptance * (1 - decision.acceptance)
    samples = _samples(words, known[wanted[0].skill_id], wanted[0], now) if wanted else []
    ask = sum(need.ask for need in needs)
    return Preview(
        needs=needs,
        left_out=left_out.most_common(),
        ask=ask,
        chance=math.prod(need.chance for need in needs) if needs else 0.0,
        yes_low=max(0, math.floor(likely - math.sqrt(spread))),
        yes_high=math.ceil(likely + math.sqrt(spread)),
        samples=samples,
        parts=ask * (samples[0].parts if samples else 0),
    )


def _nearest(
    want: Wanted,
    lon: float,
    lat: float,
    hazard: GEOSGeometry | None,
    now: dt.datetime,
    limit: int,
    skip: Sequence[UUID] = (),
) -> Nearest:
    ours = society()
    return nearest(
        society_id=ours["id"],
        skill_id=want.skill_id,
        lon=lon,
        lat=lat,
        radius_m=None if want.remote else want.radius_m,
        limit=limit,
        now=now,
        timezone=ours["timezone"],
        skip=skip,
        hazard=hazard,
    )


def _busy(call_out: CallOut | None) -> list[UUID]:
    """Who is not asked now: asked in this call-out, or asked or in reserve in another open one; as the launch does."""
    asked = Q(call_out__state="open", state__in=[moves.ASKED, moves.RESERVE])
    rows = Assignment.objects.filter(asked | Q(call_out=call_out) if call_out else asked)
    return list(rows.values_list("volunteer_id", flat=True))


def _fresh(want: Wanted, night: bool, now: dt.datetime) -> planner.Standing:
    horizon = (min(now + FILL_WITHIN, want.report_by) - now).total_seconds() / 60
    return planner.Standing(
        required=want.required, filled=0, ages=(), yes=0, no=0, asked=0, horizon=horizon, night=night
    )


def _samples(words: dict[str, Any], skill: dict[str, Any], want: Wanted, now: dt.datetime) -> list[Sample]:
    """The first text and the confirmation in the society's language, as their people get them."""
    ours = society()
    language = ours["language"] if ours["language"] in texts.TEXTS else "ar"
    place = words["place"].get(language) or words["place"].get("en", "")
    remote = "_remote" if want.remote else ""
    link = f"{settings.NAFEER_PUBLIC_URL}/a/{'x' * links.LENGTH}"
    made = [
        texts.word(
            f"{purpose}{remote}",
            language,
            is_drill=words["is_drill"],
            sender=ours["sender_name"].get(language) or ours["sender_name"]["en"],
            kind=texts.KINDS[language][words["kind"]],
            place=place,
            code=words["code"],
            skill=texts.skill_word(skill["code"], skill["name"], language),
            name=SAMPLE_NAME[language],
            report_by=f"{want.report_by.astimezone(ZoneInfo(ours['timezone'])):%H:%M}",
            muster=words["muster"].get(language) or place,
            link=link,
        )
        for purpose in ("ask", "coming")
    ]
    return [_sample(text) for text in made]


def _sample(text: str) -> Sample:
    size = carrier.size(text)
    arabic = size.encoding == "UCS-2"
    one, split = (70, 67) if arabic else (160, 153)
    room = one if size.parts == 1 else split * size.parts
    return Sample(text=text, parts=size.parts, units=size.units, room=room, arabic=arabic)


def _more_people(
    stands: CallOutStanding, one: NeedStanding, view: NeedView, more: int | None, now: dt.datetime
) -> tuple[int, Nearest]:
    """How many more to ask for a need, and the people there are to ask."""
    assert stands.call_out is not None
    decision = planner.decide(
        one.planner,
        confidence=stands.call_out.confidence,
        available=planner.ASKED_PER_PLACE * one.need.required,
    )
    number = more if more is not None else (decision.ask or view.open)
    want = Wanted(one.need.skill_id, number, one.need.is_remote, one.need.radius_m, one.need.report_by)
    at, hazard = stands.incident.location, stands.incident.hazard
    return number, _nearest(want, at.x, at.y, hazard, now, max(number, 1), _busy(stands.call_out))


def act(incident_id: UUID, *, more: int | None, need_id: UUID | None, now: dt.datetime) -> Act | None:
    """An open call-out's next step; `more` and `need_id` as chosen on the page, else as the planner would."""
    stands = standing(incident_id, now)
    if stands is None or stands.call_out is None or stands.call_out.state != "open":
        return None
    pairs = [(one, need_view(stands, one)) for one in stands.needs]
    open_ones = [pair for pair in pairs if pair[1].open]
    by_hand = [pair for pair in open_ones if pair[1].id == need_id]
    worst_first = by_hand or sorted(open_ones, key=lambda pair: pair[1].probability or 0)
    full = next((view for _, view in pairs if not view.open and view.silent + view.reserve), None)
    shared: dict[str, Any] = {
        "full": full,
        "can_stand_down": full.silent + full.reserve if full else 0,
        "waiting": sum(view.silent + view.reserve for _, view in pairs),
    }
    if not worst_first:
        return Act(
            need=None, more=0, found=0, before=1.0, after=1.0, all_before=1.0, all_after=1.0,
            left_out=[], **shared,
        )  # fmt: skip
    # A need for which nobody can be asked must not hide one for which somebody can.
    tries = ((one, view, *_more_people(stands, one, view, more, now)) for one, view in worst_first)
    first = next(tries)
    one, view, number, found = first if first[3].people else next((t for t in tries if t[3].people), first)
    reach = min(number, len(found.people))
    before, after = view.probability or 0.0, course.with_more(one.planner, reach)
    others = math.prod(v.probability for _, v in open_ones if v is not view and v.probability is not None)
    left_out = Counter(found.excluded)
    left_out.pop("asked_already", None)
    return Act(
        need=view, more=number, found=reach, before=before, after=after, all_before=before * others,
        all_after=after * others, left_out=left_out.most_common(), **shared,
    )  # fmt: skip
