"""Facts about people that need no database: keys, coarse positions, hours of the week."""

import datetime as dt
import hashlib
import hmac
import math
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
