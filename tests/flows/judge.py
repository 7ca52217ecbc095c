"""What must hold after any drill, judged by the carrier's ledger against our database as the owner reads it.

`evidence` collects, `faults` only thinks: a list of sentences, empty when all is well.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from dispatch.callouts.rules import moves
from tests.service import Service

# A message in one of these, with its reason, explains why a person asked has none at the carrier.
EXCUSED = frozenset({"cancelled", "failed", "expired"})


@dataclass
class Message:
    """A message of ours, and the attempts made to send it."""

    id: UUID
    purpose: str
    subject: UUID
    to: str
    state: str
    reason: str


@dataclass
class Evidence:
    """ledger: the carrier's rows. attempts: attempt id -> message id. asked: assignment id -> its state.

    entries: (number, kind, subject, old, new) of the journal in order. inbox: provider ids, as often as stored.
    limits, filled: by need id. strangers: phones of the other society.
    """

    ledger: list[dict[str, Any]]
    attempts: dict[UUID, UUID]
    messages: dict[UUID, Message]
    asked: dict[UUID, str]
    entries: list[tuple[int, str, UUID, dict[str, Any], dict[str, Any]]]
    inbox: list[str]
    limits: dict[UUID, int]
    filled: dict[UUID, int]
    strangers: set[str]


def evidence(service: Service) -> Evidence:
    """The ledger first: what is in it must be in our books, which may know more by the time they are read."""
    libya = "(SELECT id FROM orgs_society WHERE slug = 'libya')"
    needs = service.sql('SELECT id, "limit", filled FROM incidents_need')
    return Evidence(
        ledger=service.ledger(),
        attempts=dict(service.sql("SELECT id, message_id FROM notifications_attempt")),
        messages={
            row[0]: Message(*row)
            for row in service.sql(
                "SELECT id, purpose, subject, to_number, state, reason FROM notifications_message"
            )
        },
        asked=dict(service.sql("SELECT id, state FROM callouts_assignment")),
        entries=service.sql(
            f"SELECT number, kind, subject_id, old, new FROM journal_entry WHERE society_id = {libya} ORDER BY number"
        ),
        inbox=[row[0] for row in service.sql("SELECT provider_id FROM notifications_inbound")],
        limits={need: limit for need, limit, _ in needs},
        filled={need: filled for need, _, filled in needs},
        strangers={
            row[0] for row in service.sql(f"SELECT phone FROM people_volunteer WHERE society_id <> {libya}")
        },
    )


def faults(found: Evidence) -> list[str]:
    """Every rule that does not hold, in words."""
    return [
        *_unknown_to_us(found),
        *_not_once_at_the_carrier(found),
        *_not_once_in_the_inbox(found),
        *_above_the_limit(found),
        *_numbers_missing(found),
        *(
            f"need {need} has {found.filled[need]} of {n}"
            for need, n in found.limits.items()
            if found.filled[need] < n
        ),
        *(f"stranger {row['to']} was texted" for row in _outbound(found) if row["to"] in found.strangers),
    ]


def _outbound(found: Evidence) -> list[dict[str, Any]]:
    return [row for row in found.ledger if row["direction"] == "outbound"]


def _unknown_to_us(found: Evidence) -> Iterator[str]:
    for row in _outbound(found):
        if UUID(row["attempt"]) not in found.attempts:
            yield f"{row['sid']} was sent by an attempt nobody noted"


def _message_of(found: Evidence, row: dict[str, Any]) -> Message | None:
    message_id = found.attempts.get(UUID(row["attempt"]))
    return found.messages[message_id] if message_id else None


def _not_once_at_the_carrier(found: Evidence) -> Iterator[str]:
    """One text per message whatever its purpose, and one call-out message per person asked."""
    texts: Counter[UUID] = Counter()
    calls: defaultdict[UUID, list[str]] = defaultdict(list)
    for row in _outbound(found):
        if message := _message_of(found, row):
            texts[message.id] += 1
            if message.purpose == "callout":
                calls[message.subject].append(row["to"])
    yield from (f"message {message} left {n} times" for message, n in texts.items() if n > 1)
    handsets = Counter(to for numbers in calls.values() for to in set(numbers))
    yield from (f"{to} was called for {n} assignments" for to, n in handsets.items() if n > 1)
    written = {m.subject: m for m in found.messages.values() if m.purpose == "callout"}
    for person, state in found.asked.items():
        message, count = written.get(person), len(calls[person])
        if count > 1:
            yield f"{person} ({state}) has {count} call messages at the carrier"
        if count == 0 and not (
            message and message.state in EXCUSED and (message.reason or message.state != "failed")
        ):
            yield f"{person} ({state}) was not called, and no reason is stated"
    yield from (f"{person} was called and not asked" for person in calls.keys() - found.asked.keys())


def _not_once_in_the_inbox(found: Evidence) -> Iterator[str]:
    brought = {row["sid"] for row in found.ledger if row["direction"] == "inbound"}
    stored = Counter(found.inbox)
    yield from (f"reply {sid} is not in the inbox" for sid in brought - stored.keys())
    yield from (f"reply {sid} is in the inbox {n} times" for sid, n in stored.items() if n > 1)


def _above_the_limit(found: Evidence) -> Iterator[str]:
    """Walk the journal: after each entry as many are coming as the moves so far say, never more than the limit."""
    state: dict[UUID, str] = {}
    need_of: dict[UUID, UUID] = {}
    for number, kind, subject, old, new in found.entries:
        if kind == "assignment.moved":
            if old["state"] != state.get(subject, moves.ASKED):
                yield f"entry {number} moves {subject} from {old['state']}, but it was {state.get(subject)}"
            state[subject], need_of[subject] = new["state"], UUID(new["need_id"])
        elif kind == "assignment.stood_down":
            state |= dict.fromkeys(map(UUID, new["ids"]), moves.STOOD_DOWN)
        coming = Counter(need_of[a] for a, s in state.items() if s in moves.COUNTED)
        yield from (f"entry {number}: {n} coming" for need, n in coming.items() if n > found.limits[need])
    for person, told in state.items():
        if found.asked.get(person) != told:
            yield f"{person} is {found.asked.get(person)}, the journal says {told}"
    for need, filled in found.filled.items():
        told_coming = sum(need_of.get(a) == need and s in moves.COUNTED for a, s in state.items())
        if told_coming != filled:
            yield f"need {need}: {filled} filled, the journal says {told_coming}"


def _numbers_missing(found: Evidence) -> Iterator[str]:
    numbers = [entry[0] for entry in found.entries]
    if numbers != list(range(1, len(numbers) + 1)):
        yield f"the journal's numbers have a gap: {numbers}"
