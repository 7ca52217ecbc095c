"""Facts about people that need no database: keys, coarse positions, hours of the week."""

import datetime as dt
import hashlib
import hmac
import math
from calendar import monthrange
from zoneinfo import ZoneInfo

ADULT_YEARS = 18
COARSE_DEGREES = 0.02  # about 2 km: enough to plan by, too little to find a door


def person_key(phone: str, secret: str) -> str:
    """The same person in every society: HMAC-SHA256 of the E.164 number, hex."""
    return hmac.new(secret.encode(), phone.encode(), hashlib.sha256).hexdigest()


def coarse(lon: float, lat: float) -> tuple[float, float]:
    """The centre of the grid cell a position lies in; (lon, lat) in degrees."""
    return tuple((math.floor(v / COARSE_DEGREES) + 0.5) * COARSE_DEGREES for v in (lon, lat))  # type: ignore[return-value]


def week_hour(now: dt.datetime, timezone: str) -> int:
    """The hour of the week 0..167 at a moment in a timezone, Monday 00:00 first."""
    local = now.astimezone(ZoneInfo(timezone))
    return local.weekday() * 24 + local.hour


def adult_from(birth_date: dt.date) -> dt.date:
    """The day somebody turns 18; born on 29 February counts from 1 March."""
    year = birth_date.year + ADULT_YEARS
    if (birth_date.month, birth_date.day) == (2, 29):
        return dt.date(year, 3, 1)
    return birth_date.replace(year=year)


def mask(phone: str) -> str:
    """A number that can be recognised and not called: country and network stay, and the last two digits."""
    return f"{phone[:5]}{'•' * max(len(phone) - 7, 0)}{phone[-2:]}"


def valid_until(seen: dt.datetime, months: int | None) -> dt.datetime | None:
    """When a verification seen now lapses; the last day of a shorter month, None when it never does."""
    if months is None:
        return None
    year, month = divmod(seen.year * 12 + seen.month - 1 + months, 12)
    return seen.replace(year=year, month=month + 1, day=min(seen.day, monthrange(year, month + 1)[1]))


def standing(*, opted_out: bool, adult: bool, verified: bool, taken: bool, away: bool) -> str:
    """What decides whether a person may be called now, the firmest reason first.

    opted_out | under_18 | no_skill | taken | away | ready
    """
    reasons = {
        "opted_out": opted_out,
        "under_18": not adult,
        "no_skill": not verified,
        "taken": taken,
        "away": away,
    }
    return next((reason for reason, holds in reasons.items() if holds), "ready")
