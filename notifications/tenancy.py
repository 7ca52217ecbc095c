"""The one way to act for a society: inside `society(id)` row level security shows its rows and no other.

Lives here because notifications is the lowest package with tenant rows; the SQL half is migration 0001.
Without a society every query on a tenant table returns nothing and every insert fails.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import connection, transaction


class NoSociety(RuntimeError):
    """Something asked for the current society outside `with society(id):`."""


def _setting() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('app.society', true), '')")
        return str(cursor.fetchone()[0])


def _swap(value: str) -> str:
    """Set the society of this transaction and return the one that was set before."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(current_setting('app.society', true), ''), set_config('app.society', %s, true)",
            [value],
        )
        return str(cursor.fetchone()[0])


@contextmanager
def society(society_id: UUID) -> Iterator[None]:
    """Open a transaction in which only this society's rows exist; restore the outer society at the end.

    Nests: an inner block is a savepoint. After an error the rollback itself restores the setting.
    """
    with transaction.atomic():
        outer = _swap(str(society_id))
        yield
        if not transaction.get_rollback():  # a page that failed is rolled back, and the setting with it
            _swap(outer)


def current_society() -> UUID:
    """The society of the running transaction; raises NoSociety when there is none."""
    value = _setting()
    if not value:
        raise NoSociety("No society is set: open `with society(id):` around this code.")
    return UUID(value)
