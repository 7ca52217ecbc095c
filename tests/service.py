"""The service as it runs: web, sender, ticker, the phone network and a Redis, each a process of its own.

They work on a clone of the template database, on ports of their own and with a fast clock, the way deploy/up starts
them. `running` starts them and stops every one of them, whatever the test did.
"""

import datetime as dt
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import httpx
import psycopg

from tests.conftest import superuser, template

R = TypeVar("R")

ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "demo-password-1"
ACCOUNTS = "AC0123456789abcdef0123456789abcdef:first,AC1123456789abcdef0123456789abcdef:second"
# Domain time when the service starts: Derna, an hour after the dams failed.
EPOCH = dt.datetime(2023, 9, 11, 1, 10, tzinfo=dt.UTC)
PARTS = ("redis", "phones", "web", "sender", "ticker")
# Generous: on a machine that runs six other things a Python process takes 20 s to come up.
PATIENCE = 90.0
LOAD = "from dispatch.management import demo; demo.load(); demo.connect()"


def until(condition: Callable[[], R], what: str, seconds: float = PATIENCE) -> R:
    """The first true value of a condition; fails when it stays false for so many seconds."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, f"waited {seconds:g} s in vain: {what}"
        time.sleep(0.05)
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(address: str) -> bool:
    """Whether an address answers 200 now."""
    try:
        return httpx.get(address, timeout=5).status_code == 200
    except httpx.TransportError:
        return False


@dataclass
class Service:
    """A running service. base_url, phones_url: without a slash at the end; PASSWORD signs in the demo's users."""

    folder: Path
    database: str
    port: int
    phones_port: int
    redis_port: int
    environment: dict[str, str]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def phones_url(self) -> str:
        return f"http://127.0.0.1:{self.phones_port}"

    def start(self, *names: str) -> None:
        """Start parts and wait until each does its work. A second sender is called "sender-2"."""
        for name in names:
            assert name not in self.processes, f"{name} runs already"
            self.processes[name] = self._spawn(name, self._command(name))
        for name in names:
            until(lambda n=name: self._works(n), f"{name} works")  # type: ignore[misc]

    def kill(self, *names: str) -> None:
        """SIGKILL, all at once: nothing is said, nothing is finished."""
        for name in names:
            self.processes[name].kill()
        for name in names:
            self.processes.pop(name).wait()

    def pause(self, name: str) -> None:
        """SIGSTOP."""
        self.processes[name].send_signal(signal.SIGSTOP)

    def resume(self, name: str) -> None:
        """SIGCONT."""
        self.processes[name].send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """End every part: SIGTERM first, SIGKILL after five seconds."""
        for process in self.processes.values():
            process.send_signal(signal.SIGCONT)
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes.clear()

    def pid(self, name: str) -> int:
        return self.processes[name].pid

    def ready(self) -> bool:
        """Whether every part of the service says it is well."""
        return answers(f"{self.base_url}/readyz?all=1")

    def manage(self, *arguments: str) -> str:
        """Run `python -m dispatch ...`, which may use the owner's role; its output."""
        done = subprocess.run(
            [sys.executable, "-m", "dispatch", *arguments],
            cwd=ROOT, env=self.as_owner(), capture_output=True, text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
        return done.stdout

    def as_owner(self) -> dict[str, str]:
        """The environment of commands; the service itself never gets the owner's address."""
        return self.environment | {"DATABASE_OWNER_URL": _with_database("DATABASE_OWNER_URL", self.database)}

    def sql(self, query: str, arguments: list[Any] | None = None) -> list[tuple[Any, ...]]:
        """Rows as the owner sees them: of every society."""
        url = _with_database("DATABASE_OWNER_URL", self.database, scheme="postgresql")
        with psycopg.connect(url, autocommit=True) as owner:
            cursor = owner.execute(query, arguments)
            return cursor.fetchall() if cursor.description else []

    def ledger(self, **query: str) -> list[dict[str, Any]]:
        """Every message the carrier took or brought, in order (notifications.phones.ledger.row)."""
        rows: list[dict[str, Any]] = []
        while True:
            after = {"after": str(rows[-1]["seq"])} if rows else {}
            page = httpx.get(
                f"{self.phones_url}/ledger", params={"limit": "5000", **query, **after}, timeout=30
            )
            found = page.json()
            rows += found["rows"]
            if found["next"] is None:
                return rows

    def scenario(self, **given: object) -> None:
        """Change what the carrier and its handsets do."""
        httpx.post(f"{self.phones_url}/control/scenario", json=given, timeout=30).raise_for_status()

    def log(self, name: str) -> str:
        """All that a part has said."""
        return (self.folder / f"{name}.log").read_text()

    def _spawn(self, name: str, command: list[str]) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def _command(self, name: str) -> list[str]:
        python = [sys.executable, "-m"]
        web = ["uvicorn", "realtime.asgi:application", "--port", str(self.port), "--no-access-log"]
        commands = {
            "redis": ["redis-server", "--port", str(self.redis_port), "--bind", "127.0.0.1", "--save", "",
                      "--dir", str(self.folder)],
            "phones": [*python, "notifications.phones"],
            "web": [*python, *web, "--ws-per-message-deflate", "false"],
            "sender": [*python, "dispatch", "sender"],
            "ticker": [*python, "dispatch", "ticker"],
        }  # fmt: skip
        return commands[name.partition("-")[0]]

    def _works(self, name: str) -> bool:
        process = self.processes[name]
        assert process.poll() is None, f"{name} ended by itself: {self.log(name)[-2000:]}"
        if name == "web":
            return answers(f"{self.base_url}/healthz")
        if name == "phones":
            return answers(f"{self.phones_url}/healthz")
        if name == "redis":
            return _pong(self.redis_port)
        return bool(self.sql("SELECT 1 FROM notifications_worker WHERE pid = %s", [process.pid]))


def _pong(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as line:
            line.sendall(b"PING\r\n")
            return line.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def _with_database(variable: str, database: str, scheme: str | None = None) -> str:
    url = urlsplit(os.environ[variable])
    return urlunsplit(url._replace(path=f"/{database}", scheme=scheme or url.scheme))


def _environment(
    database: str, web: int, phones: int, redis: int, speed: float, folder: Path
) -> dict[str, str]:
    start = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PHONES_", "PYTEST_", "DATABASE_"))
    }
    return inherited | {
        "DATABASE_URL": _with_database("DATABASE_URL", database),
        "REDIS_URL": f"redis://127.0.0.1:{redis}/0",
        "NAFEER_PUBLIC_URL": f"http://127.0.0.1:{web}",
        "NAFEER_DEMO_PASSWORD": PASSWORD,
        "NAFEER_CLOCK_START": start,
        "NAFEER_CLOCK_EPOCH": EPOCH.isoformat(),
        "NAFEER_CLOCK_SPEED": str(speed),
        "TWILIO_API_URL": f"http://127.0.0.1:{phones}",
        "PHONES_BIND": f"127.0.0.1:{phones}",
        "PHONES_ACCOUNTS": ACCOUNTS,
        "PHONES_SPEED": str(speed),
        "PHONES_SEED": "1",
        "PHONES_CLOCK_START": start,
        "PHONES_CLOCK_EPOCH": EPOCH.isoformat(),
        "PHONES_LEDGER": str(folder / "ledger.jsonl"),
    }


@contextmanager
def running(folder: Path, *, speed: float = 60.0, **environment: str) -> Iterator[Service]:
    """A service with the demo societies, their routes connected to the phone network; stopped and dropped at the end.

    folder: for logs and the carrier's journal. environment: laid over deploy/up's. The caller has asked for the
    fixture `django_db_setup`, which makes the template. What the parts said is printed at the end, for a test that
    failed.
    """
    ports = free_port(), free_port(), free_port()
    database = f"nafeer_service_{os.getpid()}_{ports[0]}"
    with superuser("postgres") as postgres:
        postgres.execute(f"CREATE DATABASE {database} TEMPLATE {template()}")
        service = Service(
            folder, database, *ports, _environment(database, *ports, speed, folder) | environment
        )
        try:
            service.start(*PARTS)
            service.manage("shell", "-c", LOAD)
            until(service.ready, "every part says it is well")
            yield service
        finally:
            service.stop()
            for log in sorted(folder.glob("*.log")):
                print(f"--- {log.name}\n{log.read_text()[-3000:]}")
            postgres.execute(f"DROP DATABASE {database} WITH (FORCE)")
