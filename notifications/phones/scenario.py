"""What kind of carrier, and what kind of people, this run has: data, with a decent carrier as default."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from notifications.phones.settings import Misconfigured

ACCEPTANCE = {"day": 0.35, "app": 0.25, "night_sms": 0.16, "voice": 0.29, "untrained": 0.05}
"""Mean share of reached people who say yes (night: McGill ED; untrained: covidliste)."""

EXCLUSIVE = ("rate_429", "rate_500_before", "rate_500_after", "rate_drop_before", "rate_drop_after",
             "rate_hang_before", "rate_hang_after")  # fmt: skip
"""Accidents of one POST, at most one each, before or after the message is accepted."""

UNREACHABLE = ("rate_off", "rate_unknown", "rate_landline", "rate_lost")


def _rate(default: float) -> Any:
    return field(default=default, metadata={"kind": "rate"})


def _amount(default: float) -> Any:
    return field(default=default, metadata={"kind": "amount"})


def _limit() -> Any:
    return field(default=None, metadata={"kind": "limit"})


@dataclass(frozen=True)
class Scenario:
    """`_s` are the carrier's and people's seconds (divided by PHONES_SPEED); `_real_s` and `_ms` are real."""

    # Who answers how (POLICY: logit(p) = mean + person + event).
    acceptance: str | float = field(default="day", metadata={"kind": "acceptance"})
    person_sd: float = _amount(1.0)
    event_sd: float = _amount(0.5)
    rate_refuse: float = _rate(0.30)
    rate_reserve: float = _rate(0.03)
    rate_opt_out: float = _rate(0.001)
    rate_unclear: float = _rate(0.03)
    rate_repeat: float = _rate(0.03)
    reply_median_s: float = _amount(360.0)
    reply_sigma: float = _amount(1.2)
    no_show_low: float = _rate(0.05)
    no_show_high: float = _rate(0.15)

    # Handsets that cannot be reached: off 30003, unknown 30005, not a mobile 30006, unknown error 30008.
    rate_off: float = _rate(0.02)
    rate_unknown: float = _rate(0.005)
    rate_landline: float = _rate(0.005)
    rate_lost: float = _rate(0.005)
    dead: Mapping[str, int] = field(default_factory=dict, metadata={"kind": "dead"})
    """Number -> error code it always ends with."""

    # The API's own speed and faults.
    latency_ms: float = _amount(55.0)
    latency_jitter_ms: float = _amount(25.0)
    rate_429: float = _rate(0.0)
    rate_500_before: float = _rate(0.0)
    rate_500_after: float = _rate(0.0)
    rate_drop_before: float = _rate(0.0)
    rate_drop_after: float = _rate(0.0)
    rate_hang_before: float = _rate(0.0)
    rate_hang_after: float = _rate(0.0)
    rate_early: float = _rate(0.0)
    """Messages accepted before the answer's latency, so that callbacks overtake the 201."""
    outage: str = field(default="none", metadata={"kind": "outage"})
    """Every API request: none, drop (refused), hang (black hole) or 500."""
    listing_delay_real_s: float = _amount(0.0)
    concurrency: float | None = _limit()
    """Requests at work at once before 429."""
    daily_cap: float | None = _limit()
    """Messages accepted per account before 63038."""
    denied_prefixes: tuple[str, ...] = field(default=(), metadata={"kind": "prefixes"})
    """Countries not served: 21408."""

    # The way to the handset.
    queue_s: float = _amount(1.0)
    delivery_median_s: float = _amount(3.0)
    delivery_sigma: float = _amount(0.6)
    parts_per_second: float | None = _limit()
    """Pace of each sender; the rest waits in its queue and can outlive its validity (30036)."""
    rate_filtered: float = _rate(0.0)
    rate_sent_is_final: float = _rate(0.0)
    """Delivered without a receipt: the status stays `sent`."""

    # Webhooks.
    rate_callback_dropped: float = _rate(0.0)
    rate_callback_twice: float = _rate(0.0)
    rate_callback_late: float = _rate(0.0)
    rate_callback_reordered: float = _rate(0.0)
    late_s: float = _amount(60.0)
    rate_inbound_dropped: float = _rate(0.0)
    rate_inbound_twice: float = _rate(0.0)
    webhook_timeout_real_s: float = _amount(15.0)

    def mean_acceptance(self) -> float:
        return ACCEPTANCE[self.acceptance] if isinstance(self.acceptance, str) else self.acceptance


KINDS = {f.name: f.metadata["kind"] for f in fields(Scenario)}


def parse(given: object, base: Scenario | None = None) -> Scenario:
    """JSON data laid over `base` (else the defaults); raises Misconfigured naming every wrong key."""
    if not isinstance(given, dict):
        raise Misconfigured("A scenario must be a JSON object.")
    problems = [problem for key, value in given.items() if (problem := _problem(key, value))]
    if problems:
        raise Misconfigured("Wrong scenario: " + " ".join(problems))
    changes: dict[str, Any] = {
        key: tuple(value) if KINDS[key] == "prefixes" else value for key, value in given.items()
    }
    scenario = replace(base or Scenario(), **changes)
    for group in (EXCLUSIVE, UNREACHABLE):
        if sum(getattr(scenario, name) for name in group) > 1:
            raise Misconfigured(f"Wrong scenario: {', '.join(group)} together must not exceed 1.")
    return scenario


def load(path: Path) -> Scenario:
    try:
        return parse(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise Misconfigured(f"Cannot read the scenario {path}: {error.strerror}.") from error
    except ValueError as error:
        raise Misconfigured(f"The scenario {path} is not JSON: {error}.") from error


def _problem(key: str, value: object) -> str | None:
    kind = KINDS.get(key)
    if kind is None:
        return f"{key} is not known (known: {', '.join(sorted(KINDS))})."
    number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    rules = {
        "rate": (number and 0 <= value <= 1, "a number from 0 to 1"),  # type: ignore[operator]
        "amount": (number and value >= 0, "a number, 0 or more"),  # type: ignore[operator]
        "limit": (value is None or (number and value > 0), "a number above 0, or null"),  # type: ignore[operator]
        "acceptance": (
            (isinstance(value, str) and value in ACCEPTANCE) or (number and 0 <= value <= 1),  # type: ignore[operator]
            f"one of {', '.join(ACCEPTANCE)} or a number from 0 to 1",
        ),
        "outage": (value in ("none", "drop", "hang", "500"), "none, drop, hang or 500"),
        "dead": (
            isinstance(value, dict) and all(isinstance(code, int) for code in value.values()),
            "an object of number: error code",
        ),
        "prefixes": (
            isinstance(value, list) and all(isinstance(item, str) for item in value),
            "a list of number prefixes",
        ),
    }
    good, wanted = rules[kind]
    return None if good else f"{key} must be {wanted}, not {value!r}."
