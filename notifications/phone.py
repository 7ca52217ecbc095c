"""Phone numbers: reading what people write, and showing no more than needed."""

import re
from typing import Final

import phonenumbers

_SEPARATORS: Final = re.compile(r"[\s\u200e\u200f\u202a-\u202e\u2066-\u2069().\-\u2010-\u2015/\u00a0]+")
_E164: Final = re.compile(r"\+[1-9][0-9]{6,14}")


class BadNumber(ValueError):
    """A phone number nobody could be reached at.

    code: empty | not_a_number | no_country | unknown_country | too_short | too_long | not_in_use;
    worded on display.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def ascii_digits(text: str) -> str:
    """Arabic-Indic, Persian and any other Unicode decimal digits as 0-9; everything else unchanged."""
    return "".join(str(int(c)) if c.isdecimal() and not c.isascii() else c for c in text)


def normalise(text: str, country: str | None = None) -> str:
    """A number as people write it -> E.164.

    country: ISO 3166-1 alpha-2 of numbers written without a country code. Raises BadNumber.
    """
    plain = _SEPARATORS.sub("", ascii_digits(text).replace("\uff0b", "+"))
    if not plain:
        raise BadNumber("empty")
    if not re.fullmatch(r"\+?[0-9]+", plain):
        raise BadNumber("not_a_number")
    if plain.startswith("00"):
        plain = "+" + plain[2:]
    if not plain.startswith("+") and country is None:
        raise BadNumber("no_country")
    try:
        number = phonenumbers.parse(plain, country)
    except phonenumbers.NumberParseException as error:
        raise BadNumber(_PARSE_CODES.get(error.error_type, "not_a_number")) from error
    reason = phonenumbers.is_possible_number_with_reason(number)
    if reason != phonenumbers.ValidationResult.IS_POSSIBLE:
        raise BadNumber(_LENGTH_CODES.get(reason, "not_in_use"))
    if not phonenumbers.is_valid_number(number):
        raise BadNumber("not_in_use")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


_PARSE_CODES: Final[dict[int, str]] = {
    phonenumbers.NumberParseException.INVALID_COUNTRY_CODE: "unknown_country",
    phonenumbers.NumberParseException.TOO_SHORT_AFTER_IDD: "too_short",
    phonenumbers.NumberParseException.TOO_SHORT_NSN: "too_short",
    phonenumbers.NumberParseException.TOO_LONG: "too_long",
}
_LENGTH_CODES: Final[dict[int, str]] = {
    phonenumbers.ValidationResult.INVALID_COUNTRY_CODE: "unknown_country",
    phonenumbers.ValidationResult.TOO_SHORT: "too_short",
    phonenumbers.ValidationResult.TOO_LONG: "too_long",
}


def is_e164(text: str) -> bool:
    """Whether the text is written as E.164, ASCII digits only; says nothing about the number being in use."""
    return _E164.fullmatch(text) is not None


def country(number: str) -> str:
    """E.164 -> ISO 3166-1 alpha-2, "" where the number tells none (satellite, unassigned)."""
    try:
        code = phonenumbers.region_code_for_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return ""
    return code if code and len(code) == 2 and code.isalpha() else ""


def mask(number: str) -> str:
    """E.164 for the screen of somebody who need not call it: country code and the last two digits."""
    if not is_e164(number):
        return "•" * len(number)
    try:
        code = str(phonenumbers.parse(number).country_code)
    except phonenumbers.NumberParseException:
        code = ""
    rest = number[1 + len(code) :]
    return f"+{code} {'•' * (len(rest) - 2)}{rest[-2:]}"
