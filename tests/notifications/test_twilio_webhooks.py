"""What may be posted to us, signed with an HMAC of our own and not with the library's."""

import base64
import hashlib
import hmac
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import LazySettings
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notifications.doors import Claim
from notifications.models import Inbound, Receipt, Route
from notifications.rules import State
from notifications.tenancy import society
from tests.cast import Cast
from tests.notifications.conftest import message

FORM = "application/x-www-form-urlencoded"
SID = "SM" + "1" * 32
KNOWN = {"AccountSid": "ACly", "ApiVersion": "2010-04-01", "MessageSid": SID}
REPLY = KNOWN | {"From": "+218920000001", "To": "+218910000000", "Body": "١", "NumMedia": "0"}


def sign(url: str, fields: dict[str, str], token: str = "token") -> str:
    text = url + "".join(name + fields[name] for name in sorted(fields))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def post(path: str, fields: dict[str, str], *, signed: str | None = None, body: str | None = None) -> Any:
    """Post as the provider would; signed: another signature, "" for none."""
    signature = sign(f"http://127.0.0.1:8000{path}", fields) if signed is None else signed
    headers = {"X-Twilio-Signature": signature} if signature else {}
    client = Client(headers=headers, raise_request_exception=True)
    return client.post(path, urlencode(fields) if body is None else body, content_type=FORM)


@pytest.fixture(autouse=True)
def _public(settings: LazySettings) -> None:
    settings.NAFEER_PUBLIC_URL = "http://127.0.0.1:8000"


@pytest.fixture
def inbound(cast: Cast) -> str:
    with society(cast.libya):
        Route.objects.update(sender="+218910000000")
    return "/webhooks/twilio/key-ly/inbound/"


def kept(cast: Cast) -> int:
    with society(cast.libya):
        return Inbound.objects.count()


def status_of(claimed: Claim, status: str = "delivered") -> tuple[str, dict[str, str]]:
    to = message(claimed.society_id, claimed.message_id).to_number
    path = f"/webhooks/twilio/key-ly/status/{claimed.attempt_id}/"
    return path, KNOWN | {"From": "+218910000000", "To": to, "MessageStatus": status}


def test_a_signed_reply_is_stored_and_answered_with_empty_twiml(cast: Cast, inbound: str) -> None:
    answer = post(inbound, REPLY)
    assert (answer.status_code, answer.content.count(b"<Response></Response>"), kept(cast)) == (200, 1, 1)


def test_a_replayed_reply_is_answered_and_not_stored_again(cast: Cast, inbound: str) -> None:
    assert [post(inbound, REPLY).status_code for _ in range(3)] == [200, 200, 200]
    assert kept(cast) == 1


@pytest.mark.parametrize("signature", ["", "forged", sign("http://127.0.0.1:8000/x", REPLY), "é", "=" * 5000])
def test_a_missing_or_forged_signature_is_refused(cast: Cast, inbound: str, signature: str) -> None:
    assert (post(inbound, REPLY, signed=signature).status_code, kept(cast)) == (403, 0)


def test_another_society_s_token_does_not_open_this_one(cast: Cast, inbound: str) -> None:
    signed = sign(f"http://127.0.0.1:8000{inbound}", REPLY, token="token-of-egypt")
    assert post(inbound, REPLY, signed=signed).status_code == 403


def test_the_address_is_ours_and_not_what_the_request_says(cast: Cast, inbound: str) -> None:
    signed = sign(f"http://localhost{inbound}", REPLY)
    answer = Client(headers={"X-Twilio-Signature": signed, "Host": "localhost"}).post(
        inbound, urlencode(REPLY), content_type=FORM
    )
    assert (answer.status_code, kept(cast)) == (403, 0)


def test_two_bodies_that_sign_alike_are_not_the_same_reply(cast: Cast, inbound: str) -> None:
    split = {k: v for k, v in REPLY.items() if k != "From"}
    split["Body"] = REPLY["Body"] + "From" + REPLY["From"]
    signed = sign(f"http://127.0.0.1:8000{inbound}", REPLY)
    assert signed == sign(f"http://127.0.0.1:8000{inbound}", split), "the premise"
    assert (post(inbound, split, signed=signed).status_code, kept(cast)) == (403, 0)


