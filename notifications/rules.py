"""What may happen to a message, as pure functions and literal tables.

Sources: the providers' error dictionaries and the failure tests summed up in the project's design notes.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final


class State(StrEnum):
    """States of a message, as the database's CHECK names them."""

    QUEUED = "queued"
    SENDING = "sending"
    UNKNOWN = "unknown"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


FINAL: Final = frozenset({State.DELIVERED, State.FAILED, State.CANCELLED, State.EXPIRED})
OPEN: Final = frozenset(State) - FINAL


class Event(StrEnum):
    """What can happen to a message."""

    CLAIMED = "claimed"
    CANCEL = "cancel"
    LIFE_OVER = "life_over"
    ACCEPTED = "accepted"  # the provider answered with its id
    NOT_PROCESSED = "not_processed"  # the provider certainly did not take it: again later
    LOST = "lost"  # nobody knows whether the provider took it
    REFUSED = "refused"  # the provider said no for good
    FOUND = "found"  # listing shows it at the provider
    ABSENT = "absent"  # listing did not show it, looked often enough
    ON_ITS_WAY = "on_its_way"  # receipt before delivery
    ARRIVED = "arrived"  # receipt: on the handset
    BOUNCED = "bounced"  # receipt: will not arrive
    ID_CLAIMED = "id_claimed"  # the id it adopted belongs to another message


# Every move there is. What is not here does not happen: a final state has no way out.
# queued + ACCEPTED (and receipts) is the late answer of an attempt that had been given up as absent.
MOVES: Final[dict[tuple[State, Event], State]] = {
    (State.QUEUED, Event.CLAIMED): State.SENDING,
    (State.QUEUED, Event.CANCEL): State.CANCELLED,
    (State.QUEUED, Event.LIFE_OVER): State.EXPIRED,
    (State.QUEUED, Event.ACCEPTED): State.SENT,
    (State.QUEUED, Event.ON_ITS_WAY): State.SENT,
    (State.QUEUED, Event.ARRIVED): State.DELIVERED,
    (State.QUEUED, Event.BOUNCED): State.FAILED,
    (State.SENDING, Event.ACCEPTED): State.SENT,
    (State.SENDING, Event.NOT_PROCESSED): State.QUEUED,
    (State.SENDING, Event.LOST): State.UNKNOWN,
    (State.SENDING, Event.REFUSED): State.FAILED,
    (State.SENDING, Event.ON_ITS_WAY): State.SENT,
    (State.SENDING, Event.ARRIVED): State.DELIVERED,
    (State.SENDING, Event.BOUNCED): State.FAILED,
    (State.UNKNOWN, Event.ACCEPTED): State.SENT,
    (State.UNKNOWN, Event.NOT_PROCESSED): State.QUEUED,
    (State.UNKNOWN, Event.REFUSED): State.FAILED,
    (State.UNKNOWN, Event.FOUND): State.SENT,
    (State.UNKNOWN, Event.ABSENT): State.QUEUED,
    (State.UNKNOWN, Event.ON_ITS_WAY): State.SENT,
    (State.UNKNOWN, Event.ARRIVED): State.DELIVERED,
    (State.UNKNOWN, Event.BOUNCED): State.FAILED,
    (State.SENT, Event.ARRIVED): State.DELIVERED,
    (State.SENT, Event.BOUNCED): State.FAILED,
    (State.SENT, Event.ID_CLAIMED): State.UNKNOWN,
}


# What differs for a message that was taken back while it was on its way: nothing goes back into the queue.
UNWANTED_MOVES: Final[dict[tuple[State, Event], State]] = {
    (State.SENDING, Event.NOT_PROCESSED): State.CANCELLED,
    (State.UNKNOWN, Event.NOT_PROCESSED): State.CANCELLED,
    (State.UNKNOWN, Event.ABSENT): State.CANCELLED,
}


def move(state: State, event: Event, *, wanted: bool = True) -> State | None:
    """The state after `event`, or None where it changes nothing (late, repeated, out of order)."""
    usual = MOVES.get((state, event))
    return usual if wanted else UNWANTED_MOVES.get((state, event), usual)


