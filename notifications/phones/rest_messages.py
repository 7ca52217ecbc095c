"""Twilio's Messages resource: create, list, fetch, update, delete."""

import asyncio
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from notifications.phones.asgi import HangUp, HoldLine, Request, Response, answer_json
from notifications.phones.dice import dice
from notifications.phones.network import Draft, Network
from notifications.phones.rest import ROOT, ApiError, not_found, page
from notifications.phones.scenario import EXCLUSIVE, Scenario
from notifications.phones.settings import rfc2822
from notifications.phones.store import INBOUND, Message

E164 = re.compile(r"\+[1-9]\d{6,14}")
NAMED_SENDER = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}")
SERVICE = re.compile(r"MG[0-9a-fA-F]{32}")
LONGEST_BODY, LONGEST_VALIDITY = 1600, 36000
PRICE_PER_PART = 0.0075
NOT_PLAYED = ("MediaUrl", "ContentSid", "ApplicationSid", "PersistentAction")
ERROR_TEXT = {
    21704: "The Messaging Service contains no phone numbers",
    30003: "Unreachable destination handset",
    30005: "Unknown destination handset",
    30006: "Landline or unreachable carrier",
    30007: "Carrier violation",
    30008: "Unknown error",
    30036: "Validity period expired",
}


def show(message: Message) -> dict[str, Any]:
    """A message with every field of the published schema."""
    uri = f"{ROOT}/Accounts/{message.account}/Messages/{message.sid}"
    placed = message.status not in ("accepted", "scheduled")
    billed = message.sent is not None
    return {
        "account_sid": message.account,
        "api_version": "2010-04-01",
        "body": "" if message.redacted else message.body,
        "date_created": rfc2822(message.created),
        "date_sent": rfc2822(message.sent) if message.sent else None,
        "date_updated": rfc2822(message.updated or message.created),
        "direction": message.direction,
        "error_code": message.error_code,
        "error_message": ERROR_TEXT.get(message.error_code, "Unknown error") if message.error_code else None,
        "from": message.sender,
        "messaging_service_sid": message.service,
        "num_media": "0",
        "num_segments": str(message.parts) if placed else "0",
        "price": f"-{message.parts * PRICE_PER_PART:.5f}" if billed else None,
        "price_unit": "USD",
        "sid": message.sid,
        "status": message.status,
        "subresource_uris": {"media": f"{uri}/Media.json", "feedback": f"{uri}/Feedback.json"},
        "to": message.to,
        "uri": f"{uri}.json",
    }


