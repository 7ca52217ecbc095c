"""Who is let in to the feed, and who has to leave it."""

import json

import pytest
from django.contrib.sessions.models import Session
from websockets.exceptions import InvalidStatus

from dispatch.orgs.models import Membership, User
from notifications.tenancy import society
from tests.cast import Cast
from tests.realtime.conftest import Web, closing, database


def change(cast: Cast, name: str, **fields: str) -> None:
    with society(cast.libya):
        assert Membership.objects.filter(user=cast.users[name]).update(**fields) == 1


def expel(cast: Cast, name: str) -> None:
    with society(cast.libya):
        Membership.objects.filter(user=cast.users[name]).delete()


async def test_nobody_is_refused(calm_web: Web, cast: Cast) -> None:
    async with calm_web.line(None) as line:
        assert await closing(line) == 4401


async def test_a_member_of_no_society_is_refused(calm_web: Web, cast: Cast) -> None:
    await database(lambda: expel(cast, "malik"))
    async with calm_web.line(cast.users["malik"]) as line:
        assert await closing(line) == 4403


async def test_a_volunteer_hears_nothing_and_is_refused(calm_web: Web, cast: Cast) -> None:
    await database(lambda: change(cast, "malik", role="volunteer"))
    async with calm_web.line(cast.users["malik"]) as line:
        assert await closing(line) == 4403


async def test_a_page_of_another_origin_is_refused(calm_web: Web, cast: Cast) -> None:
    with pytest.raises(InvalidStatus, match="403"):
        async with calm_web.line(cast.users["dunya"], origin="https://elsewhere.example"):
            pass


@pytest.mark.parametrize("number", ["-1", "x", "٣", "1" * 30])
async def test_a_number_that_is_none_is_refused(calm_web: Web, cast: Cast, number: str) -> None:
    async with calm_web.line(cast.users["dunya"], after=number) as line:
        assert await closing(line) == 4400


async def test_a_page_that_sends_is_closed(calm_web: Web, cast: Cast) -> None:
    async with calm_web.line(cast.users["dunya"]) as line:
        await line.send('{"kind": "assignment.moved"}')
        assert await closing(line) == 4400


async def test_who_logs_out_stops_hearing(web: Web, cast: Cast) -> None:
    async with web.line(cast.users["dunya"]) as line:
        await database(lambda: Session.objects.all().delete())
        assert await closing(line) == 4401


async def test_a_session_that_has_run_out_stops_hearing(web: Web, cast: Cast) -> None:
    async with web.line(cast.users["dunya"]) as line:
        await database(lambda: Session.objects.update(expire_date="2020-01-01T00:00:00Z"))
        assert await closing(line) == 4401


async def test_who_is_no_member_any_more_stops_hearing(web: Web, cast: Cast) -> None:
    async with web.line(cast.users["dunya"]) as line:
        await database(lambda: expel(cast, "dunya"))
        assert await closing(line) == 4403


async def test_who_is_made_a_volunteer_stops_hearing(web: Web, cast: Cast) -> None:
    async with web.line(cast.users["dunya"]) as line:
        await database(lambda: change(cast, "dunya", role="volunteer"))
        assert await closing(line) == 4403


async def test_a_changed_password_ends_the_lines_of_old_sessions(web: Web, cast: Cast) -> None:
    def lock_out() -> None:
        user = User.objects.get(pk=cast.users["dunya"].pk)
        user.set_password("another-horse-battery")
        user.save()

    async with web.line(cast.users["dunya"]) as line:
        await database(lock_out)
        assert await closing(line) == 4401


async def test_a_closed_page_leaves_no_seat(web: Web, cast: Cast) -> None:
    async with web.line(cast.users["dunya"]):
        await web.seated(1)
    await web.seated(0)


async def test_the_number_is_optional_and_then_nothing_old_is_told(web: Web, cast: Cast) -> None:
    async with web.line(cast.users["dunya"], after=None) as line:
        assert json.loads(await line.recv()) == {"upto": 0}
