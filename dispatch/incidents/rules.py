"""Incident codes: a letter people can say on the radio, and a number."""

from collections.abc import Iterable

KINDS = ("flood", "earthquake", "fire", "storm", "heat", "landslide", "epidemic", "conflict", "other")
# No I, O, Q: they read as 1 and 0 on a small screen; no A and B, which letter a volunteer's open calls.
LETTERS = "CDEFGHJKLMNPRSTUVWXYZ"
LONGEST = 99


class NoCodeLeft(RuntimeError):
    """All incident codes are in use by open incidents."""


def next_code(place: str, used: Iterable[str]) -> str:
    """A free code for an incident, its letter taken from the place's Latin name where possible ("Derna" -> D1)."""
    taken = set(used)
    first = place[:1].upper()
    letters = first + LETTERS.replace(first, "") if first in LETTERS and first else LETTERS
    for number in range(1, LONGEST + 1):
        for letter in letters:
            if (code := f"{letter}{number}") not in taken:
                return code
    raise NoCodeLeft("Every incident code is in use; close incidents that are over.")