class Messages:
    def __init__(self, network: Network) -> None:
        self.network = network
        self.at_work = 0

    async def create(self, request: Request, account: str) -> Response:
        """Accept a message, or have one of the scenario's accidents before or after that."""
        network, scenario = self.network, self.network.scenario
        draft = self._draft(request, account)
        key = network.store.next_try(account, draft.to, draft.body)
        chance = dice(network.settings.seed, "post", key)
        fate = _fate(chance.random(), scenario)
        latency = max(0.0, scenario.latency_ms + scenario.latency_jitter_ms * chance.uniform(-1, 1)) / 1000
        early = chance.random() < scenario.rate_early
        self.at_work += 1
        try:
            if not early:
                await asyncio.sleep(latency)
            if scenario.concurrency and self.at_work > scenario.concurrency:
                fate = "rate_429"
            if fate:
                network.faults[fate] += 1
            self._before(fate, account)
            message = network.accept(draft, key, ANSWERED.get(fate, "201"))
            if early:
                await asyncio.sleep(latency)
        finally:
            self.at_work -= 1
        _after(fate)
        response = answer_json(show(message), 201)
        return Response(201, response.body, headers={"Twilio-Concurrent-Requests": str(self.at_work + 1)})

    def _before(self, fate: str, account: str) -> None:
        network = self.network
        cap = network.scenario.daily_cap
        if fate == "rate_429":
            raise ApiError(429, 20429, "Too Many Requests")
        if fate == "rate_500_before":
            raise ApiError(500, 20500, "An internal server error has occurred")
        if fate == "rate_drop_before":
            raise HangUp
        if fate == "rate_hang_before":
            raise HoldLine
        if cap and network.store.accepted[account] >= cap:
            network.faults["cap"] += 1
            raise ApiError(429, 63038, "Account exceeded the daily messages limit")

    async def list(self, request: Request, account: str) -> Response:
        query = request.query
        token = query.get("PageToken", "")[2:]
        last = self.network.store.by_sid.get(token)
        if "PageToken" in query and last is None:
            raise ApiError(400, 20001, "PageToken is not one this list has given")
        found = self.network.store.newest_first(
            account, query.get("To") or None, query.get("From") or None, last.seq if last else None
        )
        return page(request, "messages", self._listed(found, _date_filter(query)))

    def _listed(
        self, found: Iterator[Message], wanted: Callable[[Message], bool]
    ) -> Iterator[dict[str, Any]]:
        newest = datetime.now(UTC) - timedelta(seconds=self.network.scenario.listing_delay_real_s)
        return (show(message) for message in found if message.created <= newest and wanted(message))

    async def fetch(self, request: Request, account: str, sid: str) -> Response:
        return answer_json(show(self._find(request, account, sid)))

    async def update(self, request: Request, account: str, sid: str) -> Response:
        """Cancel a scheduled message, or empty the body of a finished one."""
        message, form = self._find(request, account, sid), request.form
        if form.get("Status") == "canceled":
            if message.status != "scheduled":
                raise ApiError(400, 30409, "This message cannot be canceled: only scheduled messages can")
            self.network.cancel(message)
        elif "Status" in form:
            raise ApiError(400, 20001, "Status can only be set to 'canceled'")
        if "Body" in form:
            if form["Body"]:
                raise ApiError(400, 20001, "Body can only be set to an empty string")
            _must_be_complete(message)
            message.redacted = True
        return answer_json(show(message))

    async def delete(self, request: Request, account: str, sid: str) -> Response:
        message = self._find(request, account, sid)
        _must_be_complete(message)
        message.deleted = True
        return Response(204)

    def _find(self, request: Request, account: str, sid: str) -> Message:
        message = self.network.store.by_sid.get(sid)
        if message is None or message.account != account or message.deleted:
            raise not_found(request.path)
        return message

    def _draft(self, request: Request, account: str) -> Draft:
        form, scenario = request.form, self.network.scenario
        to, body, callback = form.get("To", ""), form.get("Body", ""), form.get("StatusCallback")
        if not to:
            raise ApiError(400, 21604, "A 'To' phone number is required.")
        if not E164.fullmatch(to):
            raise ApiError(400, 21211, f"Invalid 'To' Phone Number: {to}")
        for name in NOT_PLAYED:
            if name in form:
                raise ApiError(400, 20001, f"{name} is not played by this carrier")
        if not body:
            raise ApiError(400, 21602, "Message body is required.")
        if len(body) > LONGEST_BODY:
            raise ApiError(
                400, 21617, f"The concatenated message body exceeds the {LONGEST_BODY} character limit"
            )
        if callback is not None and not _is_web(callback):
            raise ApiError(400, 21609, f"The 'StatusCallback' URL {callback} is not a valid URL")
        if scenario.denied_prefixes and to.startswith(scenario.denied_prefixes):
            raise ApiError(
                400, 21408, f"Permission to send an SMS has not been enabled for the region of {to}"
            )
        sender, service = self._sender(form, account, to)
        validity = form.get("ValidityPeriod", str(LONGEST_VALIDITY))
        if not validity.isdecimal() or not 1 <= int(validity) <= LONGEST_VALIDITY:
            raise ApiError(
                400, 20001, f"ValidityPeriod must be from 1 to {LONGEST_VALIDITY} seconds, not {validity}"
            )
        start = self._start(form, service)
        return Draft(account, to, body, sender, service, callback, int(validity), start)

    def _sender(self, form: Mapping[str, str], account: str, to: str) -> tuple[str | None, str | None]:
        """Sender and messaging service, checked; a service without a From chooses the sender later."""
        sender, service = form.get("From") or None, form.get("MessagingServiceSid") or None
        if sender is None and service is None:
            raise ApiError(400, 21603, "A 'From' phone number or 'MessagingServiceSid' is required.")
        if service and not SERVICE.fullmatch(service):
            raise ApiError(400, 21701, f"The Messaging Service {service} does not exist")
        if sender is None:
            return None, service
        if sender == to:
            raise ApiError(400, 21266, "'To' and 'From' number cannot be the same")
        if not E164.fullmatch(sender) and not NAMED_SENDER.fullmatch(sender):
            raise ApiError(400, 21212, f"Invalid 'From' Phone Number: {sender}")
        own = {number.phone_number for number in self.network.store.numbers_of(account)}
        if E164.fullmatch(sender) and sender not in own:
            raise ApiError(
                400, 21660, f"Mismatch between the 'From' number {sender} and the account {account}: "
                "create it as an IncomingPhoneNumber first"
            )  # fmt: skip
        if (sender, to) in self.network.store.opted_out:
            raise ApiError(400, 21610, "Attempt to send to unsubscribed recipient")
        return sender, service

    def _start(self, form: Mapping[str, str], service: str | None) -> datetime | None:
        """SendAt in domain time: 5 minutes to 35 days ahead, with a messaging service, as Twilio wants it."""
        if "SendAt" not in form and "ScheduleType" not in form:
            return None
        if service is None or form.get("ScheduleType") != "fixed":
            raise ApiError(400, 35118, "Scheduling needs MessagingServiceSid and ScheduleType=fixed")
        start = _moment(form.get("SendAt", ""), "SendAt")
        ahead = start - self.network.settings.clock.domain(datetime.now(UTC))
        if not timedelta(minutes=5) <= ahead <= timedelta(days=35):
            raise ApiError(400, 35114, "SendAt must be 5 minutes to 35 days ahead")
        return start


