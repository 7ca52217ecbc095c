"""A service for each flow."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.small_drill import Drill
from tests.service import Service, running

# The fence keeps 15 s of a lease for one request, so this is about the shortest lease that lets anything leave.
LEASE_S = 18


@pytest.fixture
def service(django_db_setup: None, tmp_path: Path) -> Iterator[Service]:
    """The service with 120 seconds to the second, short leases and frequent polls."""
    pace = {
        "NAFEER_SENDER_LEASE_S": str(LEASE_S),
        "NAFEER_SENDER_GRACE_S": "2",
        "NAFEER_SENDER_POLL_S": "3",
    }
    with running(tmp_path, speed=120, **pace) as service:
        yield service


@pytest.fixture
def drill(service: Service) -> Iterator[Drill]:
    """The small drill, just begun."""
    drill = Drill(service)
    yield drill
    drill.end()
