"""What a person sees in a text: is it for me, does it ask, what may I answer?"""

import re
from dataclasses import dataclass

DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
ARABIC = re.compile("[\u0600-\u06ff]")
HOW_TO_ANSWER = re.compile(r"\b(?:رد|رُد|أجب|اجب|أرسل|ارسل|reply|answer|text|send)\b", re.IGNORECASE)
STANDALONE = r"(?<![\d:.,/])%s(?![\d:/]|[.,]\d)"
INCIDENT_CODE = re.compile(r"(?<![A-Za-z0-9])(?=[A-Z0-9]*\d)[A-Z][A-Z0-9]{1,7}(?![A-Za-z0-9]|\.\d)")
"""K7, but not the M7 of a magnitude M7.1."""
FINISHED = re.compile(
    r"stand(?:ing)?[ -]?down|stood down|no longer needed|not needed|no need to|cancel|closed|complete|enough"
    r"|\bover\b|\bended\b"
    r"|لا حاجة|لم نعد|اكتمل|كفاية|يكفي|انته|ألغي|إلغاء|الغاء|ملغ|أغلق",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Text:
    """A text as its receiver understands it."""

    language: str
    """"ar" when it holds an Arabic letter, else "en"."""
    asks: bool
    """It says to answer 1 or 2."""
    takes_minutes: bool
    takes_reserve: bool
    takes_arrival: bool
    """It says to text 4 on arrival: the confirmation."""
    finished: bool
    """It stands the receiver down."""
    code: str | None
    """The incident's code, such as K7."""


def read(body: str) -> Text:
    plain = body.translate(DIGITS)
    how = HOW_TO_ANSWER.search(plain)
    choices = plain[how.end() :] if how else plain
    one = re.search(STANDALONE % 1, choices)
    two = re.search(STANDALONE % 2, choices[one.end() :]) if one else None
    asks = bool(two) and (how is not None or re.search(STANDALONE % 1 + "[^=]{0,30}=", choices) is not None)
    four = re.search(STANDALONE % 4 + ("" if how else r"\s*="), choices)
    code = INCIDENT_CODE.search(plain[: how.start()] if how else plain)
    return Text(
        language="ar" if ARABIC.search(body) else "en",
        asks=asks,
        takes_minutes=asks and re.search(STANDALONE % 1 + r"\s*(?:\+|و|<|\[|min|دق)", choices) is not None,
        takes_reserve=asks and re.search(STANDALONE % 3, choices) is not None,
        takes_arrival=not asks and four is not None,
        finished=not asks and four is None and FINISHED.search(plain) is not None,
        code=code.group() if code else None,
    )


GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM7_TWO_PLACES = frozenset("^{}\\[~]|€\f")


def parts(body: str) -> int:
    """SMS parts a body is billed as: 160/153 places in GSM-7, 70/67 in UCS-2 (3GPP TS 23.038)."""
    if all(letter in GSM7 or letter in GSM7_TWO_PLACES for letter in body):
        length, single, chained = len(body) + sum(letter in GSM7_TWO_PLACES for letter in body), 160, 153
    else:
        length, single, chained = len(body.encode("utf-16-le")) // 2, 70, 67
    return 1 if length <= single else -(-length // chained)
