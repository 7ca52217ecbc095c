"""Driving time and its rings, as far as a straight line tells. Estimates, and shown as such."""

import math

# 60 km/h on mixed roads, and roads 1.3 times as long as the line between their ends.
SPEED_KMH, DETOUR = 60.0, 1.3
METRES_A_MINUTE = SPEED_KMH * 1000 / 60 / DETOUR
METRES_A_DEGREE = 111_320.0


def drive_minutes(metres: float) -> int:
    """About how long somebody `metres` away (straight line) drives, at least 1."""
    return max(1, round(metres / METRES_A_MINUTE))


def ring(lon: float, lat: float, minutes: float, corners: int = 72) -> list[tuple[float, float]]:
    """The closed outline of what is `minutes` of driving away; (lon, lat) in degrees."""
    radius = minutes * METRES_A_MINUTE / METRES_A_DEGREE
    wide = radius / max(math.cos(math.radians(lat)), 0.05)
    turns = [2 * math.pi * i / corners for i in range(corners)]
    points = [(round(lon + wide * math.cos(a), 5), round(lat + radius * math.sin(a), 5)) for a in turns]
    return [*points, points[0]]
