"""`python -m dispatch ticker`: lets the planner look at call-outs when they are due. Run as many as you like."""

import contextlib
import logging
import signal
import threading
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections, connection

from dispatch.callouts import actions
from notifications import clock, startup
from notifications.tenancy import society
from notifications.workers import Life

log = logging.getLogger("ticker")
IDLE_S = 0.25


class Command(BaseCommand):
    help = "Look at call-outs that are due, until stopped."

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()

        def on_signal(number: int, frame: FrameType | None) -> None:
            stop.set()

        signal.signal(signal.SIGTERM, on_signal)
        signal.signal(signal.SIGINT, on_signal)
        startup.check()
        life = Life("ticker")
        while not stop.is_set():
            try:
                life.beat()
                busy = self.round()
            except DatabaseError as error:
                # A cut session or a restart of PostgreSQL: nothing is lost, the claim runs out and is taken again.
                log.warning("database away, trying again: %s", str(error).splitlines()[0])
                connection.close()
                busy = False
                stop.wait(1)
            if not busy:
                stop.wait(IDLE_S)
            close_old_connections()
        with contextlib.suppress(DatabaseError):  # its sign of life goes stale by itself
            life.leave()

    def round(self) -> bool:
        """Look at each due call-out once; whether there was any."""
        due = actions.take_due(at=clock.real_now())
        for society_id, call_out_id in due:
            with society(society_id):
                asked = actions.look(call_out_id=call_out_id, now=clock.now())
            if asked:
                log.info("call-out %s: asked %s more", call_out_id, asked)
        return bool(due)
