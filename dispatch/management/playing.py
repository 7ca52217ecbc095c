"""Playing a drill on the production path: people, incident, call-out; then only watching until it ends."""

import datetime as dt
import json
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from django.db import connections

from dispatch.callouts import actions as callouts
from dispatch.callouts.models import Assignment, CallOut
from dispatch.callouts.rules import moves
from dispatch.incidents.actions import NewNeed, open_incident
from dispatch.incidents.models import Need
from dispatch.management import demo, drills
from dispatch.people.actions import register
from dispatch.people.queries import skill_id
from dispatch.people.queries import skills as all_skills
from geo.queries import regions as regions_of
from notifications import clock
from notifications.queries import totals
from notifications.tenancy import society

BATCH = 500
WATCH_EVERY_S = 0.5
# After the last need is full: confirmations and thanks still leave; real seconds, then the summary says what did not.
SETTLE_S = 30.0
QUIET_S = 3.0  # no receipt for so long: the rest got none


@dataclass(frozen=True)
class Playing:
    """A drill under way."""

    drill: Mapping[str, Any]
    seed: int
    society_id: UUID
    other_id: UUID
    incident_id: UUID
    call_out_id: UUID
    started: float


def start(name: str, *, seed: int, say: Callable[[str], None]) -> Playing:
    """Connect the demo societies, register the people, open the incident and launch its call-out."""
    started = time.monotonic()
    drill = drills.load(name)
    ids = demo.societies()
    say("connecting the societies' message routes")
    demo.connect()
    _people_behave(drill["phones"])
    _populate(drill, ids, seed, say)
    society_id = ids[drill["society"]]
    now = clock.now()
    with society(society_id):
        incident_id = _open(drill, society_id, now)
        say("launching the call-out")
        call_out_id = callouts.launch(
            incident_id=incident_id, confidence=drill["confidence"], by=None, now=now
        )
    return Playing(drill, seed, society_id, ids[drill["other"]], incident_id, call_out_id, started)


def _populate(
    drill: Mapping[str, Any], ids: Mapping[str, UUID], seed: int, say: Callable[[str], None]
) -> None:
    now = clock.now()
    skills = {row["code"]: row["id"] for row in all_skills()}
    for part in drill["people"]:
        society_id = ids[part["society"]]
        with society(society_id):
            country = part.get("country", "")
            regions = {view.code: view.id for view in regions_of(level=1, country=country)} if country else {}
        waiting = list(drills.people(drill, part, seed=seed, now=now, skills=skills, regions=regions))
        say(f"registering {len(waiting)} synthetic volunteers of {part['society']}")
        for first in range(0, len(waiting), BATCH):
            with society(society_id):
                register(society_id=society_id, people=waiting[first : first + BATCH], by=None, now=now)


def _people_behave(scenario: Mapping[str, Any]) -> None:
    """Tell the phone network what kind of night it is; the service itself is told nothing."""
    request = urllib.request.Request(
        f"{settings.TWILIO_API_URL}/control/scenario",
        data=json.dumps(scenario).encode(),
        headers={"Content-Type": "application/json"},
    )
    urllib.request.urlopen(request, timeout=10).close()


def _open(drill: Mapping[str, Any], society_id: UUID, now: dt.datetime) -> UUID:
    incident = drill["incident"]
    hazard = GEOSGeometry(json.dumps(incident["hazard"]), srid=4326)
    assert isinstance(hazard, MultiPolygon)
    needs = [
        NewNeed(
            skill_id=skill_id(need["skill"]),
            required=need["required"],
            report_by=now + dt.timedelta(hours=need["hours"]),
            is_remote=need.get("remote", False),
            radius_m=int(need.get("radius_km", 0) * 1000),
        )
        for need in drill["needs"]
    ]
    return open_incident(
        society_id=society_id,
        kind=incident["kind"],
        title=incident["title"],
        place=incident["place"],
        muster=incident["muster"],
        lon=incident["lon"],
        lat=incident["lat"],
        hazard=hazard,
        needs=needs,
        by=None,
        now=now,
        is_drill=True,
    )


