"""The people with the phones: they read what arrives and act on it in their own time."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from notifications.phones.dice import dice
from notifications.phones.person import COMING, OPTED_OUT, RESERVE, SILENT, Answer, decide
from notifications.phones.reading import Text, read
from notifications.phones.scenario import Scenario
from notifications.phones.store import Message

REPEAT_SECONDS = 90.0
READ_AGAIN_SECONDS = 30.0


class Timer(Protocol):
    def cancel(self) -> None: ...


Later = Callable[[float, Callable[[], None]], Timer]
"""Do something after so many seconds of domain time."""
Say = Callable[[Message, str], None]
"""Text back to the number a message came from."""


@dataclass(slots=True)
class Call:
    """One incident as one person lives it."""

    event: str
    answer: Answer
    bodies: set[str] = field(default_factory=set)
    said: bool = False
    stood_down: bool = False
    on_the_way: bool = False
    pending: list[Timer] = field(default_factory=list)

    def drop_plans(self) -> None:
        for timer in self.pending:
            timer.cancel()
        self.pending.clear()


@dataclass(slots=True)
class Handset:
    calls: dict[str, Call] = field(default_factory=dict)
    last: dict[str, str] = field(default_factory=dict)
    """Sender -> the event it asked about last."""


class Handsets:
    def __init__(self, seed: int, later: Later, say: Say) -> None:
        self.seed, self.later, self.say = seed, later, say
        self.scenario = Scenario()
        self.known: dict[str, Handset] = {}

    def forget(self) -> None:
        self.known.clear()

    def receive(self, message: Message) -> None:
        """A text shows on the screen of `message.to`."""
        text = read(message.body)
        handset = self.known.setdefault(message.to, Handset())
        sender = message.sender or ""
        # A text without a code continues the conversation with its sender.
        event = None if text.code else handset.last.get(sender)
        event = event or f"{message.account} {text.code or message.body}"
        if text.asks:
            handset.last[sender] = event
            self._asked(handset, event, message, text)
        elif call := handset.calls.get(event):
            if text.takes_arrival:
                self._confirmed(call, message)
            elif text.finished:
                call.stood_down = True
                call.drop_plans()

    def _asked(self, handset: Handset, event: str, message: Message, text: Text) -> None:
        call = handset.calls.get(event)
        if call is None:
            answer = decide(self.seed, message.to, event, text, self.scenario)
            call = handset.calls[event] = Call(event, answer, {message.body})
            if answer.kind != SILENT:
                self._first_answer(call, message)
            return
        asked_differently = message.body not in call.bodies
        call.bodies.add(message.body)
        if call.answer.kind in (SILENT, OPTED_OUT) or call.stood_down or not call.said:
            return
        # Once they have answered, the same person asked again says the same thing again, or nothing.
        if asked_differently:
            self._plan(call, READ_AGAIN_SECONDS, message, call.answer.plain)
        elif dice(self.seed, "again", message.to, event, len(message.replies)).random() < 0.2:
            self._plan(call, READ_AGAIN_SECONDS, message, call.answer.text)

    def _first_answer(self, call: Call, message: Message) -> None:
        answer = call.answer
        first = answer.unclear or answer.text
        self._plan(call, answer.delay, message, first)
        if answer.repeats and not answer.unclear:
            self._plan(call, answer.delay + REPEAT_SECONDS, message, first)

    def _confirmed(self, call: Call, message: Message) -> None:
        goes = call.said and call.answer.kind in (COMING, RESERVE) and not call.stood_down
        if not goes or call.on_the_way or not call.answer.shows_up:
            return
        call.on_the_way = True
        self._plan(call, call.answer.travel, message, call.answer.arrived)

    def _plan(self, call: Call, seconds: float, message: Message, words: str) -> None:
        def speak() -> None:
            call.said = True
            self.say(message, words)

        call.pending.append(self.later(seconds, speak))
