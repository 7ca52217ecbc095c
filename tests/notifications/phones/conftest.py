"""The simulator as a process of its own, and a customer whose web server listens to its webhooks."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

ROOT = Path(__file__).resolve().parents[3]
ACCOUNT, TOKEN = "AC" + "a1" * 16, "token-of-the-first"
OTHER, OTHER_TOKEN = "AC" + "b2" * 16, "token-of-the-second"
NUMBER, HANDSET = "+218910000001", "+218920000001"
ASK = "الهلال: فيضان درنة K7. مطلوب إسعاف. رد 1+دقائق=قادم 2=لا 3=احتياط"
CONFIRM = "K7: شكرًا. عند الوصول أرسل 4"
DEADLINE = 20.0

QUIET = {"defaults": True, "latency_ms": 0, "latency_jitter_ms": 0}
"""The decent carrier at full speed."""
SURE = QUIET | {
    **dict.fromkeys(("rate_off", "rate_unknown", "rate_landline", "rate_lost"), 0),
    **dict.fromkeys(("rate_unclear", "rate_repeat", "rate_opt_out", "no_show_low", "no_show_high"), 0),
    "acceptance": 1.0,
    "reply_sigma": 0,
}
"""Every handset is reached and everybody comes."""
MUTE = SURE | {"acceptance": 0.0, "rate_refuse": 0, "rate_reserve": 0}
"""Every handset is reached and nobody answers."""


def until(condition: Callable[[], Any], what: str, seconds: float = DEADLINE) -> Any:
    """The first true value of a condition; fails when it stays false."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, f"waited {seconds} s in vain: {what}"
        time.sleep(0.01)
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Webhook:
    url: str
    fields: dict[str, str]
    signature: str

    def is_signed_by(self, token: str) -> bool:
        return bool(RequestValidator(token).validate(self.url, self.fields, self.signature))


class Customer:
    """A web server that keeps what it is told; `answers` gives the status by path, else 204."""

    def __init__(self) -> None:
        self.heard: list[Webhook] = []
        self.answers: dict[str, int] = {}
        customer = self

        class Ear(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                fields = dict(parse_qsl(body, keep_blank_values=True, strict_parsing=True))
                url = f"{customer.url}{self.path}"
                customer.heard.append(Webhook(url, fields, self.headers["X-Twilio-Signature"]))
                self.send_response(customer.answers.get(self.path.partition("?")[0], 204))
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Silence."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Ear)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def statuses(self) -> list[str]:
        return [hook.fields["MessageStatus"] for hook in self.heard if "MessageStatus" in hook.fields]


@dataclass
class Carrier:
    url: str
    ledger_file: Path
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.http = httpx.Client(base_url=self.url, timeout=DEADLINE)

    def client(self, account: str = ACCOUNT, token: str = TOKEN) -> Any:
        """Twilio's own client, pointed here as the service points it."""
        client = Client(account, token, http_client=TwilioHttpClient(pool_connections=False, timeout=5))
        client.api.base_url = self.url
        return client

    def control(self, path: str, given: dict[str, Any]) -> dict[str, Any]:
        answer = self.http.post(f"/control/{path}", json=given)
        assert answer.status_code in (200, 201), answer.text
        return dict(answer.json())

    def scenario(self, given: dict[str, Any]) -> None:
        self.control("scenario", given)

    def ledger(self, **query: str) -> list[dict[str, Any]]:
        return list(self.http.get("/ledger", params=query).json()["rows"])

    def summary(self) -> dict[str, Any]:
        return dict(self.http.get("/ledger/summary").json())

    def domain_now(self) -> datetime:
        """The time on the simulator's clock."""
        return datetime.fromisoformat(self.http.get("/healthz").json()["domain_now"])

    def settle(self) -> None:
        """Wait until no timer is set and no webhook is under way."""
        until(lambda: self.http.get("/healthz").json()["waiting"] == 0, "the network is quiet")

    def send(self, to: str = HANDSET, body: str = ASK, **more: Any) -> Any:
        return self.client().messages.create(to=to, body=body, **({"from_": NUMBER} | more))


@contextmanager
def start(environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """The program, its environment only what is given; killed if it is still there at the end."""
    given = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)} | environment
    command = [sys.executable, "-m", "notifications.phones"]
    with subprocess.Popen(command, env=given, stderr=subprocess.PIPE) as running:
        try:
            yield running
        finally:
            running.kill()


def is_up(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz").status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture(scope="session")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Carrier]:
    address = f"127.0.0.1:{free_port()}"
    ledger = tmp_path_factory.mktemp("phones") / "ledger.jsonl"
    environment = {
        "PHONES_BIND": address,
        "PHONES_ACCOUNTS": f"{ACCOUNT}:{TOKEN},{OTHER}:{OTHER_TOKEN}",
        "PHONES_SPEED": "20000",
        "PHONES_SEED": "7",
        "PHONES_LEDGER": str(ledger),
    }
    with start(environment) as running:
        carrier = Carrier(f"http://{address}", ledger)
        until(lambda: is_up(carrier.url), "the simulator answers")
        yield carrier
        carrier.http.close()
        running.terminate()
        _, errors = running.communicate(timeout=DEADLINE)
        assert errors == b"", "the simulator complained"


@pytest.fixture
def customer() -> Iterator[Customer]:
    customer = Customer()
    yield customer
    customer.close()


@pytest.fixture
def carrier(process: Carrier, customer: Customer) -> Iterator[Carrier]:
    """The simulator, quiet and forgetful, with one number whose texts go to the customer."""
    process.control("reset", {"numbers": True})
    process.scenario(MUTE)
    process.client().incoming_phone_numbers.create(
        phone_number=NUMBER, sms_url=f"{customer.url}/in", sms_fallback_url=f"{customer.url}/fallback"
    )
    yield process
    process.control("reset", {"numbers": True})
