"""Phone numbers as people write them."""

import pytest

from notifications import phone


@pytest.mark.parametrize(
    "written",
    [
        "091 234 5678", "٠٩١٢٣٤٥٦٧٨", "۰۹۱-۲۳۴-۵۶۷۸", "+218 91 234 5678", "00218912345678",
        "\u200e+218912345678\u200f", "(091) 2345678",
    ],
)  # fmt: skip
def test_one_libyan_number_however_it_is_written(written: str) -> None:
    assert phone.normalise(written, "LY") == "+218912345678"


@pytest.mark.parametrize(
    ("written", "country", "code"),
    [
        ("", "LY", "empty"),
        ("رقم", "LY", "not_a_number"),
        ("0912345678", None, "no_country"),
        ("+999123456", None, "unknown_country"),
        ("123", "LY", "too_short"),
        ("+2189123456789012", None, "too_long"),
        ("+218001234567", None, "not_in_use"),
    ],
)
def test_a_bad_number_says_what_is_wrong(written: str, country: str | None, code: str) -> None:
    with pytest.raises(phone.BadNumber) as caught:
        phone.normalise(written, country)
    assert caught.value.code == code


@pytest.mark.parametrize("text", ["+218912345678\n", "+٢١٨٩١٢٣٤٥٦٧٨", "218912345678", "+0123456789", "+2126"])
def test_what_only_resembles_e164_is_not(text: str) -> None:
    assert not phone.is_e164(text)


def test_a_masked_number_shows_country_and_two_digits() -> None:
    assert phone.mask("+218912345678") == "+218 •••••••78"


def test_the_country_of_a_number() -> None:
    assert [phone.country(n) for n in ("+218912345678", "+201001234567", "+870773111632")] == ["LY", "EG", ""]
