"""Numbers without gaps, entries that cannot be changed, and the counter locked last."""

from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction

from dispatch.journal import queries
from dispatch.journal.actions import entries_last, record
from dispatch.journal.models import Entry
from dispatch.journal.signals import recorded
from notifications.ids import uuid7
from notifications.tenancy import society
from tests.cast import NOW, Cast


def write(society_id: UUID, kind: str = "incident.opened") -> None:
    record(society_id=society_id, kind=kind, subject=uuid7(), by=None, now=NOW)


def test_each_society_counts_its_own_entries(cast: Cast) -> None:
    for society_id, count in ((cast.libya, 3), (cast.egypt, 1)):
        with society(society_id):
            for _ in range(count):
                write(society_id)
            assert [entry["number"] for entry in queries.entries(society_id, after=0)] == list(
                range(1, count + 1)
            )
            assert queries.newest(society_id) == count


def test_a_rolled_back_action_leaves_no_gap(cast: Cast) -> None:
    with society(cast.libya):
        write(cast.libya)
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            write(cast.libya)
            raise ZeroDivisionError
        write(cast.libya)
        assert [entry["number"] for entry in queries.entries(cast.libya, after=0)] == [1, 2]


def test_entries_held_back_are_written_in_order_at_the_end_of_the_outermost_block(cast: Cast) -> None:
    with society(cast.libya):
        with entries_last():
            write(cast.libya, "need.first")
            with entries_last():
                write(cast.libya, "need.second")
            assert not Entry.objects.exists()
        assert list(Entry.objects.order_by("number").values_list("kind", flat=True)) == [
            "need.first",
            "need.second",
        ]


def test_an_error_drops_the_entries_of_what_did_not_happen(cast: Cast) -> None:
    with society(cast.libya):
        with pytest.raises(ZeroDivisionError), transaction.atomic(), entries_last():
            write(cast.libya)
            raise ZeroDivisionError
        assert not Entry.objects.exists()


@pytest.mark.parametrize("statement", ["UPDATE journal_entry SET kind = 'x'", "DELETE FROM journal_entry"])
def test_what_happened_stays_as_it_was_written(cast: Cast, statement: str) -> None:
    with society(cast.libya):
        write(cast.libya)
        with (
            pytest.raises(DatabaseError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_the_news_goes_out_after_the_commit_and_never_without_it(committed: str, cast: Cast) -> None:
    heard: list[int] = []

    def hear(number: int, **_: object) -> None:
        heard.append(number)

    recorded.connect(hear)
    try:
        with society(cast.libya):
            write(cast.libya)
            assert heard == []
        with pytest.raises(ZeroDivisionError), society(cast.libya):
            write(cast.libya)
            raise ZeroDivisionError
    finally:
        recorded.disconnect(hear)
    assert heard == [1]
