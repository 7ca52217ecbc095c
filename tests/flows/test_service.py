"""What starts the service for tests leaves nothing behind."""

import os
from pathlib import Path

import pytest

from tests.conftest import superuser
from tests.service import PARTS, Service, answers, running


class GoneWrongError(Exception):
    """A test that fails in the middle."""


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def fails_in_the_middle(folder: Path, seen: list[Service], pids: list[int]) -> None:
    with running(folder) as service:
        seen.append(service)
        pids += [service.pid(part) for part in PARTS]
        assert all(map(alive, pids))
        assert answers(f"{service.base_url}/accounts/login/")
        service.pause("sender")
        service.kill("ticker")
        raise GoneWrongError


def test_a_test_that_fails_leaves_no_process_and_no_database(django_db_setup: None, tmp_path: Path) -> None:
    seen: list[Service] = []
    pids: list[int] = []
    with pytest.raises(GoneWrongError):
        fails_in_the_middle(tmp_path, seen, pids)
    assert not any(map(alive, pids))
    with superuser("postgres") as postgres:
        found = postgres.execute("SELECT 1 FROM pg_database WHERE datname = %s", [seen[0].database])
        assert found.fetchone() is None
