"""What a volunteer's text means. One grammar for SMS, links and keypads, in Arabic and English.

1 [minutes] = coming, 2 = no, 3 = reserve, 4 = arrived, 5 = safe at home, 9 = needs help; all digit forms, the
usual words for yes and no. Anything else is unclear and is asked back, never guessed.
"""

import re
import unicodedata
from dataclasses import dataclass

COMING, DECLINED, RESERVE, ARRIVED, SAFE, HELP, UNCLEAR = (
    "coming", "declined", "reserve", "arrived", "safe", "help", "unclear"
)  # fmt: skip
CODES = {"1": COMING, "2": DECLINED, "3": RESERVE, "4": ARRIVED, "5": SAFE, "9": HELP}
LONGEST_ETA_MIN = 24 * 60

WORDS = {
    COMING: (
        "yes", "y", "ok coming", "coming", "im coming", "i am coming", "on my way", "yes coming",
        "نعم", "ايوه", "ايوا", "اي", "اه", "اجل", "قادم", "قادمه", "جاي", "جايه", "جاهز", "جاهزه", "في الطريق",
        "نعم قادم", "حاضر", "ان شاء الله قادم", "تمام جاي",
    ),
    DECLINED: (
        "no", "n", "cannot", "cant", "i cannot", "i cant", "no sorry", "sorry no", "not available",
        "لا", "لأ", "لا استطيع", "لا اقدر", "ما اقدر", "مااقدر", "مش قادر", "لن اتمكن", "اعتذر", "للاسف لا", "غير متاح",
    ),
    RESERVE: ("reserve", "احتياط", "في الاحتياط"),
    ARRIVED: ("arrived", "i have arrived", "im here", "وصلت", "انا وصلت"),
    SAFE: ("safe", "home safe", "i am safe", "عدت سالما", "انا بخير", "بخير", "سالم"),
    HELP: ("help", "sos", "ساعدوني", "مساعده", "النجده"),
}  # fmt: skip


# What unsubscribes at the carrier too (Twilio's words), and the Arabic for it.
OPT_OUT = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "ايقاف", "الغاء الاشتراك"})


@dataclass(frozen=True)
class Reply:
    """`kind` is one of the words above; `minutes` until arrival when a coming person said so."""

    kind: str
    minutes: int | None = None


def plain(text: str) -> str:
    """A text without what does not change its meaning: digit forms, diacritics, tatweel, direction marks, case."""
    out = []
    for char in unicodedata.normalize("NFKC", text):
        if char.isdecimal():
            out.append(str(unicodedata.decimal(char)))
        elif unicodedata.category(char) in {"Mn", "Cf"} or char == "ـ":
            continue
        else:
            out.append(char)
    folded = "".join(out).casefold().translate(str.maketrans("أإآٱىة", "اااايه"))
    return re.sub(r"\s+", " ", re.sub(r"[^\w\s]", " ", folded.replace("'", ""))).strip()


_WORD_KIND = {plain(word): kind for kind, words in WORDS.items() for word in words}
_MINUTES = r"(?:min|mins|minute|minutes|m|د|دقيقه|دقائق|دقايق)"
_NUMBERED = re.compile(rf"(?:رد )?([123459])(?: (?:في |خلال |in )?(\d{{1,4}})(?: ?{_MINUTES})?)?")
_WORDED = re.compile(rf"(\D+?) ?(?:في |خلال |بعد |in )?(\d{{1,4}})(?: ?{_MINUTES})?")


def read(text: str) -> Reply:
    """The meaning of a text; UNCLEAR unless the whole text is understood."""
    words = plain(text)
    if found := _NUMBERED.fullmatch(words):
        kind, minutes = CODES[found[1]], found[2]
        # "1 30" is an arrival time; "2 30" is not a thing one can say.
        if minutes is None or kind == COMING:
            return _timed(kind, minutes)
        return Reply(UNCLEAR)
    if kind := _WORD_KIND.get(words, ""):
        return Reply(kind)
    if (found := _WORDED.fullmatch(words)) and _WORD_KIND.get(found[1].strip()) == COMING:
        return _timed(COMING, found[2])
    return Reply(UNCLEAR)


def wants_out(text: str) -> bool:
    """Whether somebody asks never to be texted again; the whole text must be the word."""
    return plain(text) in OPT_OUT


def _timed(kind: str, minutes: str | None) -> Reply:
    if minutes is None:
        return Reply(kind)
    value = int(minutes)
    return Reply(kind, value) if 0 < value <= LONGEST_ETA_MIN else Reply(UNCLEAR)
