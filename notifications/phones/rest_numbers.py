"""Twilio's IncomingPhoneNumbers and Account resources, as far as text messages need them."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from notifications.phones.asgi import Request, Response, answer_json
from notifications.phones.network import Network
from notifications.phones.rest import ROOT, ApiError, not_found, page
from notifications.phones.rest_messages import E164
from notifications.phones.settings import rfc2822
from notifications.phones.store import Number

SETTABLE = {
    "FriendlyName": "friendly_name",
    "SmsUrl": "sms_url",
    "SmsMethod": "sms_method",
    "SmsFallbackUrl": "sms_fallback_url",
    "SmsFallbackMethod": "sms_fallback_method",
    "StatusCallback": "status_callback",
    "StatusCallbackMethod": "status_callback_method",
    "VoiceUrl": "voice_url",
    "VoiceMethod": "voice_method",
    "VoiceFallbackUrl": "voice_fallback_url",
    "VoiceFallbackMethod": "voice_fallback_method",
}
URLS = ("sms_url", "sms_fallback_url", "status_callback", "voice_url", "voice_fallback_url")
METHODS = (
    "sms_method",
    "sms_fallback_method",
    "status_callback_method",
    "voice_method",
    "voice_fallback_method",
)
NOT_SET = ("address_sid", "emergency_address_sid", "identity_sid", "sms_application_sid", "trunk_sid",
           "voice_application_sid", "bundle_sid")  # fmt: skip


def show(number: Number) -> dict[str, Any]:
    """A number with every field of the published schema."""
    facts: dict[str, Any] = dict.fromkeys(URLS, "") | dict.fromkeys(METHODS, "POST")
    facts |= {"friendly_name": number.phone_number} | number.fields | dict.fromkeys(NOT_SET)
    return facts | {
        "account_sid": number.account,
        "address_requirements": "none",
        "api_version": "2010-04-01",
        "beta": False,
        "capabilities": {"voice": False, "sms": True, "mms": False, "fax": False},
        "date_created": rfc2822(number.created),
        "date_updated": rfc2822(number.updated),
        "emergency_address_status": "unregistered",
        "emergency_status": "Inactive",
        "origin": "hosted",
        "phone_number": number.phone_number,
        "sid": number.sid,
        "status": "in-use",
        "type": "mobile",
        "uri": f"{ROOT}/Accounts/{number.account}/IncomingPhoneNumbers/{number.sid}.json",
        "voice_caller_id_lookup": False,
        "voice_receive_mode": "voice",
    }


class Numbers:
    def __init__(self, network: Network) -> None:
        self.network = network

    async def create(self, request: Request, account: str) -> Response:
        """Rent a number; a handset's number ceases to be one when a customer rents it."""
        wanted = request.form.get("PhoneNumber", "")
        if not E164.fullmatch(wanted):
            raise ApiError(400, 21421, f"PhoneNumber '{wanted}' is invalid: write it as +218912345678")
        if self.network.owner(wanted):
            raise ApiError(400, 21422, f"{wanted} is not available")
        now = datetime.now(UTC)
        number = Number("PN" + uuid.uuid4().hex, account, wanted, now, now, _settable(request))
        self.network.store.numbers[number.sid] = number
        self.network.journal.number(number)
        return answer_json(show(number), 201)

    async def list(self, request: Request, account: str) -> Response:
        query = request.query
        found = self.network.store.numbers_of(account)
        after = query.get("PageToken", "")[2:]
        places = [place for place, number in enumerate(found) if number.sid == after]
        kept = found[places[0] + 1 :] if places else found
        return page(request, "incoming_phone_numbers", _matching(kept, query))

    async def fetch(self, request: Request, account: str, sid: str) -> Response:
        return answer_json(show(self._find(request, account, sid)))

    async def update(self, request: Request, account: str, sid: str) -> Response:
        number = self._find(request, account, sid)
        number.fields |= _settable(request)
        number.updated = datetime.now(UTC)
        self.network.journal.number(number)
        return answer_json(show(number))

    async def delete(self, request: Request, account: str, sid: str) -> Response:
        number = self._find(request, account, sid)
        del self.network.store.numbers[sid]
        self.network.journal.number(number, gone=True)
        return Response(204)

    def _find(self, request: Request, account: str, sid: str) -> Number:
        number = self.network.store.numbers.get(sid)
        if number is None or number.account != account:
            raise not_found(request.path)
        return number

    async def account(self, request: Request, account: str) -> Response:
        """The account itself: asked for to see that the carrier is there and knows the token."""
        settings = self.network.settings
        uri = f"{ROOT}/Accounts/{account}"
        return answer_json(
            {
                "auth_token": settings.accounts[account],
                "date_created": rfc2822(settings.clock.start),
                "date_updated": rfc2822(settings.clock.start),
                "friendly_name": "Phone-network simulator",
                "owner_account_sid": account,
                "sid": account,
                "status": "active",
                "subresource_uris": {
                    "messages": f"{uri}/Messages.json",
                    "incoming_phone_numbers": f"{uri}/IncomingPhoneNumbers.json",
                },
                "type": "Full",
                "uri": f"{uri}.json",
            }
        )


def _settable(request: Request) -> dict[str, str]:
    given = {field: request.form[name] for name, field in SETTABLE.items() if name in request.form}
    for field in METHODS:
        if given.get(field, "POST") not in ("GET", "POST"):
            raise ApiError(400, 21403, f"{field} must be GET or POST")
    for field in URLS:
        if given.get(field) and not given[field].startswith(("http://", "https://")):
            raise ApiError(400, 21402, f"{field} is not a valid URL: {given[field]}")
    return given


def _matching(found: list[Number], query: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Twilio matches PhoneNumber anywhere inside the number, FriendlyName exactly."""
    for number in found:
        row = show(number)
        name = query.get("FriendlyName")
        if query.get("PhoneNumber", "") in number.phone_number and (
            name is None or name == row["friendly_name"]
        ):
            yield row
