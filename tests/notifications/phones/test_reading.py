"""People understand the texts they get."""

import pytest

from notifications.phones.reading import parts, read

CALLS = [
    "الهلال: فيضان الرقة K7. مطلوب إسعاف. رد 1+دقائق=قادم 2=لا 3=احتياط",
    "DRILL Red Crescent: flood Derna K7. Need medics. Reply 1+minutes=coming 2=no 3=reserve",
    "K7: we did not understand. Send 1+minutes=coming or 2=no or 3=reserve",
    "الهلال: K7 مطلوب إسعاف عن بعد. رد ١=نعم ٢=لا",
]
NOT_CALLS = [
    "K7: thank you. Be there by 21:20: school 12, hall 2. Send 4 on arrival",
    "K7: اكتمل العدد. لا حاجة للحضور الآن. شكرًا لاستعدادك.",
    "K7: thank you for answering. If that changes send 1",
    "Earthquake 1.2 km from you at 12:21",
]


@pytest.mark.parametrize("body", CALLS)
def test_a_text_with_answers_one_and_two_asks(body: str) -> None:
    assert read(body).asks
    assert read(body).code == "K7"


@pytest.mark.parametrize("body", NOT_CALLS)
def test_other_texts_do_not_ask(body: str) -> None:
    assert not read(body).asks


def test_the_language_is_that_of_the_letters() -> None:
    assert [read(body).language for body in CALLS] == ["ar", "en", "en", "ar"]


def test_a_confirmation_takes_the_arrival_and_a_stand_down_ends_it() -> None:
    assert read(NOT_CALLS[0]).takes_arrival
    assert not read(NOT_CALLS[0]).finished
    assert read(NOT_CALLS[1]).finished
    assert read("K7: places are full, no need to come now. Thank you.").finished


def test_being_put_in_reserve_is_no_stand_down() -> None:
    assert not read("K7: شكرًا. الأماكن مكتملة وأنت في الاحتياط. نبلغك إن احتجنا إليك.").finished


def test_minutes_are_given_only_where_they_are_asked_for() -> None:
    assert [read(body).takes_minutes for body in CALLS] == [True, True, True, False]


def test_a_magnitude_is_no_incident_code() -> None:
    assert read("Red Crescent: earthquake M7.1 Raqqa R2. Reply 1=coming 2=no").code == "R2"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("ع" * 70, 1),
        ("ع" * 71, 2),
        ("ع" * 135, 3),
        ("€" * 81, 2),
        ("😀" * 35, 1),
    ],
)
def test_parts_are_counted_as_carriers_bill_them(body: str, expected: int) -> None:
    assert parts(body) == expected
