"""SMS through Twilio's REST API, or through a gateway that speaks it (settings.TWILIO_API_URL)."""

import asyncio
import base64
import datetime as dt
import json
import logging
from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

import aiohttp
from django.conf import settings
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.rest import Client

from notifications import rules
from notifications.inbox import Reply
from notifications.pace import pace
from notifications.transports.base import Line, Listed, Outgoing, Taken, TransportError

_PAGE: Final = 50
_INBOUND_PAGE: Final = 500
# The list shows whole seconds, and the two clocks differ.
_CLOCK_SLACK: Final = dt.timedelta(seconds=30)
# The library logs every request with its parameters, numbers and text included.
_SILENT: Final = logging.getLogger("notifications.transports.twilio.requests")
_SILENT.disabled = True


class _Http(AsyncTwilioHttpClient):  # type: ignore[misc]  # the library has no types
    """The library's client with the deadline it lacks and no retries: a repeated POST is a second text."""

    def __init__(self) -> None:
        super().__init__(pool_connections=False, logger=_SILENT)
        limits = pace()
        self.session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(
                total=limits.deadline.total_seconds(), sock_connect=limits.connect.total_seconds()
            ),
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=15),
        )

    async def request(
        self,
        method: str,
        url: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Any:
        """As the library's, but credentials go as a header: aiohttp 4 drops the class it puts them in."""
        headers = dict(headers or {})
        if auth is not None:
            headers["Authorization"] = "Basic " + base64.b64encode(":".join(auth).encode()).decode()
        return await super().request(method, url, params, data, headers, None, timeout, allow_redirects)


class TwilioTransport:
    """One HTTP session for all accounts. Must be made inside the event loop that uses it."""

    can_list = True

    def __init__(self) -> None:
        self._http = _Http()
        self._clients: dict[tuple[str, str], Any] = {}
        self._is_twilio = not settings.TWILIO_API_URL

    def _client(self, line: Line) -> Any:
        key = (line.account, line.token)
        if key not in self._clients:
            client = Client(line.account, line.token, http_client=self._http, environment={"": ""})
            if settings.TWILIO_API_URL:
                client.api.base_url = settings.TWILIO_API_URL
            self._clients[key] = client
        return self._clients[key]

    async def send(self, line: Line, outgoing: Outgoing, fence: Callable[[], None]) -> Taken:
        """POST Messages; an answer that does not show an id leaves the outcome unknown."""
        messages = self._client(line).messages
        fence()
        try:
            message = await messages.create_async(
                to=outgoing.to_number,
                from_=line.sender,
                body=outgoing.text,
                status_callback=status_url(line, outgoing.attempt_id),
                validity_period=outgoing.validity,
            )
        except _FAILURES as error:
            raise _translated(error) from error
        if not message.sid:
            raise TransportError(rules.RECONCILE, "unreadable", "no message id in the answer")
        return Taken(str(message.sid), str(message.status or ""))

    async def listed(self, line: Line, to_number: str, since: dt.datetime) -> list[Listed]:
        """Never filtered by date: DateSent is empty until the text has left."""
        found: list[Listed] = []
        try:
            rows = await self._client(line).messages.stream_async(
                to=to_number, from_=line.sender, page_size=_PAGE
            )
            async for row in rows:
                if row.date_created is None:
                    continue
                if row.date_created < since - _CLOCK_SLACK:
                    break
                code = str(row.error_code or "")
                found.append(
                    Listed(str(row.sid), str(row.to), str(row.body), str(row.status), row.date_created, code)
                )
        except _FAILURES as error:
            raise _translated(error) from error
        return found

    async def replies(self, line: Line, since: dt.datetime) -> list[Reply]:
        """Inbound texts to our sender since then, oldest first."""
        found: list[Reply] = []
        try:
            rows = await self._client(line).messages.stream_async(to=line.sender, page_size=_INBOUND_PAGE)
            async for row in rows:
                if row.date_created is not None and row.date_created < since - _CLOCK_SLACK:
                    break
                if row.direction == "inbound":
                    found.append(_reply(row))
        except _FAILURES as error:
            raise _translated(error) from error
        return found[::-1]

    async def announce(self, line: Line) -> None:
        """Point the number's SmsUrl at us.

        A number that the account does not hold is added at a gateway of our own; at Twilio itself that would buy
        it, so there it is refused (21606).
        """
        numbers = self._client(line).incoming_phone_numbers
        url = inbound_url(line)
        try:
            held = await numbers.list_async(phone_number=line.sender, limit=1)
            if held:
                await held[0].update_async(sms_url=url, sms_method="POST")
            elif self._is_twilio:
                raise TransportError(rules.outcome("21606"), "21606", "the account does not hold this number")
            else:
                await numbers.create_async(phone_number=line.sender, sms_url=url, sms_method="POST")
        except _FAILURES as error:
            raise _translated(error) from error

    async def close(self) -> None:
        """Close the HTTP session."""
        await self._http.close()


def make() -> TwilioTransport:
    """A transport for the running event loop."""
    return TwilioTransport()


def status_url(line: Line, attempt_id: UUID) -> str:
    """Where receipts of an attempt go."""
    return f"{line.public_url}/webhooks/twilio/{line.webhook_key}/status/{attempt_id}/"


def inbound_url(line: Line) -> str:
    """Where replies go."""
    return f"{line.public_url}/webhooks/twilio/{line.webhook_key}/inbound/"


def _reply(row: Any) -> Reply:
    payload = {
        "MessageSid": str(row.sid),
        "From": str(row.from_),
        "To": str(row.to),
        "Body": str(row.body or ""),
    }
    return Reply(payload["MessageSid"], payload["From"], payload["To"], payload["Body"], payload)


# What the library and its HTTP client raise. ValueError: an answer that is no JSON, or dates it cannot read;
# KeyError, TypeError and AttributeError: JSON of another shape.
_FAILURES: Final = (
    TwilioException,
    aiohttp.ClientError,
    asyncio.TimeoutError,
    OSError,
    json.JSONDecodeError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
)


def _page_error(error: TwilioException) -> TransportError:
    """A list that could not be read: the library keeps the answer as the exception's second argument."""
    answer = error.args[1] if len(error.args) > 1 else None
    status, text = getattr(answer, "status_code", 0), getattr(answer, "text", "")
    try:
        code = str(json.loads(text)["code"])
    except (ValueError, KeyError, TypeError):
        code = str(status or "unreadable")
    return TransportError(rules.outcome(code, status) if status else rules.RECONCILE, code)


def _translated(error: BaseException) -> TransportError:
    """Only what certainly was not processed may be sent again; all doubt is "unknown"."""
    if isinstance(error, TwilioRestException):
        code = str(error.code or error.status)
        return TransportError(rules.outcome(code, error.status), code, str(error.msg)[:300])
    if isinstance(error, TwilioServiceException):
        return TransportError(rules.outcome(str(error.code), error.status), str(error.code))
    if isinstance(error, TwilioException):
        return _page_error(error)
    # No connection was made, so no request was written. ServerTimeoutError covers more than connecting.
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
        return TransportError(rules.AGAIN, "unreachable", type(error).__name__)
    if isinstance(error, asyncio.TimeoutError):
        return TransportError(rules.RECONCILE, "timeout", type(error).__name__)
    if isinstance(error, aiohttp.ClientError | OSError):
        return TransportError(rules.RECONCILE, "reset", type(error).__name__)
    return TransportError(rules.RECONCILE, "unreadable", type(error).__name__)
