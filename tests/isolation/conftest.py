"""Both societies at work, committed, with domain time standing still at the cast's NOW."""

from collections.abc import Iterator

import pytest
from django.conf import LazySettings

from notifications import clock
from tests import cast as the_cast
from tests.isolation import world as worlds
from tests.isolation.world import World
from tests.realtime.conftest import web as web


@pytest.fixture
def still(settings: LazySettings) -> Iterator[None]:
    """So slow a clock that two pages made a second apart say the same."""
    settings.CLOCK_START, settings.CLOCK_EPOCH, settings.CLOCK_SPEED = clock.real_now(), the_cast.NOW, 1e-8
    clock.the_clock.cache_clear()
    yield
    clock.the_clock.cache_clear()


@pytest.fixture
def egypt_alone(still: None, committed: str) -> World:
    """Only Egypt's society is at work; Libya's has its users and nothing else."""
    cast = the_cast.make()
    worlds.with_admin(cast)
    return World(cast, own=worlds.at_work(cast.egypt, cast.users["eman"], worlds.EGYPT))


@pytest.fixture
def world(egypt_alone: World) -> World:
    """Both are at work."""
    libya = egypt_alone.cast.libya
    egypt_alone.ids = worlds.at_work(libya, egypt_alone.cast.users["dunya"], worlds.LIBYA)
    return egypt_alone
