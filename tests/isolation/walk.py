"""Every address of a URL configuration, asked in somebody's name; what the API expects comes from its own schema."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RegexPattern
from drf_spectacular.generators import SchemaGenerator

from dispatch.orgs.models import User
from tests.isolation.world import LIBYA, SKILL, seen

ANGLE = re.compile(r"<(?:(\w+):)?(\w+)>")
GROUP = re.compile(r"\(\?P<\w+>[^)]*\)")
# Words of addresses that are no ids, chosen so that the page exists.
WORDS = {"name": "side", "what": "close"}
# What pages want to be posted beyond the address.
FORM = "act=verify&kind=declined"
# Not asked, with the reason.
EXEMPT = {
    "a/<str:token>": "the token is the key, whoever is signed in; its page is one person's call",
    "webhooks/": "the provider's signature decides: tests/notifications/test_twilio_webhooks.py",
}
SAMPLES: dict[str, Any] = {
    "lat": 30.0,
    "lon": LIBYA.lon,
    "west": 20,
    "south": 25,
    "east": 30,
    "north": 35,
    "skill": SKILL,
    "country": LIBYA.country,
    "q": LIBYA.given,
    "level": 1,
    "limit": 50,
    "radius_m": 90_000,
    "targets": {"medical": 3},
    "weekly_hours": "1" * 168,
}


@dataclass(frozen=True)
class Call:
    """One request. ids: the ids in its address."""

    method: str
    path: str
    ids: tuple[str, ...] = ()
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def by(self, user: User) -> HttpResponse:
        """The answer this user gets, in a session of its own."""
        client = Client(raise_request_exception=False)
        client.force_login(user)
        data = FORM if self.body is None else json.dumps(self.body)
        kind = "application/x-www-form-urlencoded" if self.body is None else "application/json"
        return client.generic(self.method, self.path, data, kind, QUERY_STRING=_query(self.query))  # type: ignore[return-value]


def _query(given: Mapping[str, Any]) -> str:
    return "&".join(f"{name}={value}" for name, value in given.items())


def routes(urlconf: str | None = None) -> Iterator[str]:
    """Every address pattern, as written, of the service or of another URL configuration."""

    def below(found: list[URLPattern | URLResolver], before: str) -> Iterator[str]:
        for part in found:
            text = str(part.pattern)
            if isinstance(part.pattern, RegexPattern):
                text = GROUP.sub("x", text).strip("^$").replace("/?", "/")
            if isinstance(part, URLResolver):
                yield from below(part.url_patterns, before + text)
            else:
                yield before + text

    yield from below(get_resolver(urlconf).url_patterns, "")


def calls(ids: Mapping[str, UUID], urlconf: str | None = None) -> list[Call]:
    """Each address with each method it may answer to, with Libya's ids wherever an id is wanted."""
    schema = SchemaGenerator(urlconf=urlconf).get_schema(public=True)  # type: ignore[no-untyped-call]
    found: list[Call] = []
    for route in dict.fromkeys(routes(urlconf)):
        if route.startswith(tuple(EXEMPT)):
            continue
        path, used = _filled(route, ids)
        operations = schema["paths"].get("/" + ANGLE.sub(r"{\2}", route))
        if operations is None:
            found += [Call(method, path, used) for method in ("GET", "POST")]
        else:
            found += [_api(method, path, used, op, schema, ids) for method, op in operations.items()]
    return found


def _filled(route: str, ids: Mapping[str, UUID]) -> tuple[str, tuple[str, ...]]:
    """The address, and the ids in it. KeyError: an address has a word this walk does not know; add it."""
    used = [str(ids[name]) for kind, name in ANGLE.findall(route) if kind == "uuid"]
    known = {name: str(value) for name, value in ids.items()} | WORDS
    return "/" + ANGLE.sub(lambda match: known[match[2]], route), tuple(used)


def _api(
    method: str, path: str, used: tuple[str, ...], operation: Any, schema: Any, ids: Mapping[str, UUID]
) -> Call:
    wanted = [p for p in operation.get("parameters", []) if p["in"] == "query"]
    query = {
        p["name"]: value
        for p in wanted
        if (value := _sample(p["name"], p["schema"], schema, ids)) is not None
    }
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    body = _sample("", content["schema"], schema, ids) if content else None
    return Call(method.upper(), path, used, query, body)


def _sample(name: str, shape: Any, schema: Any, ids: Mapping[str, UUID]) -> Any:
    """A value of a shape, with Libya's ids where an id is wanted; None for a query word better left out."""
    while "$ref" in shape or "allOf" in shape or "oneOf" in shape:
        inner = shape.get("allOf") or shape.get("oneOf")
        shape = inner[0] if inner else schema["components"]["schemas"][shape["$ref"].rpartition("/")[2]]
    if shape.get("format") == "uuid":
        return str(ids.get(name) or ids.get(f"{name}_id") or ids["need_id"])
    if name in SAMPLES:
        return SAMPLES[name]
    if "enum" in shape:
        return next(value for value in shape["enum"] if value)
    if "properties" in shape:
        return {key: _sample(key, inner, schema, ids) for key, inner in shape["properties"].items()}
    if shape.get("format") == "date-time":
        return "2099-01-01T00:00:00Z"
    if shape.get("type") == "array":
        return [_sample(name, shape["items"], schema, ids)]
    plain = {"integer": max(1, shape.get("minimum", 1)), "number": 1.0, "boolean": False, "string": "x"}
    return {} if "additionalProperties" in shape else plain[shape.get("type", "string")]


def faults(user: User, asked: list[Call], known: set[str], allowed: frozenset[int]) -> list[str]:
    """What this user could find of Libya, in words; `allowed` are the answers to an address with Libya's ids."""
    found = []
    for call in asked:
        answer = call.by(user)
        text = _all(answer)
        if answer.status_code >= 500:
            found.append(f"{call}: {answer.status_code}")
        if call.ids and answer.status_code not in allowed:
            found.append(f"{call}: {answer.status_code}, wanted one of {sorted(allowed)}")
        # A refusal may repeat what was asked; that tells nothing.
        told = (
            set(json.dumps([call.ids, call.body, call.query]).split('"'))
            if answer.status_code >= 400
            else set()
        )
        if leak := seen(text, known) - told:
            found.append(f"{call}: {answer.status_code} shows {sorted(leak)[:3]}")
    return found


def _all(answer: HttpResponse) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    return f"{dict(answer.headers)}\n{body.decode('utf-8', 'replace')}"
