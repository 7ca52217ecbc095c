"""Country of a number, as carriers put it into FromCountry and ToCountry."""

CALLING_CODES = {
    "1": "US", "20": "EG", "211": "SS", "212": "MA", "213": "DZ", "216": "TN", "218": "LY", "222": "MR",
    "249": "SD", "252": "SO", "253": "DJ", "269": "KM", "44": "GB", "90": "TR", "961": "LB", "962": "JO",
    "963": "SY", "964": "IQ", "965": "KW", "966": "SA", "967": "YE", "968": "OM", "970": "PS", "971": "AE",
    "973": "BH", "974": "QA",
}  # fmt: skip
"""ITU-T E.164 country codes of the Arab League's members and a few others."""


def country_of(number: str) -> str:
    """ISO 3166-1 alpha-2 code, or "" where the table has none."""
    digits = number.removeprefix("+")
    return next((CALLING_CODES[digits[:n]] for n in (3, 2, 1) if digits[:n] in CALLING_CODES), "")
