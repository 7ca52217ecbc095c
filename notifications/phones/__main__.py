"""`python -m notifications.phones`: run the phone network until it is stopped. Set by PHONES_*."""

import os
import sys

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from notifications.phones.app import HANG_UP, App
from notifications.phones.scenario import Scenario, load
from notifications.phones.settings import Misconfigured, from_environment

KEEP_ALIVE_SECONDS = 120
"""Longer than any customer keeps an idle connection, so that none is closed under a request."""


class Line(HttpToolsProtocol):
    """An HTTP connection the application can cut, as a failing carrier does."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {HANG_UP: {"now": self.transport.abort}}


def main() -> int:
    try:
        settings = from_environment(os.environ)
        scenario = load(settings.scenario) if settings.scenario else Scenario()
        app = App(settings, scenario)
    except (Misconfigured, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=Line,
        ws="none",
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=2,
        backlog=4096,
    )
    server = uvicorn.Server(config)
    server.run()
    return 0 if server.started else 1


if __name__ == "__main__":
    sys.exit(main())
