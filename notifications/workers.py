"""Signs of life of the processes that work in the background. Holds nothing of any society."""

import datetime as dt
import os
import secrets
import socket
from dataclasses import dataclass, field

from notifications import clock
from notifications.models import Worker

BEAT = dt.timedelta(seconds=1.5)


def new_name() -> str:
    """A name no other process has: host, process and a random part."""
    return f"{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(3)}"


@dataclass
class Life:
    """The signs of life of one process. kind: sender or ticker."""

    kind: str
    name: str = field(default_factory=new_name)
    started: dt.datetime = field(default_factory=clock.real_now)
    _seen: dt.datetime | None = None

    def beat(self, reachable: bool | None = None) -> None:
        """Say that this process lives, unless that was said within BEAT. reachable: the provider, None if not
        tried.
        """
        now = clock.real_now()
        if self._seen is not None and now - self._seen < BEAT:
            return
        fields = {
            "kind": self.kind,
            "pid": os.getpid(),
            "started_real": self.started,
            "seen_real": now,
            "provider_reachable": reachable,
        }
        Worker.objects.update_or_create(name=self.name, defaults=fields)
        self._seen = now

    def leave(self) -> None:
        """Say that this process ends as it should; processes gone for a day are forgotten too."""
        Worker.objects.filter(name=self.name).delete()
        Worker.objects.filter(seen_real__lt=clock.real_now() - dt.timedelta(days=1)).delete()
