"""The doors, as role app: what they give, and what they never give."""

import datetime as dt
from collections import Counter
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import IntegrityError, ProgrammingError, connection, connections, transaction

from notifications import clock, doors
from notifications.ids import uuid7
from notifications.models import Attempt, Message, Route
from notifications.tenancy import society
from tests.cast import Cast, owner_sql
from tests.notifications.conftest import MINUTE, claim, draft, hand_in


def test_ten_thousand_of_one_society_do_not_delay_twelve_of_another(cast: Cast) -> None:
    hand_in(cast.libya, *(draft(n) for n in range(100)))
    hand_in(cast.egypt, *(draft(n) for n in range(12)))
    free = dict.fromkeys((r for s in (cast.libya, cast.egypt) for r in routes(s)), 50)
    assert Counter(c.society_id for c in claim(24, free=free)) == {cast.libya: 12, cast.egypt: 12}


def routes(society_id: UUID) -> list[UUID]:
    with society(society_id):
        return list(Route.objects.values_list("id", flat=True))


def test_what_is_more_urgent_leaves_first(cast: Cast) -> None:
    late, soon = hand_in(cast.libya, draft(1, priority=40), draft(2, priority=10))
    assert [c.message_id for c in (*claim(1), *claim(1))] == [soon, late]


def test_nothing_is_claimed_twice(cast: Cast) -> None:
    hand_in(cast.libya, *(draft(n) for n in range(6)))
    first, second = claim(4), claim(4)
    assert len({c.message_id for c in (*first, *second)}) == len(first) + len(second) == 6


def test_a_claim_notes_the_attempt_before_anything_is_sent(cast: Cast) -> None:
    hand_in(cast.libya, draft(1))
    claimed = claim()[0]
    with society(cast.libya):
        attempt = Attempt.objects.get(pk=claimed.attempt_id)
        row = Message.objects.get(pk=claimed.message_id)
    assert (attempt.message_id, attempt.number, attempt.end) == (row.pk, 1, "")
    assert row.state == "sending"
    assert row.lease_until_real is not None
    assert row.lease_until_real - clock.real_now() > dt.timedelta(seconds=50)


def test_a_stopped_route_and_a_life_that_is_over_are_not_claimed(cast: Cast) -> None:
    hand_in(cast.libya, draft(1, life=-MINUTE))
    hand_in(cast.egypt, draft(1))
    with society(cast.egypt):
        Route.objects.update(stopped_code="20003")
    assert claim() == []
    assert [found.society_id for found in doors.lives_over(now=clock.now())] == [cast.libya]


def test_a_paced_route_gives_no_more_than_its_rate(cast: Cast) -> None:
    hand_in(cast.libya, *(draft(n) for n in range(30)))
    with society(cast.libya):
        Route.objects.update(per_second=Decimal(5))
    free = dict.fromkeys(routes(cast.libya), 30)
    assert [len(claim(30, free=free)) for _ in range(2)] == [5, 0]


def test_a_full_route_gives_nothing(cast: Cast) -> None:
    hand_in(cast.libya, draft(1))
    assert claim(free=dict.fromkeys(routes(cast.libya), 0)) == []


def test_a_webhook_key_opens_its_own_route_only(cast: Cast) -> None:
    found = doors.route_of("key-ly")
    assert found is not None
    assert found.society_id == cast.libya
    assert doors.route_of("key-") is None


@pytest.mark.parametrize("column", ["text", "to_number"])
def test_the_door_cannot_read_what_a_message_says_or_to_whom(committed: str, column: str) -> None:
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute("SET LOCAL ROLE door")
        with pytest.raises(ProgrammingError, match="permission denied"):
            cursor.execute(f"SELECT {column} FROM notifications_message")
        transaction.set_rollback(True, using="owner")


def test_a_message_cannot_take_another_society_s_route(cast: Cast) -> None:
    hand_in(cast.libya, draft(1))
    (egyptian,) = routes(cast.egypt)
    with society(cast.libya), pytest.raises(IntegrityError, match="tie"), transaction.atomic():
        Message.objects.update(route_id=egyptian)


@pytest.mark.parametrize("table", ["route", "message", "attempt", "receipt", "inbound"])
def test_a_session_that_forgot_the_society_sees_nothing(committed: str, cast: Cast, table: str) -> None:
    hand_in(cast.libya, draft(1))
    attempt = claim()[0].attempt_id
    owner_sql(
        "INSERT INTO notifications_receipt (id, society_id, attempt_id, status, code, payload, received_real,"
        " moved) VALUES (%s, %s, %s, 'sent', '', '{}', now(), true)",
        [uuid7(), cast.libya, attempt],
    )
    owner_sql(
        "INSERT INTO notifications_inbound (id, society_id, route_id, provider_id, from_number, to_number,"
        " text, payload, came_by, received_at, received_real, done, tries, error, again_real)"
        " SELECT %s, society_id, id, 'x', '', '', '', '{}', 'poll', now(), now(), true, 1, '', now()"
        " FROM notifications_route"
        " WHERE society_id = %s",
        [uuid7(), cast.libya],
    )
    assert owner_sql(f"SELECT count(*) > 0 FROM notifications_{table}") == [(True,)]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT current_user, count(*) FROM notifications_{table}")
        assert cursor.fetchone() == ("app", 0)
