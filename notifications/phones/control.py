"""The simulator's own doors, outside Twilio's paths: ledger, health, and a hand on the controls."""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from ipaddress import ip_address
from itertools import islice
from typing import Any

from notifications.phones import ledger
from notifications.phones.asgi import Request, Response, answer_json
from notifications.phones.network import Network
from notifications.phones.page import traffic_page
from notifications.phones.rest_messages import E164
from notifications.phones.scenario import Scenario, parse
from notifications.phones.settings import Misconfigured
from notifications.phones.store import INBOUND

ROWS, MOST_ROWS, CHUNK = 1000, 10000, 500


class BadRequest(Exception):
    """The caller's mistake; the message says what is wanted."""


class Control:
    def __init__(self, network: Network) -> None:
        self.network = network

    async def health(self, request: Request) -> Response:
        """Alive; how much is under way, and the simulator's clock."""
        network, clock = self.network, self.network.settings.clock
        return answer_json(
            {
                "ok": True,
                "accounts": len(network.settings.accounts),
                "messages": len(network.store.messages),
                "waiting": network.waiting,
                "speed": clock.speed,
                "domain_now": clock.domain(datetime.now(UTC)).isoformat(),
            }
        )

    async def ledger(self, request: Request) -> Response:
        """JSON pages {rows, next} (limit, after = the last `next`); format=jsonl: all rows as lines."""
        query = request.query
        for name in ("after", "limit"):
            if not query.get(name, "0").removeprefix("-").isdecimal():
                raise BadRequest(f"{name} must be a whole number.")
        if query.get("direction", "inbound") not in ("inbound", "outbound"):
            raise BadRequest("direction must be inbound or outbound.")
        rows = (
            ledger.row(message, self.network.settings.clock) for message in ledger.select(self.network, query)
        )
        if query.get("format") == "jsonl":
            return Response(200, _lines(rows), "application/x-ndjson")
        limit = max(1, min(int(query.get("limit", ROWS)), MOST_ROWS))
        found = list(islice(rows, limit + 1))
        following = found[limit - 1]["seq"] if len(found) > limit else None
        return answer_json({"rows": found[:limit], "next": following})

    async def summary(self, request: Request) -> Response:
        return answer_json(ledger.summary(self.network, request.query.get("account")))

    async def scenario(self, request: Request) -> Response:
        """Lay the given keys over the scenario in force; {"defaults": true} starts from the defaults."""
        given = _object(request)
        base = Scenario() if given.pop("defaults", False) else self.network.scenario
        try:
            self.network.use(parse(given, base))
        except Misconfigured as error:
            raise BadRequest(str(error)) from error
        self.network.journal.write("scenario", asdict(self.network.scenario))
        return answer_json(asdict(self.network.scenario))

    async def show_scenario(self, request: Request) -> Response:
        return answer_json(asdict(self.network.scenario))

    async def reset(self, request: Request) -> Response:
        self.network.reset(numbers=bool(_object(request).get("numbers", False)))
        return answer_json({"ok": True})

    async def say(self, request: Request) -> Response:
        """Let a handset text a number of ours: {"from": handset, "to": number, "text": words}."""
        given = _object(request)
        handset, to, words = (_text(given.get(name, "")) for name in ("from", "to", "text"))
        number = self.network.owner(to)
        if not E164.fullmatch(handset) or number is None:
            raise BadRequest("from must be a handset in E.164 and to a number rented by an account.")
        message = self.network.say(handset, number, words)
        return answer_json({"sid": message.sid}, 201)

    async def phone(self, request: Request) -> Response:
        """One handset's conversation, oldest first."""
        number = request.query.get("number", "")
        talk = [
            {
                "mine": m.direction == INBOUND,
                "with": m.to if m.direction == INBOUND else m.sender,
                "text": m.body,
                "status": m.status,
                "at": m.created.isoformat(),
                "sid": m.sid,
            }
            for m in self.network.store.messages
            if number == (m.sender if m.direction == INBOUND else m.to)
        ]
        return answer_json({"number": number, "messages": talk})

    async def page(self, request: Request) -> Response:
        return Response(200, traffic_page(self.network).encode(), "text/html; charset=utf-8")


def from_here(request: Request) -> bool:
    try:
        return ip_address(request.client).is_loopback
    except ValueError:
        return False


def _object(request: Request) -> dict[str, Any]:
    """The JSON object in the body. Only JSON: another site's page in a browser cannot send that unasked."""
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise BadRequest("Send a JSON object with Content-Type application/json.")
    try:
        given = json.loads(request.body or b"{}")
    except ValueError as error:
        raise BadRequest(f"The body is not JSON: {error}.") from error
    if not isinstance(given, dict):
        raise BadRequest("The body must be a JSON object.")
    return given


def _text(value: object) -> str:
    """JSON can hold half a surrogate pair, which no encoding on the way to a phone can."""
    return str(value).encode("utf-8", "replace").decode()


async def _lines(rows: Iterator[dict[str, Any]]) -> AsyncIterator[bytes]:
    while chunk := list(islice(rows, CHUNK)):
        yield "".join(json.dumps(found, ensure_ascii=False) + "\n" for found in chunk).encode()