ANSWERED = {"rate_500_after": "500", "rate_drop_after": "dropped", "rate_hang_after": "hung"}


def _fate(drawn: float, scenario: Scenario) -> str:
    """The accident of EXCLUSIVE that befalls this POST, or ""."""
    for name in EXCLUSIVE:
        drawn -= getattr(scenario, name)
        if drawn < 0:
            return name
    return ""


def _after(fate: str) -> None:
    if fate == "rate_500_after":
        raise ApiError(500, 20500, "An internal server error has occurred")
    if fate == "rate_drop_after":
        raise HangUp
    if fate == "rate_hang_after":
        raise HoldLine


def _must_be_complete(message: Message) -> None:
    if message.direction != INBOUND and message.status in ("scheduled", "accepted", "queued", "sending"):
        raise ApiError(409, 20009, "Cannot change or delete this resource before it is complete")


def _is_web(url: str) -> bool:
    try:
        place = urlsplit(url)
        return place.scheme in ("http", "https") and bool(place.hostname) and place.port != 0
    except ValueError:
        return False


def _moment(text: str, name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        try:
            moment = parsedate_to_datetime(text)
        except ValueError as error:
            raise ApiError(400, 20001, f"{name} is not a date: '{text}'") from error
    return moment if moment.utcoffset() is not None else moment.replace(tzinfo=UTC)


def _date_filter(query: Mapping[str, str]) -> Callable[[Message], bool]:
    """DateSent is that day in UTC; `DateSent>` and `DateSent<` include their moment (written >= and <=).

    A message that has not been sent has no DateSent and never matches.
    """
    limits = {
        name: _moment(query[name], name) for name in ("DateSent", "DateSent>", "DateSent<") if query.get(name)
    }
    if not limits:
        return lambda message: True
    first = max((limits[name] for name in ("DateSent", "DateSent>") if name in limits), default=None)
    last = limits.get("DateSent<")
    if last and len(query["DateSent<"]) == len("2026-01-31"):
        last += timedelta(days=1)
    if "DateSent" in limits:
        first = limits["DateSent"].replace(hour=0, minute=0, second=0, microsecond=0)
        last = first + timedelta(days=1)
    return lambda message: (
        message.sent is not None
        and (first is None or message.sent >= first)
        and (last is None or message.sent <= last)
    )