def standing(playing: Playing) -> list[dict[str, Any]]:
    """How each need stands: skill, required, asked, delivered, coming, reserve, declined, silent, fill_minutes."""
    with society(playing.society_id):
        launched = CallOut.objects.values_list("launched_at", flat=True).get(id=playing.call_out_id)
        return [
            _need(need, launched)
            for need in Need.objects.filter(incident_id=playing.incident_id)
            .select_related("skill")
            .order_by("position")
        ]


def _need(need: Need, launched: dt.datetime) -> dict[str, Any]:
    rows = list(Assignment.objects.filter(need=need).values_list("state", "delivered_at", "answered_at"))
    states = [state for state, _, _ in rows]
    return {
        "skill": need.skill.code,
        "required": need.required,
        "asked": len(rows),
        "delivered": sum(delivered is not None for _, delivered, _ in rows),
        "coming": sum(state in moves.COUNTED for state in states),
        "reserve": states.count(moves.RESERVE),
        "declined": states.count(moves.DECLINED),
        "silent": sum(answered is None for _, _, answered in rows),
        "unreachable": states.count(moves.UNREACHABLE),
        "fill_minutes": round((need.filled_at - launched).total_seconds() / 60, 1)
        if need.filled_at
        else None,
    }


def message_totals(playing: Playing) -> dict[str, int]:
    """The society's messages by state."""
    with society(playing.society_id):
        return dict(totals().by_state)


def follow(playing: Playing, show: Callable[[list[dict[str, Any]], Mapping[str, int]], None]) -> None:
    """Watch until every need is full, the last texts have left and receipts stopped coming, or the drill gives up."""
    end = clock.now() + dt.timedelta(minutes=playing.drill["give_up_after_min"])
    settled_by: float | None = None
    waiting_for, quiet_since = -1, time.monotonic()
    while clock.now() < end:
        needs, messages = standing(playing), message_totals(playing)
        show(needs, messages)
        if all(need["coming"] >= need["required"] for need in needs):
            settled_by = settled_by or time.monotonic() + SETTLE_S
            open_now = sum(messages.get(state, 0) for state in ("queued", "sending", "unknown", "sent"))
            if open_now != waiting_for:
                waiting_for, quiet_since = open_now, time.monotonic()
            leaving = open_now - messages.get("sent", 0)
            if not leaving and (not open_now or time.monotonic() - quiet_since > QUIET_S):
                return
            if time.monotonic() > settled_by:
                return
        time.sleep(WATCH_EVERY_S)


def summary(playing: Playing) -> dict[str, Any]:
    """What the drill came to; the carrier's own ledger judges who was touched."""
    needs, messages = standing(playing), message_totals(playing)
    places = sum(need["required"] for need in needs)
    sent = sum(
        count for state, count in messages.items() if state in ("sent", "delivered", "failed", "unknown")
    )
    return {
        "drill": playing.drill["name"],
        "seed": playing.seed,
        "filled": all(need["coming"] >= need["required"] for need in needs),
        "seconds": round(time.monotonic() - playing.started, 1),
        "needs": needs,
        "messages": {
            "sent": sent,
            "delivered": messages.get("delivered", 0),
            "failed": messages.get("failed", 0),
            "unknown": messages.get("unknown", 0),
            "per_place": round(sent / places, 1),
        },
        "asked_per_place": round(max(need["asked"] / need["required"] for need in needs), 1),
        "other_society_touched": other_society_touched(playing),
    }


def other_society_touched(playing: Playing) -> int:
    """How many phones of the other society the carrier was given a text for; the owner knows its phones."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT phone FROM people_volunteer WHERE society_id = %s", [playing.other_id])
        phones = {row[0] for row in cursor.fetchall()}
    return len(phones & carried_to())


def carried_to() -> set[str]:
    """Every number the phone network was given a text for, from its ledger."""
    numbers: set[str] = set()
    query: dict[str, Any] = {"direction": "outbound", "limit": 5000}
    while True:
        address = f"{settings.TWILIO_API_URL}/ledger?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(address, timeout=30) as response:
            page = json.load(response)
        numbers |= {row["to"] for row in page["rows"]}
        if page["next"] is None:
            return numbers
        query["after"] = page["next"]
