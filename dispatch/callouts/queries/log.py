"""Messages of a call-out, out and in, as one log."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from dispatch.callouts.models import Assignment
from dispatch.callouts.rules import replies
from notifications import queries as messages

OPEN_STATES = ("queued", "sending", "unknown", "sent")


@dataclass(frozen=True)
class Line:
    """One text. Out: its `state` and `reason`; in: what the grammar reads in it, `kind` and `minutes`."""

    at: dt.datetime
    incoming: bool
    assignment_id: UUID
    name: str
    latin_name: str
    text: str
    purpose: str
    state: str
    reason: str
    seconds: int | None
    kind: str
    minutes: int | None


@dataclass(frozen=True)
class Log:
    """Counts of the call texts by state, people who answered, money, and the newest lines first."""

    asked: int
    by_state: Mapping[str, int]
    answered: int
    spent: Mapping[str, Decimal]
    lines: list[Line]

    @property
    def waiting(self) -> int:
        """Texts whose fate is not known yet: while there are any, the page looks again by itself."""
        return sum(self.by_state.get(state, 0) for state in OPEN_STATES)


def message_log(call_out_id: UUID | None, *, limit: int = 60) -> Log:
    """The log of a call-out; empty for None. Five reads."""
    if call_out_id is None:
        return Log(0, {}, 0, {}, [])
    rows = Assignment.objects.filter(call_out_id=call_out_id).values(
        "id", "asked_at", "answered_at", "volunteer__phone", "volunteer__given_name",
        "volunteer__family_name", "volunteer__latin_name",
    )  # fmt: skip
    people: dict[UUID, dict[str, Any]] = {row["id"]: dict(row) for row in rows}
    if not people:
        return Log(0, {}, 0, {}, [])
    calls = messages.totals(people, purpose="callout")
    out = [_out(view, people[view.subject]) for view in messages.log(people, limit=limit)]
    by_phone = {row["volunteer__phone"]: row for row in people.values()}
    since = min(row["asked_at"] for row in people.values())
    came = [
        _in(view, by_phone[view.from_number]) for view in messages.replies(by_phone, since=since, limit=limit)
    ]
    return Log(
        asked=calls.total - calls.by_state.get("cancelled", 0),
        by_state=calls.by_state,
        answered=sum(row["answered_at"] is not None for row in people.values()),
        spent=messages.totals(people).spent,
        lines=sorted([*out, *came], key=lambda line: line.at, reverse=True)[:limit],
    )


def _who(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "assignment_id": row["id"],
        "name": f"{row['volunteer__given_name']} {row['volunteer__family_name']}".strip(),
        "latin_name": row["volunteer__latin_name"],
    }


def _out(view: messages.MessageView, row: dict[str, Any]) -> Line:
    took = round((view.changed_at - view.created_at).total_seconds()) if view.state == "delivered" else None
    return Line(
        at=view.created_at,
        incoming=False,
        text=view.text,
        purpose=view.purpose,
        state=view.state,
        reason=view.reason,
        seconds=took,
        kind="",
        minutes=None,
        **_who(row),
    )


def _in(view: messages.ReplyView, row: dict[str, Any]) -> Line:
    meant = replies.read(view.text)
    return Line(
        at=view.at,
        incoming=True,
        text=view.text,
        purpose="",
        state="answered",
        reason="",
        seconds=None,
        kind=meant.kind,
        minutes=meant.minutes,
        **_who(row),
    )
