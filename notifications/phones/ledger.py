"""The judge's view: every message the carrier took, what became of it, and who was told."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from notifications.phones.network import Network
from notifications.phones.settings import Clock
from notifications.phones.store import INBOUND, OUTBOUND, Message, Post


def row(message: Message, clock: Clock) -> dict[str, Any]:
    """One message as plain data; times are ISO 8601, real and domain. Redaction does not reach the ledger."""
    return {
        "seq": message.seq,
        "sid": message.sid,
        "account": message.account,
        "direction": "inbound" if message.direction == INBOUND else "outbound",
        "from": message.sender,
        "to": message.to,
        "body": message.body,
        "parts": message.parts,
        "at": message.created.isoformat(),
        "at_domain": clock.domain(message.created).isoformat(),
        "status": message.status,
        "error_code": message.error_code,
        "history": [_step(step, clock) for step in message.history],
        "attempt": message.attempt,
        "answered": message.answered,
        "replies": message.replies,
        "in_reply_to": message.in_reply_to,
        "posts": [_post(post) for post in message.posts],
        "redacted": message.redacted,
        "deleted": message.deleted,
    }


def _step(step: tuple[str, datetime, int | None], clock: Clock) -> dict[str, Any]:
    status, at, code = step
    return {
        "status": status,
        "at": at.isoformat(),
        "at_domain": clock.domain(at).isoformat(),
        "error_code": code,
    }


def _post(post: Post) -> dict[str, Any]:
    at = post.at.isoformat() if post.at else None
    return {"kind": post.kind, "status": post.status, "outcome": post.outcome, "at": at}


def select(network: Network, query: Mapping[str, str]) -> Iterator[Message]:
    """Messages in the order they came, by account, to, from, direction and seq above `after`."""
    start = int(query.get("after", "-1")) + 1
    direction = {"outbound": OUTBOUND, "inbound": INBOUND}.get(query.get("direction", ""))
    for message in network.store.messages[start:]:
        if (
            query.get("account", message.account) == message.account
            and query.get("to", message.to) == message.to
            and query.get("from", message.sender) == message.sender
            and direction in (None, message.direction)
        ):
            yield message


def summary(network: Network, account: str | None) -> dict[str, Any]:
    """Counts over all messages, or one account's."""
    mine = [m for m in network.store.messages if account in (None, m.account)]
    outbound = [m for m in mine if m.direction == OUTBOUND]
    inbound = [m for m in mine if m.direction == INBOUND]
    same_text = Counter((m.account, m.to, m.body) for m in outbound)
    same_attempt = Counter((m.account, m.attempt) for m in outbound if m.attempt)
    return {
        "outbound": len(outbound),
        "inbound": len(inbound),
        "status": dict(Counter(m.status for m in outbound)),
        "error_codes": {
            str(code): n for code, n in Counter(m.error_code for m in outbound if m.error_code).items()
        },
        "numbers": len({m.to for m in outbound}),
        "same_text_twice": sum(n - 1 for n in same_text.values()),
        "same_attempt_twice": sum(n - 1 for n in same_attempt.values()),
        "parts": sum(m.parts for m in outbound),
        "unanswered_by_customer": sum(1 for m in inbound if not _was_taken(m)),
        "faults": dict(network.faults),
        "posts": dict(Counter(f"{post.kind} {post.outcome}" for m in mine for post in m.posts)),
        "waiting": network.waiting,
    }


def _was_taken(message: Message) -> bool:
    return any(post.outcome.startswith("2") for post in message.posts)