def test_a_field_that_stands_twice_is_refused(cast: Cast, inbound: str) -> None:
    body = urlencode([*REPLY.items(), ("From", REPLY["From"])])
    assert (post(inbound, REPLY, body=body).status_code, kept(cast)) == (403, 0)


@pytest.mark.parametrize("missing", sorted(REPLY))
def test_the_full_set_of_fields_is_wanted(cast: Cast, inbound: str, missing: str) -> None:
    short = {k: v for k, v in REPLY.items() if k != missing}
    assert (post(inbound, short).status_code, kept(cast)) == (403, 0)


@pytest.mark.parametrize(
    ("name", "value"),
    [("From", "218920000001"), ("From", "+٢١٨٩٢"), ("To", "+218910000099"), ("AccountSid", "ACeg"),
     ("MessageSid", "SM1"), ("MessageSid", "SM" + "1" * 31 + "\x00")],
)  # fmt: skip
def test_each_field_has_its_form(cast: Cast, inbound: str, name: str, value: str) -> None:
    assert (post(inbound, REPLY | {name: value}).status_code, kept(cast)) == (403, 0)


def test_an_oversized_body_is_refused(cast: Cast, inbound: str) -> None:
    assert (post(inbound, REPLY | {"Body": "x" * 20_000}).status_code, kept(cast)) == (403, 0)


def test_an_unknown_key_looks_like_a_bad_signature(cast: Cast) -> None:
    assert post("/webhooks/twilio/nobody/inbound/", REPLY).status_code == 403


def test_a_get_is_not_a_webhook(cast: Cast, inbound: str) -> None:
    assert Client().get(inbound).status_code == 405


def test_a_signed_receipt_moves_the_message(sent: Claim) -> None:
    assert post(*status_of(sent)).status_code == 204
    assert message(sent.society_id, sent.message_id).state == State.DELIVERED


def test_a_replayed_receipt_changes_nothing(sent: Claim) -> None:
    sent_receipt = status_of(sent, "sent")
    for path, fields in (sent_receipt, status_of(sent), sent_receipt, status_of(sent)):
        assert post(path, fields).status_code == 204
    assert message(sent.society_id, sent.message_id).state == State.DELIVERED
    with society(sent.society_id):
        assert Receipt.objects.count() == 2


def test_a_receipt_signed_for_another_attempt_is_refused(sent: Claim) -> None:
    path, fields = status_of(sent)
    other = path.replace(str(sent.attempt_id), str(sent.message_id))
    signed = sign(f"http://127.0.0.1:8000{path}", fields)
    assert post(other, fields, signed=signed).status_code == 403


def test_a_receipt_carries_the_reason_and_the_price(sent: Claim) -> None:
    path, fields = status_of(sent, "undelivered")
    post(path, fields | {"ErrorCode": "30003", "Price": "-0.0075", "PriceUnit": "USD"})
    row = message(sent.society_id, sent.message_id)
    assert (row.state, row.reason, str(row.price), row.currency) == ("failed", "30003", "-0.007500", "USD")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.binary(max_size=400), signature=st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]))
)
def test_no_bytes_whatever_make_an_error_page(cast: Cast, inbound: str, body: bytes, signature: str) -> None:
    answer = Client(headers={"X-Twilio-Signature": signature}).post(inbound, body, content_type=FORM)
    assert (answer.status_code, kept(cast)) == (403, 0)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.fixed_dictionaries(dict.fromkeys(REPLY, st.text(max_size=40))))
def test_signed_nonsense_is_refused_too(cast: Cast, inbound: str, values: dict[str, str]) -> None:
    values = {name: value.encode(errors="replace").decode() for name, value in values.items()}
    assert (post(inbound, values).status_code, kept(cast)) == (403, 0)
