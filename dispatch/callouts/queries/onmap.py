"""What the map of a call-out draws. Nobody's home is exact before they have said that they are coming."""

import datetime as dt
import json
from collections import defaultdict
from typing import Any
from uuid import UUID

from dispatch.callouts.queries.standing import all_of, people_of
from dispatch.callouts.rules import ground, moves
from dispatch.incidents.models import Incident
from geo import queries as geo

RINGS_MIN = (15, 30, 60)
MOST_DRAWN = 5000
FIELDS = (
    "id", "state", "reason__code", "delivered_at", "answered_at", "eta_at", "help_at", "distance_m",
    "need__is_remote", "need__skill__name", "volunteer__given_name", "volunteer__family_name",
    "volunteer__latin_name", "volunteer__location", "volunteer__coarse_location", "volunteer__region_id",
)  # fmt: skip


def on_map(incident_id: UUID, *, now: dt.datetime) -> dict[str, Any] | None:
    """GeoJSON of an incident and the people of its call-outs; None when there is no such incident.

    Keys: incident {id, code, title, place, muster, lon, lat}, hazard (geometry or None), rings and people
    (FeatureCollections), places (where people were asked: name, lon, lat, asked, coming), counts by state.
    """
    incident = Incident.objects.filter(id=incident_id).first()
    if incident is None:
        return None
    people = list(people_of(all_of(incident_id)).order_by("id").values(*FIELDS)[:MOST_DRAWN])
    lon, lat = incident.location.x, incident.location.y
    counts: dict[str, int] = defaultdict(int)
    for row in people:
        counts[row["state"]] += 1
    return {
        "incident": {
            "id": incident.id, "code": incident.code, "title": incident.title, "place": incident.place,
            "muster": incident.muster, "kind": incident.kind, "lon": lon, "lat": lat,
        },
        "hazard": json.loads(incident.hazard.geojson) if incident.hazard else None,
        "rings": _collection([_ring(lon, lat, minutes) for minutes in RINGS_MIN]),
        "people": _collection(
            [_person(row, (lon, lat), now) for row in people if row["state"] != moves.HOME_SAFE]
        ),
        "places": _places(people),
        "counts": dict(counts),
        "now": now,
    }  # fmt: skip


def _collection(features: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": features}


def _ring(lon: float, lat: float, minutes: int) -> dict[str, Any]:
    outline = {"type": "LineString", "coordinates": ground.ring(lon, lat, minutes)}
    return {"type": "Feature", "properties": {"minutes": minutes}, "geometry": outline}


def _person(row: dict[str, Any], site: tuple[float, float], now: dt.datetime) -> dict[str, Any]:
    """A point with what its marker needs; somebody on the road carries the way between home and site."""
    state, remote = row["state"], row["need__is_remote"]
    named = state in moves.TAKEN
    place = row["volunteer__location"] if named else row["volunteer__coarse_location"]
    at = site if state == moves.ARRIVED and not remote else (round(place.x, 5), round(place.y, 5))
    properties: dict[str, Any] = {
        "id": row["id"],
        "state": "delivered" if state == moves.ASKED and row["delivered_at"] else state,
        "skill": row["need__skill__name"],
        "remote": remote,
    }
    if named or row["help_at"]:
        name = f"{row['volunteer__given_name']} {row['volunteer__family_name']}".strip()
        properties |= {"name": name, "latin": row["volunteer__latin_name"], "help": row["help_at"]}
    if state in {moves.COMING, moves.EN_ROUTE} and row["eta_at"] and not remote:
        drive = dt.timedelta(minutes=ground.drive_minutes(row["distance_m"]))
        leaves = max(row["eta_at"] - drive, row["answered_at"] or now)
        properties |= {"eta": row["eta_at"], "leaves": min(leaves, row["eta_at"]), "to": list(site)}
    geometry = {"type": "Point", "coordinates": list(at)}
    return {"type": "Feature", "id": str(row["id"]), "properties": properties, "geometry": geometry}


def _places(people: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The regions people were asked in, by number: for those that the view does not reach."""
    found: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for row in people:
        if row["volunteer__region_id"] and not row["need__is_remote"]:
            found[row["volunteer__region_id"]].append(row)
    if not found:
        return []
    names = {region.id: region.name for region in geo.regions()}
    places = [
        {
            "name": names[region_id],
            "lon": sum(row["volunteer__coarse_location"].x for row in rows) / len(rows),
            "lat": sum(row["volunteer__coarse_location"].y for row in rows) / len(rows),
            "asked": len(rows),
            "coming": sum(row["state"] in moves.COUNTED for row in rows),
        }
        for region_id, rows in found.items()
        if region_id in names
    ]
    return sorted(places, key=lambda place: -place["asked"])