class Action(StrEnum):
    """What the service does about a provider's code."""

    RECONCILE = "reconcile"
    AGAIN = "again"
    STOP_SENDER = "stop_sender"
    NOT_A_MOBILE = "not_a_mobile"
    NOT_SERVED = "not_served"
    WRONG_SENDER = "wrong_sender"
    OPTED_OUT = "opted_out"
    SLOW_DOWN = "slow_down"
    CAPPED = "capped"
    HANDSET_OFF = "handset_off"
    ONE_MORE = "one_more"
    FILTERED = "filtered"
    NOT_IN_TIME = "not_in_time"
    TEMPLATE_NEEDED = "template_needed"
    NEEDS_PERSON = "needs_person"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a send went wrong.

    event: what an answer with this code does to the message being sent.
    alarm: a person must look. stops: nothing more leaves by this sender until then.
    elsewhere: another provider or sender may succeed. voice: a call may succeed.
    resend: how many more texts may be tried after a receipt with this code.
    """

    action: Action
    event: Event
    alarm: bool = False
    stops: bool = False
    elsewhere: bool = False
    voice: bool = False
    resend: int = 0


RECONCILE: Final = Outcome(Action.RECONCILE, Event.LOST)
AGAIN: Final = Outcome(Action.AGAIN, Event.NOT_PROCESSED)
NEEDS_PERSON: Final = Outcome(Action.NEEDS_PERSON, Event.REFUSED, alarm=True)
_STOP = Outcome(Action.STOP_SENDER, Event.NOT_PROCESSED, alarm=True, stops=True, elsewhere=True)
_NOT_A_MOBILE = Outcome(Action.NOT_A_MOBILE, Event.REFUSED, voice=True)
_WRONG_SENDER = Outcome(Action.WRONG_SENDER, Event.REFUSED, alarm=True, elsewhere=True)
_SLOW_DOWN = Outcome(Action.SLOW_DOWN, Event.NOT_PROCESSED, resend=1)
_CAPPED = Outcome(Action.CAPPED, Event.NOT_PROCESSED, alarm=True, elsewhere=True)
_ONE_MORE = Outcome(Action.ONE_MORE, Event.REFUSED, voice=True, resend=1)
_FILTERED = Outcome(Action.FILTERED, Event.REFUSED, alarm=True, elsewhere=True)

OUTCOMES: Final[dict[str, Outcome]] = {
    "timeout": RECONCILE,
    "reset": RECONCILE,
    "5xx": RECONCILE,
    "unreadable": RECONCILE,
    "20500": RECONCILE,
    "unreachable": AGAIN,  # no connection was made, so nothing was processed
    "429": AGAIN,
    "20429": AGAIN,
    "20003": _STOP,
    "30002": _STOP,
    "21211": _NOT_A_MOBILE,
    "21614": _NOT_A_MOBILE,
    "21635": _NOT_A_MOBILE,
    "30006": _NOT_A_MOBILE,
    "21408": Outcome(Action.NOT_SERVED, Event.REFUSED, elsewhere=True),
    "21606": _WRONG_SENDER,
    "21612": _WRONG_SENDER,
    "21663": _WRONG_SENDER,
    "30042": _WRONG_SENDER,
    "21610": Outcome(Action.OPTED_OUT, Event.REFUSED),
    "21611": _SLOW_DOWN,
    "30001": _SLOW_DOWN,
    "14107": _SLOW_DOWN,
    "63017": _SLOW_DOWN,
    "63038": _CAPPED,
    "60728": _CAPPED,
    "30003": Outcome(Action.HANDSET_OFF, Event.REFUSED, voice=True, resend=2),
    "30005": _ONE_MORE,
    "30008": _ONE_MORE,
    "30004": _FILTERED,
    "30007": _FILTERED,
    "30036": Outcome(Action.NOT_IN_TIME, Event.REFUSED),
    "63016": Outcome(Action.TEMPLATE_NEEDED, Event.REFUSED),
}


def outcome(code: str, status: int = 0) -> Outcome:
    """The outcome of a provider code, or of an HTTP status when the code says nothing known.

    An HTTP answer of 500 and above leaves open whether the message exists, whatever else it says.
    """
    if status >= 500:
        return RECONCILE
    if status == 429:
        return AGAIN
    if status == 401:
        return _STOP
    return OUTCOMES.get(code, NEEDS_PERSON)


# What a provider calls a message -> what that does to ours. Unknown names change nothing.
RECEIPTS: Final[dict[str, Event]] = {
    "accepted": Event.ON_ITS_WAY,
    "scheduled": Event.ON_ITS_WAY,
    "queued": Event.ON_ITS_WAY,
    "sending": Event.ON_ITS_WAY,
    "sent": Event.ON_ITS_WAY,
    "delivered": Event.ARRIVED,
    "read": Event.ARRIVED,
    "undelivered": Event.BOUNCED,
    "failed": Event.BOUNCED,
    "canceled": Event.BOUNCED,
}


@dataclass(frozen=True, slots=True)
class Pace:
    """Real-time limits of the sending side."""

    lease: timedelta = timedelta(seconds=60)
    fence: timedelta = timedelta(seconds=15)
    deadline: timedelta = timedelta(seconds=13)
    connect: timedelta = timedelta(seconds=3)
    grace: timedelta = timedelta(seconds=60)
    looks: int = 3
    look_every: timedelta = timedelta(seconds=10)
    poll_every: timedelta = timedelta(seconds=30)

    def __post_init__(self) -> None:
        if not self.deadline < self.fence < self.lease:
            raise ValueError("The HTTP deadline must be shorter than the fence, the fence than the lease.")


def may_post(*, left: timedelta, pace: Pace) -> bool:
    """The fence: a POST begins only if it must end before anybody else may judge the lease."""
    return left > pace.fence


def backoff(failures: int, draw: float, *, first: float = 0.5, most: float = 60.0) -> timedelta:
    """Wait after the n-th failure in a row (n from 1): doubling, with full jitter in the upper half.

    draw: uniform in [0, 1).
    """
    whole = min(most, first * 2.0 ** min(max(failures, 1) - 1, 30))
    return timedelta(seconds=whole * (0.5 + draw / 2))


def slower(limit: float) -> float:
    """Concurrency after the provider said "too many"."""
    return max(1.0, limit / 2)


def faster(limit: float, most: int) -> float:
    """Concurrency after one message went through: one more per round of `limit` messages."""
    return min(float(most), limit + 1.0 / limit)


def validity_seconds(left: timedelta) -> int:
    """Remaining life in real time -> the provider's ValidityPeriod, whole seconds in 1..36000."""
    return max(1, min(36_000, int(left.total_seconds())))


# 3GPP TS 23.038, default alphabet and its extension table (each of the latter takes two septets).
_GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM7_EXTENDED = frozenset("\f^{}\\[~]|€")


@dataclass(frozen=True, slots=True)
class Size:
    """A text on the air. units: septets (GSM-7) or 16-bit units (UCS-2)."""

    encoding: str
    units: int
    parts: int
    left_in_part: int


def size(text: str) -> Size:
    """Encoding, units and parts of a text; one character outside GSM-7 makes the whole of it UCS-2."""
    if all(c in _GSM7 or c in _GSM7_EXTENDED for c in text):
        widths, single, joined, encoding = [2 if c in _GSM7_EXTENDED else 1 for c in text], 160, 153, "GSM-7"
    else:
        widths, single, joined, encoding = [2 if ord(c) > 0xFFFF else 1 for c in text], 70, 67, "UCS-2"
    units = sum(widths)
    if units <= single:
        return Size(encoding, units, 1, single - units)
    parts, room = 1, joined
    for width in widths:  # a character is never cut between two parts
        if width > room:
            parts, room = parts + 1, joined
        room -= width
    return Size(encoding, units, parts, room)


def segments(text: str) -> int:
    """Parts a carrier bills for a text."""
    return size(text).parts
