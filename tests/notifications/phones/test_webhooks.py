"""The customer hears of every change, signed as Twilio signs."""

import pytest

from tests.notifications.phones.conftest import (
    ACCOUNT,
    ASK,
    CONFIRM,
    HANDSET,
    MUTE,
    NUMBER,
    SURE,
    TOKEN,
    Carrier,
    Customer,
    until,
)  # fmt: skip

PLACES = ("Country", "City", "State", "Zip")
INBOUND_FIELDS = {
    *("MessageSid", "SmsSid", "SmsMessageSid", "AccountSid", "From", "To", "Body", "NumMedia", "NumSegments"),
    *("SmsStatus", "ApiVersion"),
    *(f"{end}{place}" for end in ("From", "To") for place in PLACES),
}


def callback(customer: Customer, attempt: int = 1) -> str:
    return f"{customer.url}/status/?attempt={attempt}"


def test_the_first_status_is_not_called_back_and_the_others_are(carrier: Carrier, customer: Customer) -> None:
    message = carrier.send(status_callback=callback(customer))
    carrier.settle()
    assert customer.statuses() == ["sent", "delivered"]
    for hook in customer.heard:
        assert hook.is_signed_by(TOKEN)
        assert not hook.is_signed_by("another token")
        assert (hook.fields["MessageSid"], hook.fields["AccountSid"]) == (message.sid, ACCOUNT)
        assert hook.fields["SmsStatus"] == hook.fields["MessageStatus"]


@pytest.mark.parametrize(
    ("fault", "code"),
    [("rate_off", 30003), ("rate_unknown", 30005), ("rate_landline", 30006), ("rate_lost", 30008)],
)
def test_an_unreachable_handset_is_told_with_its_code(
    carrier: Carrier, customer: Customer, fault: str, code: int
) -> None:
    carrier.scenario({fault: 1})
    sid = carrier.send(status_callback=callback(customer)).sid
    carrier.settle()
    assert customer.statuses() == ["sent", "undelivered"]
    assert customer.heard[-1].fields["ErrorCode"] == str(code)
    assert carrier.client().messages(sid).fetch().error_code == code


def test_a_number_named_dead_is_dead(carrier: Carrier, customer: Customer) -> None:
    carrier.scenario({"dead": {HANDSET: 30005}})
    carrier.send(status_callback=callback(customer))
    carrier.settle()
    assert customer.heard[-1].fields["ErrorCode"] == "30005"


def test_a_message_that_outlives_its_validity_fails(carrier: Carrier, customer: Customer) -> None:
    carrier.scenario({"parts_per_second": 0.00001})
    carrier.send(validity_period=1, status_callback=callback(customer, 1))
    carrier.send(validity_period=1, status_callback=callback(customer, 2))
    until(lambda: "failed" in customer.statuses(), "the second message expires")
    failed = next(hook for hook in customer.heard if hook.fields["MessageStatus"] == "failed")
    assert (failed.fields["ErrorCode"], failed.url) == ("30036", callback(customer, 2))


def test_a_filtered_message_is_undelivered(carrier: Carrier, customer: Customer) -> None:
    carrier.scenario({"rate_filtered": 1})
    carrier.send(status_callback=callback(customer))
    carrier.settle()
    assert [hook.fields.get("ErrorCode") for hook in customer.heard] == ["30007"]


def test_a_reply_is_posted_with_all_of_twilios_fields(carrier: Carrier, customer: Customer) -> None:
    carrier.control("say", {"from": HANDSET, "to": NUMBER, "text": "نعم ٣٠"})
    carrier.settle()
    [hook] = customer.heard
    assert set(hook.fields) == INBOUND_FIELDS
    assert hook.is_signed_by(TOKEN)
    assert (hook.fields["Body"], hook.fields["From"], hook.fields["FromCountry"]) == ("نعم ٣٠", HANDSET, "LY")


def test_blanks_and_line_ends_of_a_reply_arrive_as_typed(carrier: Carrier, customer: Customer) -> None:
    carrier.control("say", {"from": HANDSET, "to": NUMBER, "text": " 1 &+%\n20 "})
    carrier.settle()
    assert customer.heard[0].fields["Body"] == " 1 &+%\n20 "
    assert customer.heard[0].is_signed_by(TOKEN)


def test_a_failed_reply_goes_to_the_fallback_once_and_stays_listed(
    carrier: Carrier, customer: Customer
) -> None:
    customer.answers = {"/in": 500, "/fallback": 500}
    carrier.control("say", {"from": HANDSET, "to": NUMBER, "text": "1 20"})
    carrier.settle()
    assert [hook.url.removeprefix(customer.url) for hook in customer.heard] == ["/in", "/fallback"]
    assert customer.heard[1].fields["ErrorCode"] == "11200"
    assert [message.body for message in carrier.client().messages.list(to=NUMBER)] == ["1 20"]
    assert [post["outcome"] for post in carrier.ledger()[0]["posts"]] == ["500", "500"]


def test_a_customer_who_is_down_is_noted_not_waited_for(carrier: Carrier, customer: Customer) -> None:
    carrier.send(status_callback="http://127.0.0.1:1/status/")
    carrier.settle()
    outcomes = [post["outcome"] for post in carrier.ledger()[0]["posts"]]
    assert len(outcomes) == 2
    assert all(outcome.startswith("no answer") for outcome in outcomes)


def test_a_person_answers_goes_and_arrives(carrier: Carrier, customer: Customer) -> None:
    carrier.scenario(SURE)
    carrier.send()
    carrier.settle()
    carrier.send(body=CONFIRM)
    carrier.settle()
    first, arrived = (hook.fields["Body"] for hook in customer.heard)
    assert first[0] in "1١ن"
    assert arrived in ("4", "٤")


def test_nobody_can_answer_a_name(carrier: Carrier, customer: Customer) -> None:
    carrier.scenario(SURE)
    carrier.send(from_="Hilal")
    carrier.settle()
    assert customer.heard == []


def test_who_texts_stop_cannot_be_texted_until_start(carrier: Carrier) -> None:
    carrier.control("say", {"from": HANDSET, "to": NUMBER, "text": "stop"})
    with pytest.raises(Exception, match="unsubscribed"):
        carrier.send()
    carrier.control("say", {"from": HANDSET, "to": NUMBER, "text": "START"})
    assert carrier.send(body=ASK).status == "queued"


def test_three_hundred_replies_at_once_all_reach_the_customer(carrier: Carrier, customer: Customer) -> None:
    carrier.scenario(MUTE)
    for n in range(300):
        carrier.control("say", {"from": f"+21892{n:07}", "to": NUMBER, "text": "1"})
    carrier.settle()
    assert len({hook.fields["From"] for hook in customer.heard}) == 300
