"""What the program is told by its environment."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ACCOUNT = re.compile(r"AC[0-9a-fA-F]{32}")


class Misconfigured(Exception):
    """The environment or a scenario is wrong; the message says what to do."""


@dataclass(frozen=True)
class Clock:
    """Domain time: it was `epoch` at the real moment `start` and runs `speed` times as fast."""

    start: datetime
    epoch: datetime
    speed: float

    def domain(self, real: datetime) -> datetime:
        return self.epoch + (real - self.start) * self.speed

    def real_seconds(self, domain_seconds: float) -> float:
        return domain_seconds / self.speed


@dataclass(frozen=True)
class Settings:
    host: str
    port: int
    accounts: Mapping[str, str]
    """Account sid -> auth token."""
    clock: Clock
    seed: int
    ledger: Path | None
    scenario: Path | None


def from_environment(environ: Mapping[str, str], now: datetime | None = None) -> Settings:
    """Settings from PHONES_* variables; raises Misconfigured with the name of the variable at fault."""
    host, _, port = environ.get("PHONES_BIND", "127.0.0.1:8090").rpartition(":")
    if not host or not port.isdecimal():
        raise Misconfigured("PHONES_BIND must be HOST:PORT, for example 127.0.0.1:8090.")
    started = now or datetime.now(UTC)
    start = _moment(environ, "PHONES_CLOCK_START", started)
    speed = _number(environ, "PHONES_SPEED", "1")
    if speed <= 0:
        raise Misconfigured("PHONES_SPEED must be greater than 0.")
    return Settings(
        host=host.strip("[]"),
        port=int(port),
        accounts=_accounts(environ.get("PHONES_ACCOUNTS", "")),
        clock=Clock(start, _moment(environ, "PHONES_CLOCK_EPOCH", start), speed),
        seed=int(_number(environ, "PHONES_SEED", "1")),
        ledger=_path(environ, "PHONES_LEDGER"),
        scenario=_path(environ, "PHONES_SCENARIO"),
    )


def _accounts(text: str) -> dict[str, str]:
    accounts = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        sid, _, token = entry.partition(":")
        if not ACCOUNT.fullmatch(sid) or not token:
            raise Misconfigured(
                "PHONES_ACCOUNTS must be SID:TOKEN,SID:TOKEN with SID = AC and 32 hex digits."
            )
        accounts[sid] = token
    if not accounts:
        raise Misconfigured("PHONES_ACCOUNTS is empty: name at least one account as SID:TOKEN.")
    return accounts


def _number(environ: Mapping[str, str], name: str, default: str) -> float:
    try:
        return float(environ.get(name) or default)
    except ValueError as error:
        raise Misconfigured(f"{name} must be a number, not {environ[name]!r}.") from error


def _moment(environ: Mapping[str, str], name: str, default: datetime) -> datetime:
    text = environ.get(name)
    if not text:
        return default
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Misconfigured(f"{name} must be an ISO 8601 time, not {text!r}.") from error
    return moment if moment.utcoffset() is not None else moment.replace(tzinfo=UTC)


def _path(environ: Mapping[str, str], name: str) -> Path | None:
    return Path(environ[name]) if environ.get(name) else None


def rfc2822(moment: datetime) -> str:
    """A moment as Twilio writes it, in UTC with whole seconds."""
    return moment.astimezone(UTC).strftime("%a, %d %b %Y %H:%M:%S +0000")
