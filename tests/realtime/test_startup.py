"""No process runs with a role that sees every society, or with a clock that is not this instance's."""

import os
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import connection

from tests.conftest import ROOT

SUPERUSER_URL = os.environ.get("NAFEER_TEST_SUPERUSER_URL", "")
WEB = ("uvicorn", "realtime.asgi:application", "--port", "0")
PROCESSES = [("dispatch", "sender"), ("dispatch", "ticker"), WEB]


def database_url(database: str, user: str) -> str:
    """The tests' database as somebody else; the role app otherwise, with its own password."""
    base = urlsplit(SUPERUSER_URL if user == "superuser" else os.environ["DATABASE_URL"])
    who = base.netloc.rpartition("@")[0] if user in ("superuser", "app") else user
    return f"postgis://{who}@{base.netloc.rpartition('@')[2]}/{database}"


def start(process: tuple[str, ...], database: str, user: str = "app", **changes: str) -> tuple[int, str]:
    """Start a process that has to refuse; its exit code and its words."""
    environment = {**os.environ, "DATABASE_URL": database_url(database, user), **changes}
    ended = subprocess.run(
        [sys.executable, "-m", *process],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
    )
    return ended.returncode, ended.stderr


@pytest.fixture
def bypasser(committed: str) -> Iterator[str]:
    """A role that owns nothing and bypasses row level security; roles are the cluster's, so it goes again."""
    name = f"bypasser_{os.getpid()}"
    with psycopg.connect(SUPERUSER_URL, autocommit=True) as cluster:
        cluster.execute(f"CREATE ROLE {name} LOGIN BYPASSRLS PASSWORD 'x' IN ROLE app")
        yield name
        cluster.execute(f"DROP ROLE {name}")


@pytest.mark.parametrize("process", PROCESSES, ids=" ".join)
def test_a_superuser_may_not_run(committed: str, process: tuple[str, ...]) -> None:
    code, words = start(process, committed, "superuser")
    assert code != 0
    assert "superuser, so it would see every society" in words


def test_the_owner_may_not_run(committed: str) -> None:
    owner = urlsplit(os.environ["DATABASE_OWNER_URL"]).netloc.rpartition("@")[0]
    code, words = start(("dispatch", "ticker"), committed, owner)
    assert code != 0
    assert "owns tables" in words


def test_a_role_that_bypasses_row_security_may_not_run(committed: str, bypasser: str) -> None:
    code, words = start(("dispatch", "ticker"), committed, f"{bypasser}:x")
    assert code != 0
    assert "bypasses row level security" in words


@pytest.mark.parametrize("process", PROCESSES, ids=" ".join)
def test_a_process_with_another_clock_may_not_run(committed: str, process: tuple[str, ...]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO notifications_clock VALUES (true, now(), now(), 60)")
    code, words = start(process, committed)
    assert code != 0
    assert "Give every process the same NAFEER_CLOCK_SPEED" in words


def test_the_service_cannot_change_the_stored_clock(committed: str) -> None:
    with connection.cursor() as cursor, pytest.raises(Exception, match="permission denied"):
        cursor.execute("UPDATE notifications_clock SET speed = 2")


def test_without_a_database_a_process_says_what_to_look_at(committed: str) -> None:
    code, words = start(("dispatch", "ticker"), "no_such_database")
    assert code != 0
    assert "is DATABASE_URL right?" in words
