"""The smallest web layer that serves: read a request, find its handler, answer."""

import json
import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

LARGEST_BODY = 65536

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class HangUp(Exception):
    """Close the connection without an answer."""


class HoldLine(Exception):
    """Never answer; end when the caller gives up."""


class TooLarge(Exception):
    """The body is larger than LARGEST_BODY bytes."""


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    query_string: str
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    client: str

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(self.query_string, keep_blank_values=True))

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    @property
    def credentials(self) -> tuple[str, str]:
        """User and password of Basic authentication, empty when absent or unreadable."""
        scheme, _, encoded = self.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return "", ""
        try:
            user, _, password = b64decode(encoded, validate=True).decode().partition(":")
        except (NotBase64, UnicodeDecodeError):
            return "", ""
        return user, password


@dataclass(frozen=True, slots=True)
class Response:
    status: int = 200
    body: bytes | AsyncIterator[bytes] = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[..., Awaitable[Response]]


def answer_json(content: object, status: int = 200) -> Response:
    return Response(status, json.dumps(content, ensure_ascii=False).encode())


class Routes:
    """Handlers by path pattern and method; named groups of the pattern become keyword arguments."""

    def __init__(self) -> None:
        self._routes: list[tuple[re.Pattern[str], dict[str, Handler]]] = []

    def add(self, pattern: str, **handlers: Handler) -> None:
        self._routes.append((re.compile(pattern), handlers))

    def find(self, method: str, path: str) -> tuple[Handler | None, dict[str, str], bool]:
        """The handler or None, its arguments, and whether the path is known at all."""
        for pattern, handlers in self._routes:
            if match := pattern.fullmatch(path):
                return handlers.get(method), match.groupdict(), True
        return None, {}, False


async def read_request(scope: Scope, receive: Receive) -> Request:
    body = b""
    while True:
        event = await receive()
        body += event.get("body", b"")
        if len(body) > LARGEST_BODY:
            raise TooLarge
        if not event.get("more_body"):
            break
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    client = scope["client"][0] if scope.get("client") else ""
    return Request(
        scope["method"], scope["path"], scope["query_string"].decode("latin-1"), headers, body, client
    )


async def send_response(response: Response, send: Send) -> None:
    headers = {"content-type": response.content_type, **response.headers}
    streamed = not isinstance(response.body, bytes)
    if isinstance(response.body, bytes) and response.status != 204:
        headers["content-length"] = str(len(response.body))
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": response.status, "headers": raw})
    if not isinstance(response.body, bytes):
        async for chunk in response.body:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b"" if streamed else response.body})
