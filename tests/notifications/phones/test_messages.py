"""Twilio's own client finds the Messages API it knows."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException

from tests.notifications.phones.conftest import (
    ACCOUNT,
    ASK,
    HANDSET,
    NUMBER,
    OTHER,
    OTHER_TOKEN,
    TOKEN,
    Carrier,
    until,
)  # fmt: skip

SERVICE = "MG" + "c3" * 16


def refusal(carrier: Carrier, **given: Any) -> tuple[int, int]:
    with pytest.raises(TwilioRestException) as caught:
        carrier.send(**given)
    return caught.value.status, caught.value.code


def test_a_created_message_is_queued_and_has_no_date_sent(carrier: Carrier) -> None:
    carrier.scenario({"queue_s": 1e9})
    message = carrier.send()
    assert (message.status, message.direction, message.body) == ("queued", "outbound-api", ASK)
    assert (message.to, message.from_, message.num_segments) == (HANDSET, NUMBER, "1")
    assert (message.date_sent, message.price, message.error_code) == (None, None, None)
    assert abs(message.date_created - datetime.now(UTC)) < timedelta(seconds=5)


def test_a_message_is_delivered_in_time(carrier: Carrier) -> None:
    sid = carrier.send().sid
    carrier.settle()
    message = carrier.client().messages(sid).fetch()
    assert message.status == "delivered"
    assert message.date_sent is not None


def test_a_messaging_service_chooses_the_sender_after_accepting(carrier: Carrier) -> None:
    first = carrier.send(from_=None, messaging_service_sid=SERVICE)
    assert (first.status, first.from_, first.num_segments) == ("accepted", None, "0")
    carrier.settle()
    assert carrier.client().messages(first.sid).fetch().from_ == NUMBER
    assert [m.sid for m in carrier.client().messages.list(from_=NUMBER)] == [first.sid]


def test_a_messaging_service_without_numbers_fails(carrier: Carrier) -> None:
    client = carrier.client(OTHER, OTHER_TOKEN)
    sid = client.messages.create(to=HANDSET, body=ASK, messaging_service_sid=SERVICE).sid
    carrier.settle()
    message = client.messages(sid).fetch()
    assert (message.status, message.error_code) == ("failed", 21704)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"to": "0921234567"}, 21211),
        ({"body": ""}, 21602),
        ({"body": "x" * 1601}, 21617),
        ({"from_": "+218919999999"}, 21660),
        ({"from_": "12"}, 21212),
        ({"from_": None}, 21603),
        ({"to": NUMBER}, 21266),
        ({"messaging_service_sid": "MGx"}, 21701),
        ({"status_callback": "nowhere"}, 21609),
        ({"validity_period": 36001}, 20001),
        ({"media_url": ["http://127.0.0.1/a.png"]}, 20001),
        ({"send_at": datetime(2030, 1, 1, tzinfo=UTC), "schedule_type": "fixed"}, 35118),
    ],
)
def test_a_wrong_message_is_refused_with_twilios_code(
    carrier: Carrier, given: dict[str, Any], code: int
) -> None:
    assert refusal(carrier, **given) == (400, code)
    assert carrier.ledger() == []


def test_an_error_has_twilios_shape(carrier: Carrier) -> None:
    answer = carrier.http.post(
        f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json", data={"To": "1"}, auth=(ACCOUNT, TOKEN)
    )
    assert answer.json() == {
        "code": 21211,
        "message": "Invalid 'To' Phone Number: 1",
        "more_info": "https://www.twilio.com/docs/errors/21211",
        "status": 400,
    }


@pytest.mark.parametrize(("account", "token"), [(ACCOUNT, "wrong"), (OTHER, TOKEN), ("ACx", "x")])
def test_only_the_accounts_token_opens_it(carrier: Carrier, account: str, token: str) -> None:
    with pytest.raises(TwilioRestException) as caught:
        carrier.client(account, token).messages("SM" + "0" * 32).fetch()
    assert (caught.value.status, caught.value.code) == (401, 20003)


def test_one_account_does_not_see_the_others_messages(carrier: Carrier) -> None:
    sid = carrier.send().sid
    other = carrier.client(OTHER, OTHER_TOKEN)
    assert other.messages.list() == []
    with pytest.raises(TwilioRestException) as caught:
        other.messages(sid).fetch()
    assert caught.value.status == 404
    answer = carrier.http.get(f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json", auth=(OTHER, OTHER_TOKEN))
    assert answer.status_code == 401


def test_the_list_pages_through_everything_newest_first(carrier: Carrier) -> None:
    sids = [carrier.send(to=f"+2189200000{n:02}").sid for n in range(25)]
    listed = carrier.client().messages.list(page_size=10)
    assert [message.sid for message in listed] == sids[::-1]


def test_a_page_stays_in_place_while_new_messages_come(carrier: Carrier) -> None:
    sids = [carrier.send().sid for _ in range(4)]
    page = carrier.client().messages.page(page_size=2)
    carrier.send()
    assert [message.sid for message in page.next_page()] == sids[1::-1]


def test_the_list_is_filtered_by_to_and_from(carrier: Carrier) -> None:
    wanted = carrier.send(to="+218920000002").sid
    carrier.send(to="+218920000003")
    client = carrier.client()
    assert [m.sid for m in client.messages.list(to="+218920000002", from_=NUMBER)] == [wanted]
    assert client.messages.list(to="+218920000002", from_="+218910000009") == []


def test_the_date_filter_leaves_out_what_is_not_sent_yet(carrier: Carrier) -> None:
    sent = carrier.send().sid
    carrier.settle()
    carrier.scenario({"queue_s": 1e9})
    carrier.send()
    hour, messages = timedelta(hours=1), carrier.client().messages
    now = datetime.now(UTC)
    assert [m.sid for m in messages.list(date_sent_after=now - hour, date_sent_before=now + hour)] == [sent]
    assert messages.list(date_sent_after=now + hour) == []
    assert messages.list(date_sent=now - timedelta(days=2)) == []


def test_an_inbound_message_is_listed_by_our_number(carrier: Carrier) -> None:
    carrier.control("say", {"from": HANDSET, "to": NUMBER, "text": "نعم ٣٠"})
    [message] = carrier.client().messages.list(to=NUMBER)
    assert (message.direction, message.status, message.body, message.from_) == (
        "inbound", "received", "نعم ٣٠", HANDSET,
    )  # fmt: skip


def test_a_listing_that_is_late_hides_the_message_only_from_the_list(carrier: Carrier) -> None:
    carrier.scenario({"listing_delay_real_s": 0.5})
    sid = carrier.send().sid
    assert carrier.client().messages.list() == []
    assert carrier.client().messages(sid).fetch().sid == sid
    until(lambda: carrier.client().messages.list(), "the message is listed")


def test_a_body_is_redacted_once_the_message_has_left(carrier: Carrier) -> None:
    sid = carrier.send().sid
    carrier.settle()
    assert carrier.client().messages(sid).update(body="").body == ""
    assert carrier.ledger()[0]["body"] == ASK
    assert carrier.ledger()[0]["redacted"]


def test_a_message_in_the_queue_can_be_neither_redacted_nor_deleted_nor_canceled(carrier: Carrier) -> None:
    carrier.scenario({"queue_s": 1e9})
    message = carrier.client().messages(carrier.send().sid)
    codes = []
    for act in (lambda: message.update(body=""), message.delete, lambda: message.update(status="canceled")):
        with pytest.raises(TwilioRestException) as caught:
            act()
        codes.append(caught.value.code)
    assert codes == [20009, 20009, 30409]


def test_a_scheduled_message_is_sent_at_its_time_or_canceled_before(carrier: Carrier) -> None:
    clock = carrier.domain_now()
    given: dict[str, Any] = {"from_": None, "messaging_service_sid": SERVICE, "schedule_type": "fixed"}
    late = carrier.send(send_at=clock + timedelta(days=30), **given)
    soon = carrier.send(send_at=clock + timedelta(hours=2), **given)
    assert (late.status, soon.status) == ("scheduled", "scheduled")
    messages = carrier.client().messages
    assert messages(late.sid).update(status="canceled").status == "canceled"
    until(lambda: messages(soon.sid).fetch().status == "delivered", "the scheduled message leaves")


def test_a_deleted_message_is_gone_from_the_api_and_kept_in_the_ledger(carrier: Carrier) -> None:
    sid = carrier.send().sid
    carrier.settle()
    assert carrier.client().messages(sid).delete()
    assert carrier.client().messages.list() == []
    assert carrier.ledger()[0]["deleted"]


def test_what_is_not_there_is_404_and_a_wrong_method_405(carrier: Carrier) -> None:
    url = f"/2010-04-01/Accounts/{ACCOUNT}"
    statuses = [
        carrier.http.request(method, url + path, auth=(ACCOUNT, TOKEN)).status_code
        for method, path in (("GET", "/Messages/SMx.json"), ("GET", "/Fax.json"), ("PUT", "/Messages.json"))
    ]
    assert statuses == [404, 404, 405]
    assert carrier.http.post(f"{url}/Messages.json", content=b"x" * 70000).status_code == 413
