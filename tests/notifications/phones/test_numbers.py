"""Numbers are rented and pointed at the customer as with Twilio."""

import pytest
from twilio.base.exceptions import TwilioRestException

from tests.notifications.phones.conftest import ACCOUNT, NUMBER, OTHER, OTHER_TOKEN, Carrier


def test_the_account_can_be_asked_for(carrier: Carrier) -> None:
    account = carrier.client().api.v2010.accounts(ACCOUNT).fetch()
    assert (account.sid, account.status) == (ACCOUNT, "active")


def test_a_number_is_found_by_its_digits_and_pointed_elsewhere(carrier: Carrier) -> None:
    [number] = carrier.client().incoming_phone_numbers.list(phone_number=NUMBER)
    number.update(sms_url="http://127.0.0.1:9/in", sms_method="POST")
    found = carrier.client().incoming_phone_numbers(number.sid).fetch()
    assert (found.sms_url, found.sms_method, found.phone_number) == ("http://127.0.0.1:9/in", "POST", NUMBER)
    assert found.sms_fallback_url.endswith("/fallback")


def test_a_number_belongs_to_one_account(carrier: Carrier) -> None:
    other = carrier.client(OTHER, OTHER_TOKEN)
    with pytest.raises(TwilioRestException) as caught:
        other.incoming_phone_numbers.create(phone_number=NUMBER)
    assert caught.value.code == 21422
    assert other.incoming_phone_numbers.list() == []


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"phone_number": "0910000001"}, 21421),
        ({"phone_number": "+218910000002", "sms_url": "here"}, 21402),
        ({"phone_number": "+218910000002", "sms_method": "PUT"}, 21403),
    ],
)
def test_a_wrong_number_is_refused(carrier: Carrier, given: dict[str, str], code: int) -> None:
    with pytest.raises(TwilioRestException) as caught:
        carrier.client().incoming_phone_numbers.create(**given)
    assert caught.value.code == code


def test_numbers_page_and_can_be_given_back(carrier: Carrier) -> None:
    numbers = carrier.client().incoming_phone_numbers
    for n in range(2, 7):
        numbers.create(phone_number=f"+21891000000{n}")
    assert len(numbers.list(page_size=2)) == 6
    for number in numbers.list():
        assert number.delete()
    assert numbers.list() == []
