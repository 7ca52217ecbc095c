"""A call-out under way, for whatever looks at one."""

from uuid import UUID

import pytest

from dispatch.callouts import actions
from notifications import clock
from notifications.tenancy import society
from tests.cast import NOW, Cast, flood, volunteers


@pytest.fixture
def at_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The service's clock stands at NOW, as a drill's would be set."""
    monkeypatch.setattr(clock, "the_clock", lambda: clock.Clock(start=clock.real_now(), epoch=NOW, speed=1.0))


@pytest.fixture
def called(cast: Cast, at_one: None) -> UUID:
    """A flood with 3 places and 12 people asked; the incident's id."""
    with society(cast.libya):
        volunteers(cast.libya, 12)
        incident_id = flood(cast.libya, required=3)
        actions.launch(incident_id=incident_id, confidence=0.9, by=None, now=NOW)
    return incident_id
