"""The carrier at work: takes messages, carries them to handsets, carries answers back, tells the customer."""

import asyncio
import math
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

from notifications.phones.dice import dice
from notifications.phones.handsets import Handsets
from notifications.phones.journal import Journal
from notifications.phones.posting import Postman
from notifications.phones.scenario import Scenario
from notifications.phones.settings import Settings
from notifications.phones.store import INBOUND, OUTBOUND, Message, Number, Store
from notifications.phones.webhooks import Webhooks

STOP_WORDS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"})
START_WORDS = frozenset({"START", "YES", "UNSTOP"})
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Draft:
    """A message the API has checked and not yet accepted. `start` is the domain time of a scheduled one."""

    account: str
    to: str
    body: str
    sender: str | None
    service: str | None
    callback: str | None
    validity: int
    start: datetime | None = None


class Network:
    def __init__(self, settings: Settings, scenario: Scenario, journal: Journal) -> None:
        self.settings, self.journal = settings, journal
        self.store = Store()
        self.postman = Postman()
        self.webhooks = Webhooks(settings, self.postman, journal, self.later)
        self.handsets = Handsets(settings.seed, self.later, self.reply)
        self.faults: Counter[str] = Counter()
        self.use(scenario)
        self._timers: set[asyncio.TimerHandle] = set()
        self._free_at: dict[str, float] = {}
        for number in journal.numbers():
            self.store.numbers[number.sid] = number

    def use(self, scenario: Scenario) -> None:
        self.scenario = self.handsets.scenario = self.webhooks.scenario = scenario

    def reset(self, numbers: bool) -> None:
        """Forget all traffic, and the rented numbers too if asked to."""
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        self._free_at.clear()
        self.postman.forget()
        self.store.forget_messages()
        self.handsets.forget()
        self.faults.clear()
        if numbers:
            for number in self.store.numbers.values():
                self.journal.number(number, gone=True)
            self.store.numbers.clear()
        self.journal.write("reset", {})

    def later(self, seconds: float, act: Callable[[], None]) -> asyncio.TimerHandle:
        """Act after so many seconds of the carrier's time."""

        def run() -> None:
            self._timers.discard(timer)
            act()

        timer = asyncio.get_running_loop().call_later(self.settings.clock.real_seconds(seconds), run)
        self._timers.add(timer)
        return timer

    @property
    def waiting(self) -> int:
        """Timers set and posts under way."""
        return len(self._timers) + self.postman.pending

    def accept(self, draft: Draft, key: str, answered: str) -> Message:
        first = "scheduled" if draft.start else "accepted" if draft.service and not draft.sender else "queued"
        now = datetime.now(UTC)
        message = self.store.add(
            account=draft.account, direction=OUTBOUND, sender=draft.sender, to=draft.to, body=draft.body,
            created=now, status=first, key=key, callback=draft.callback, attempt=attempt_of(draft.callback),
            service=draft.service, validity=draft.validity, answered=answered,
        )  # fmt: skip
        self.journal.message(message)
        wait = (
            max(0.0, (draft.start - self.settings.clock.domain(now)).total_seconds()) if draft.start else 0.0
        )
        if first == "queued":
            self._queue(message)
        else:
            self.later(wait, lambda: self._choose_sender(message))
        return message

    def cancel(self, message: Message) -> None:
        self._move(message, "canceled")

    def _choose_sender(self, message: Message) -> None:
        if message.status == "canceled":
            return
        if message.sender is None:
            pool = sorted(number.phone_number for number in self.store.numbers_of(message.account))
            if not pool:
                self._move(message, "failed", 21704)
                return
            # The same person always hears from the same number ("sticky sender").
            self.store.sent_by(message, dice(self.settings.seed, "sender", message.to).choice(pool))
        self._move(message, "queued")
        self._queue(message)

    def _queue(self, message: Message) -> None:
        """Wait for the sender's turn; a message that would wait past its validity fails when it runs out.

        ValidityPeriod is in real seconds, as the customer's HTTP clock runs; everything else here is scaled.
        """
        speed = self.settings.clock.speed
        wait, pace, life = self.scenario.queue_s, self.scenario.parts_per_second, message.validity * speed
        if pace and message.sender:
            clock = asyncio.get_running_loop().time() * speed
            turn = max(clock, self._free_at.get(message.sender, clock))
            wait += turn - clock
            if wait <= life:
                self._free_at[message.sender] = turn + message.parts / pace
        if wait > life:
            self.later(life, lambda: self._move(message, "failed", 30036))
        else:
            self.later(wait, lambda: self._send(message))

    def _send(self, message: Message) -> None:
        own = dice(self.settings.seed, "way", message.key)
        if own.random() < self.scenario.rate_filtered:
            self._move(message, "undelivered", 30007)
            return
        self._move(message, "sent")
        delay = own.lognormvariate(
            math.log(max(self.scenario.delivery_median_s, 1e-9)), self.scenario.delivery_sigma
        )
        code, receipt = self._unreachable(message), own.random() >= self.scenario.rate_sent_is_final
        self.later(delay, lambda: self._arrive(message, code, receipt))

    def _unreachable(self, message: Message) -> int | None:
        """The error this handset ends with: a number's kind lasts, being switched off passes."""
        if message.to in self.scenario.dead:
            return self.scenario.dead[message.to]
        lasting, passing = (
            dice(self.settings.seed, "line", message.to),
            dice(self.settings.seed, "off", message.key),
        )
        fate, mood = lasting.random(), passing.random()
        if fate < self.scenario.rate_unknown:
            return 30005
        if fate < self.scenario.rate_unknown + self.scenario.rate_landline:
            return 30006
        if mood < self.scenario.rate_off:
            return 30003
        return 30008 if mood < self.scenario.rate_off + self.scenario.rate_lost else None

    def _arrive(self, message: Message, code: int | None, receipt: bool) -> None:
        if code is not None:
            self._move(message, "undelivered", code)
            return
        if receipt:
            self._move(message, "delivered")
        if not self.owner(message.to):
            self.handsets.receive(message)

    def _move(self, message: Message, status: str, code: int | None = None) -> None:
        now = datetime.now(UTC)
        message.status, message.error_code, message.updated = status, code, now
        if status == "sent":
            message.sent = now
        message.history.append((status, now, code))
        self.journal.status(message)
        self.webhooks.status(message)

    def owner(self, phone_number: str) -> Number | None:
        return next((n for n in self.store.numbers.values() if n.phone_number == phone_number), None)

    def reply(self, asked: Message, words: str) -> None:
        """A handset answers a text; nobody can answer a name (an alphanumeric sender)."""
        number = self.owner(asked.sender or "")
        if number:
            self.say(asked.to, number, words, asked)

    def say(self, handset: str, number: Number, words: str, asked: Message | None = None) -> Message:
        """A text from a handset to one of the carrier's numbers."""
        now = datetime.now(UTC)
        message = self.store.add(
            account=number.account, direction=INBOUND, sender=handset, to=number.phone_number, body=words,
            created=now, status="received", key=self.store.next_try(number.account, handset, words),
        )  # fmt: skip
        message.sent = now
        if asked:
            message.in_reply_to = asked.sid
            message.service = asked.service
            asked.replies.append(message.sid)
        pair = (number.phone_number, handset)
        word = words.strip().upper()
        if word in STOP_WORDS:
            self.store.opted_out.add(pair)
        elif word in START_WORDS:
            self.store.opted_out.discard(pair)
        self.journal.message(message)
        self.webhooks.inbound(message, number)
        return message


def attempt_of(callback: str | None) -> str | None:
    """The customer's attempt id in its StatusCallback: the `attempt` of the query, else the last UUID."""
    if not callback:
        return None
    named = dict(parse_qsl(urlsplit(callback).query)).get("attempt")
    return named or next(iter(UUID.findall(callback)[::-1]), None)
