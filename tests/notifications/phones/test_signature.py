"""Our signatures are Twilio's."""

from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from notifications.phones.signature import sign

URL = "https://nafeer.example.org/twilio/k9/status/?attempt=7"


@given(st.dictionaries(st.text(min_size=1), st.text()), st.text(min_size=1))
def test_the_signature_is_the_one_twilio_computes(fields: dict[str, str], token: str) -> None:
    token = token.encode("utf-8", "replace").decode()
    fields = {
        k.encode("utf-8", "replace").decode(): v.encode("utf-8", "replace").decode()
        for k, v in fields.items()
    }
    assert sign(token, URL, fields) == RequestValidator(token).compute_signature(URL, fields)


def test_twilios_validator_accepts_the_signature_and_no_other() -> None:
    fields = {"Body": "نعم ٣٠", "From": "+218920000001"}
    signature = sign("secret", URL, fields)
    assert RequestValidator("secret").validate(URL, fields, signature)
    assert not RequestValidator("secret").validate(URL, fields | {"Body": "لا"}, signature)
