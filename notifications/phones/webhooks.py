"""What the carrier tells its customer: each message's progress, and each text from a handset."""

from collections.abc import Callable
from datetime import UTC, datetime

from notifications.phones.countries import country_of
from notifications.phones.dice import dice
from notifications.phones.journal import Journal
from notifications.phones.posting import Postman
from notifications.phones.scenario import Scenario
from notifications.phones.settings import Settings
from notifications.phones.store import Message, Number, Post

SECOND_COPY_SECONDS = 2.0
API_VERSION = "2010-04-01"


class Webhooks:
    """Status posts of one message go out one after another; faults of the scenario break that order."""

    def __init__(
        self,
        settings: Settings,
        postman: Postman,
        journal: Journal,
        later: Callable[[float, Callable[[], None]], object],
    ) -> None:
        self.settings, self.postman, self.journal, self.later = settings, postman, journal, later
        self.scenario = Scenario()

    def status(self, message: Message) -> None:
        """Tell of the message's present status."""
        if not message.callback:
            return
        chance, faults = dice(self.settings.seed, "callback", message.key, message.status), self.scenario
        post = Post("status", message.status, message.callback)
        message.posts.append(post)
        if chance.random() < faults.rate_callback_dropped:
            post.outcome = "never sent"
        elif chance.random() < faults.rate_callback_late:
            self.later(faults.late_s, lambda: self._line_up(message, post))
        elif message.status == "sent" and chance.random() < faults.rate_callback_reordered:
            message.held = post
        else:
            self._line_up(message, post)
        if message.held and message.held is not post:
            self._line_up(message, message.held)
            message.held = None
        if chance.random() < faults.rate_callback_twice:
            copy = Post("status", message.status, message.callback)
            message.posts.append(copy)
            self.later(SECOND_COPY_SECONDS, lambda: self._line_up(message, copy))

    def inbound(self, message: Message, number: Number) -> None:
        """Tell of a text from a handset; Twilio tries the number's URL, then its fallback, then gives up."""
        chance, faults = dice(self.settings.seed, "inbound", message.key), self.scenario
        url = number.fields.get("sms_url")
        if not url:
            return
        copies = 2 if chance.random() < faults.rate_inbound_twice else 1
        for _ in range(copies):
            post = Post("inbound", message.status, url)
            message.posts.append(post)
            if chance.random() < faults.rate_inbound_dropped:
                post.outcome = "never sent"
            else:
                self._send_inbound(message, number, post)

    def _line_up(self, message: Message, post: Post) -> None:
        message.to_post.append(post)
        if len(message.to_post) == 1:
            self.postman.add(lambda: self._send_statuses(message))

    async def _send_statuses(self, message: Message) -> None:
        while message.to_post:
            post = message.to_post[0]
            await self._deliver(message, post, "POST", status_fields(message, post.status))
            message.to_post.popleft()

    def _send_inbound(self, message: Message, number: Number, post: Post) -> None:
        async def send() -> None:
            fields = inbound_fields(message)
            method = number.fields.get("sms_method") or "POST"
            fallback = number.fields.get("sms_fallback_url")
            if await self._deliver(message, post, method, fields) or not fallback:
                return
            second = Post("fallback", message.status, fallback)
            message.posts.append(second)
            method = number.fields.get("sms_fallback_method") or "POST"
            await self._deliver(
                message, second, method, fields | {"ErrorCode": "11200", "ErrorUrl": post.url}
            )

        self.postman.add(send)

    async def _deliver(self, message: Message, post: Post, method: str, fields: dict[str, str]) -> bool:
        token = self.settings.accounts[message.account]
        done = await self.postman.deliver(post, method, fields, token, self.scenario.webhook_timeout_real_s)
        self.journal.post(message, post)
        return done


def status_fields(message: Message, status: str) -> dict[str, str]:
    fields = {
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "MessageStatus": status,
        "SmsStatus": status,
        "AccountSid": message.account,
        "From": message.sender or "",
        "To": message.to,
        "ApiVersion": API_VERSION,
    }
    if message.service:
        fields["MessagingServiceSid"] = message.service
    if status in ("delivered", "undelivered"):
        fields["RawDlrDoneDate"] = datetime.now(UTC).strftime("%y%m%d%H%M")
    if message.error_code is not None and status in ("undelivered", "failed"):
        fields["ErrorCode"] = str(message.error_code)
    return fields


def inbound_fields(message: Message) -> dict[str, str]:
    """All fields Twilio posts for an incoming SMS; city, state and zip are empty outside North America."""
    fields = {
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "SmsMessageSid": message.sid,
        "AccountSid": message.account,
        "From": message.sender or "",
        "To": message.to,
        "Body": message.body,
        "NumMedia": "0",
        "NumSegments": str(message.parts),
        "SmsStatus": "received",
        "ApiVersion": API_VERSION,
    }
    for end, number in (("From", message.sender or ""), ("To", message.to)):
        fields |= {f"{end}Country": country_of(number), f"{end}City": "", f"{end}State": "", f"{end}Zip": ""}
    if message.service:
        fields["MessagingServiceSid"] = message.service
    return fields
