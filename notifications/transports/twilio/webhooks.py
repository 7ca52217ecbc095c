"""What Twilio calls: status callbacks and inbound texts. Forged, ambiguous or oversized: 403, nothing stored.

The signature covers the address and the fields written one after the other without separators, so the same
signature fits another split of the same characters, and it has no time. Therefore the full field set and the
form of each field are checked too, a field given twice is refused, and storing is idempotent.
"""

import logging
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Final
from uuid import UUID

from django.core.exceptions import SuspiciousOperation, TooManyFieldsSent
from django.db import IntegrityError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, QueryDict, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from twilio.request_validator import HMAC_SHA1, RequestValidator

from notifications import clock, doors, inbox, ledger, phone, routes
from notifications.tenancy import society
from notifications.transports.base import Line
from notifications.transports.twilio.transport import inbound_url, status_url

log = logging.getLogger(__name__)

MOST_BYTES: Final = 16_384
_SID: Final = re.compile(r"(SM|MM)[0-9a-fA-F]{32}")
_STATUS: Final = re.compile(r"[a-z_]{2,20}")
_CODE: Final = re.compile(r"[0-9]{0,10}")
_STATUS_FIELDS: Final = frozenset({"AccountSid", "ApiVersion", "From", "MessageSid", "MessageStatus", "To"})
_INBOUND_FIELDS: Final = frozenset(
    {"AccountSid", "ApiVersion", "Body", "From", "MessageSid", "NumMedia", "To"}
)
_EMPTY_TWIML: Final = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'
# A deadlock or a race for the same provider id is gone when tried again.
_TRIES: Final = 3


class Refused(Exception):
    """Not from the provider, or not in its form. The reason is for our log only."""


@csrf_exempt
@require_POST
def status(request: HttpRequest, webhook_key: str, attempt_id: UUID) -> HttpResponse:
    """A receipt: 204 when understood, whether it changed anything or not."""

    def store(line: Line, fields: dict[str, str]) -> None:
        ledger.receive(_callback(attempt_id, fields), route_id=line.route_id, now=clock.now())

    return _answer(
        request,
        webhook_key,
        address=lambda line: status_url(line, attempt_id),
        check=_check_status,
        store=store,
        thanks=HttpResponse(status=204),
    )


@csrf_exempt
@require_POST
def inbound(request: HttpRequest, webhook_key: str) -> HttpResponse:
    """A reply: stored and answered with empty TwiML, for our answers go through the outbox."""

    def store(line: Line, fields: dict[str, str]) -> None:
        reply = inbox.Reply(fields["MessageSid"], fields["From"], fields["To"], fields["Body"], fields)
        inbox.receive(
            reply, society_id=line.society_id, route_id=line.route_id, came_by="webhook", now=clock.now()
        )

    return _answer(
        request,
        webhook_key,
        address=inbound_url,
        check=_check_inbound,
        store=store,
        thanks=HttpResponse(_EMPTY_TWIML, content_type="text/xml"),
    )


def _answer(
    request: HttpRequest,
    webhook_key: str,
    *,
    address: Callable[[Line], str],
    check: Callable[[Line, dict[str, str]], None],
    store: Callable[[Line, dict[str, str]], None],
    thanks: HttpResponse,
) -> HttpResponse:
    try:
        fields = _fields(request)
        route = doors.route_of(webhook_key) if "\x00" not in webhook_key else None
        if route is None:
            raise Refused("no such webhook key")
        for left in reversed(range(_TRIES)):
            try:
                with society(route.society_id):
                    line = routes.line(route.id)
                    if line is None:
                        raise Refused("no such route")
                    _verify(request, address(line), line, fields)
                    check(line, fields)
                    store(line, fields)
                break
            except (OperationalError, IntegrityError):
                if not left:
                    raise
    except Refused as refusal:
        log.warning("webhook refused: %s", refusal)
        return HttpResponseForbidden()
    return thanks


def _fields(request: HttpRequest) -> dict[str, str]:
    """The body as fields, read with a bound whatever the headers claim."""
    if request.content_type != "application/x-www-form-urlencoded":
        raise Refused("not a form")
    try:
        body = request.read(MOST_BYTES + 1)
        if len(body) > MOST_BYTES:
            raise Refused("too large")
        form = QueryDict(body.decode("utf-8"), encoding="utf-8")
    except (UnreadablePostError, TooManyFieldsSent, SuspiciousOperation, UnicodeDecodeError) as error:
        raise Refused(type(error).__name__) from error
    if any(len(values) != 1 for _, values in form.lists()):
        raise Refused("a field stands twice")
    return {name: value for name, value in form.items() if isinstance(value, str)}


def _verify(request: HttpRequest, url: str, line: Line, fields: dict[str, str]) -> None:
    """The address is the one we gave out, never what the request says it was; the algorithm is ours too."""
    signature = request.headers.get("X-Twilio-Signature", "")
    if not signature or not RequestValidator(line.token).validate(url, fields, signature, HMAC_SHA1):
        raise Refused("signature")


def _check_status(line: Line, fields: dict[str, str]) -> None:
    _check(line, fields, _STATUS_FIELDS)
    if not phone.is_e164(fields["To"]):
        raise Refused("To")
    if not _STATUS.fullmatch(fields["MessageStatus"]) or not _CODE.fullmatch(fields.get("ErrorCode", "")):
        raise Refused("MessageStatus or ErrorCode")


def _check_inbound(line: Line, fields: dict[str, str]) -> None:
    _check(line, fields, _INBOUND_FIELDS)
    if not phone.is_e164(fields["From"]):
        raise Refused("From")
    if fields["To"] != line.sender:
        raise Refused("To")


def _check(line: Line, fields: dict[str, str], required: frozenset[str]) -> None:
    missing = required - fields.keys()
    if missing:
        raise Refused(f"missing {sorted(missing)}")
    if fields["AccountSid"] != line.account:
        raise Refused("AccountSid")
    if not _SID.fullmatch(fields["MessageSid"]):
        raise Refused("MessageSid")


def _callback(attempt_id: UUID, fields: dict[str, str]) -> ledger.StatusCallback:
    try:
        price = Decimal(fields["Price"]) if fields.get("Price") else None
    except InvalidOperation:
        price = None
    return ledger.StatusCallback(
        attempt_id=attempt_id,
        provider_id=fields["MessageSid"],
        to_number=fields["To"],
        status=fields["MessageStatus"],
        code=fields.get("ErrorCode", ""),
        price=price if price is not None and price.is_finite() and abs(price) < 100_000 else None,
        currency=fields.get("PriceUnit", "")[:3],
        payload=fields,
    )
