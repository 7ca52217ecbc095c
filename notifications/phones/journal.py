"""The ledger on disk: one JSON object a line, appended as things happen."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from notifications.phones.settings import Clock
from notifications.phones.store import Message, Number, Post


class Journal:
    """Appends to `path`, or to nothing. Each line is flushed, so a killed program loses one at most."""

    def __init__(self, path: Path | None, clock: Clock) -> None:
        self.path, self.clock = path, clock
        self._file: TextIO | None = None
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("a", encoding="utf-8", buffering=1)

    def close(self) -> None:
        if self._file:
            self._file.close()
            self._file = None

    def write(self, event: str, facts: Mapping[str, Any]) -> None:
        if self._file:
            now = datetime.now(UTC)
            stamp = {"event": event, "at": now.isoformat(), "at_domain": self.clock.domain(now).isoformat()}
            self._file.write(json.dumps(stamp | dict(facts), ensure_ascii=False) + "\n")

    def message(self, message: Message) -> None:
        self.write(
            "message",
            {
                "sid": message.sid, "account": message.account, "direction": message.direction,
                "from": message.sender, "to": message.to, "body": message.body, "status": message.status,
                "attempt": message.attempt, "answered": message.answered, "in_reply_to": message.in_reply_to,
            },
        )  # fmt: skip

    def status(self, message: Message) -> None:
        facts = {"sid": message.sid, "status": message.status, "error_code": message.error_code}
        self.write("status", facts | {"from": message.sender})

    def post(self, message: Message, post: Post) -> None:
        facts = {"sid": message.sid, "kind": post.kind, "status": post.status, "url": post.url}
        self.write("post", facts | {"outcome": post.outcome})

    def number(self, number: Number, gone: bool = False) -> None:
        facts = {"sid": number.sid, "account": number.account, "phone_number": number.phone_number}
        self.write("number", facts | {"fields": number.fields, "gone": gone})

    def numbers(self) -> Iterator[Number]:
        """The numbers rented when the program last ran: a carrier does not forget them when it restarts."""
        if not self.path:
            return
        rented: dict[str, Number] = {}
        with self.path.open(encoding="utf-8") as lines:
            for line in lines:
                if line.startswith('{"event": "number"') and line.endswith("\n"):
                    facts = json.loads(line)
                    at = datetime.fromisoformat(facts["at"])
                    number = Number(
                        facts["sid"], facts["account"], facts["phone_number"], at, at, facts["fields"]
                    )
                    rented.pop(number.sid, None)
                    if not facts["gone"]:
                        rented[number.sid] = number
        yield from rented.values()
