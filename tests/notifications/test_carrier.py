"""The sender and the Twilio transport against the phone-network simulator, the judge in its own process."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection

from notifications import routes
from notifications.models import Attempt, Inbound, Message, Route
from notifications.sender.process import Sender
from notifications.tenancy import society
from notifications.transports.base import TransportError
from notifications.transports.twilio.transport import make
from tests.cast import Cast
from tests.notifications.conftest import draft, hand_in
from tests.notifications.phones.conftest import ACCOUNT, MUTE, NUMBER, TOKEN, Carrier, customer, process
from tests.notifications.test_sender import run_until, states

__all__ = ["customer", "process"]  # fixtures
EVIL = {"rate_429": 0.2, "rate_500_before": 0.1, "rate_500_after": 0.15, "rate_drop_after": 0.15}


@pytest.fixture
def line(committed: str, cast: Cast, process: Carrier, settings: LazySettings) -> Carrier:
    """Libya's route leads to the simulator; nobody listens where its webhooks go."""
    process.control("reset", {"numbers": True})
    process.scenario(MUTE)
    settings.TWILIO_API_URL, settings.NAFEER_PUBLIC_URL = process.url, "http://127.0.0.1:9"
    settings.SENDER_GRACE_S, settings.SENDER_POLL_S = 1.0, 0.3
    set_up(cast)
    return process


def set_up(cast: Cast, token: str = TOKEN) -> routes.SetUp:
    return routes.setup_route(
        society_id=cast.libya,
        country="LY",
        provider="twilio",
        sender=NUMBER,
        account=ACCOUNT,
        token=token,
        answer_by="local_gateway",
    )


def settled(cast: Cast) -> int:
    found = states(cast.libya)
    return found["sent"] + found["delivered"]


def play(done: Any) -> None:
    connection.close()
    asyncio.run(run_until(Sender(), done))


def test_set_up_tells_the_provider_where_replies_go(cast: Cast, line: Carrier) -> None:
    (number,) = line.client().incoming_phone_numbers.list()
    with society(cast.libya):
        key = Route.objects.get(country="LY").webhook_key
    assert number.sms_url == f"http://127.0.0.1:9/webhooks/twilio/{key}/inbound/"


def test_at_twilio_itself_set_up_never_buys_a_number(
    cast: Cast, line: Carrier, settings: LazySettings
) -> None:
    line.control("reset", {"numbers": True})
    with society(cast.libya):
        ours = routes.line(Route.objects.get(country="LY").pk)
    assert ours is not None

    async def announce() -> None:
        settings.TWILIO_API_URL = ""
        transport = make()
        settings.TWILIO_API_URL = line.url
        try:
            await transport.announce(ours)
        finally:
            await transport.close()

    with pytest.raises(TransportError, match="21606"):
        asyncio.run(announce())
    assert line.client().incoming_phone_numbers.list() == []


def test_set_up_again_keeps_the_webhook_key(cast: Cast, line: Carrier) -> None:
    assert set_up(cast).webhook_key == set_up(cast).webhook_key


def test_a_wrong_token_leaves_the_route_closed(cast: Cast, line: Carrier) -> None:
    with society(cast.libya):
        Route.objects.filter(country="LY").delete()
    with pytest.raises(TransportError, match="20003"):
        set_up(cast, token="wrong")
    with society(cast.libya):
        assert not Route.objects.get(country="LY").active


def test_a_hostile_carrier_gets_each_text_exactly_once(cast: Cast, line: Carrier) -> None:
    hand_in(cast.libya, *(draft(n) for n in range(60)))
    line.scenario(EVIL | {"listing_delay_real_s": 0.5})
    play(lambda: settled(cast) == 60)
    sent = Counter(row["to"] for row in line.ledger(direction="outbound"))
    assert (len(sent), set(sent.values())) == (60, {1})
    with society(cast.libya):
        ends = Counter(Attempt.objects.values_list("end", flat=True))
        ours = set(Message.objects.values_list("provider_id", flat=True))
    assert ends["found"], "some were taken and their answers lost"
    assert ends["absent"], "some never arrived and were sent again"
    assert ours == {row["sid"] for row in line.ledger(direction="outbound")}


def test_a_provider_that_is_away_gets_everything_when_it_is_back(cast: Cast, line: Carrier) -> None:
    hand_in(cast.libya, *(draft(n) for n in range(5)))
    line.scenario({"outage": "500"})
    play(lambda: states(cast.libya)["unknown"] > 0)
    line.scenario({"outage": "none"})
    play(lambda: settled(cast) == 5)
    assert len(line.ledger(direction="outbound")) == 5


def test_replies_that_came_while_our_web_was_away_are_fetched(cast: Cast, line: Carrier) -> None:
    for n in range(3):
        line.control("say", {"from": f"+21892000000{n}", "to": NUMBER, "text": f"رد {n}"})
    found: list[str] = []

    def arrived() -> bool:
        with society(cast.libya):
            found[:] = Inbound.objects.filter(came_by="poll").order_by("text").values_list("text", flat=True)
        return len(found) == 3

    play(arrived)
    assert found == ["رد 0", "رد 1", "رد 2"]


def test_a_number_the_carrier_refuses_is_failed_with_its_code(cast: Cast, line: Carrier) -> None:
    line.scenario({"denied_prefixes": ["+218"]})
    hand_in(cast.libya, draft(1))
    play(lambda: states(cast.libya) == {"failed": 1})
    with society(cast.libya):
        assert Message.objects.get().reason == "21408"
