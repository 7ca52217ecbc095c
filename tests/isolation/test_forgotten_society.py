"""A database session that forgot to say for which society it works, as the role the service runs as.

Real commits and no outer transaction: a setting left over in one would make these tests lie.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, ProgrammingError, connection, models, transaction

from notifications.tenancy import society
from tests.cast import owner_sql
from tests.isolation.world import World, rows, tenant_tables

# By row security, for want of a right, or by the guard of assignments, which looks before row security does.
REFUSALS = r"row-level security|permission denied|an assignment keeps"


@pytest.fixture
def tables(world: World) -> dict[str, str]:
    """Every tenant table and its society's column: each proven to have rows of Libya, the session to be app's."""
    found = tenant_tables()
    assert [table for table, column in found.items() if not rows(table, column, world.cast.libya)] == []
    assert (
        _value("SELECT current_user || ':' || coalesce(current_setting('app.society', true), '')") == "app:"
    )
    return found


def _value(sql: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


def _touched(sql: str) -> int:
    """How many rows a statement of the role app changes; 0 where the role may not even try. Undone at the end."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
            transaction.set_rollback(True)
            return int(cursor.rowcount)
    except ProgrammingError as error:
        if "permission denied" not in str(error):
            raise
        return 0


def _tenant_models() -> Iterator[type[models.Model]]:
    known = tenant_tables()
    return (model for model in apps.get_models() if model._meta.db_table in known)


def test_no_table_gives_a_row(tables: dict[str, str]) -> None:
    given = {
        table: _value(f"SELECT count(*) FROM {table} WHERE {column} IS NOT NULL")
        for table, column in tables.items()
    }
    assert {table for table, count in given.items() if count} == set()


def test_no_model_finds_a_row(tables: dict[str, str]) -> None:
    found = list(_tenant_models())
    assert {model._meta.db_table for model in found} == set(tables)
    own = {m: m._base_manager.filter(**{f"{_column(m)}__isnull": False}).count() for m in found}
    assert [model for model, count in own.items() if count] == []


def _column(model: type[models.Model]) -> str:
    return "id" if model._meta.db_table == "orgs_society" else "society_id"


def test_nothing_can_be_changed_or_deleted(tables: dict[str, str]) -> None:
    changed = {table: _touched(f"UPDATE {table} SET {column} = {column}") for table, column in tables.items()}
    deleted = {table: _touched(f"DELETE FROM {table}") for table in tables}
    assert {table for table in tables if changed[table] or deleted[table]} == set()


@contextmanager
def _refused() -> Iterator[None]:
    with pytest.raises(DatabaseError, match=REFUSALS), transaction.atomic():
        yield


def _insert(table: str, row: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} SELECT (%s::{table}).*", [row])


def test_nothing_can_be_written(world: World, tables: dict[str, str]) -> None:
    for table, column in tables.items():
        ((row,),) = owner_sql(
            f"SELECT t::text FROM {table} t WHERE {column} = %s LIMIT 1", [world.cast.libya]
        )
        with _refused():
            _insert(table, row)


def test_nothing_can_be_written_in_the_other_society_s_name(world: World, tables: dict[str, str]) -> None:
    for table, column in tables.items():
        ((row,),) = owner_sql(
            f"SELECT t::text FROM {table} t WHERE {column} = %s LIMIT 1", [world.cast.libya]
        )
        with _refused(), society(world.cast.egypt):
            _insert(table, row)


def test_nothing_of_the_other_society_is_read_or_moved(world: World, tables: dict[str, str]) -> None:
    with society(world.cast.egypt):
        for table, column in tables.items():
            theirs = f"FROM {table} WHERE {column} = '{world.cast.libya}'"
            assert _value(f"SELECT count(*) {theirs}") == 0, table
            assert _touched(f"DELETE {theirs}") == 0, table
            with _refused():
                _give_away(table, column, world)


def _give_away(table: str, column: str, world: World) -> None:
    """Hand Egypt's own rows to Libya."""
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {column} = %s", [world.cast.libya])


def test_the_session_cannot_become_another_role(world: World) -> None:
    for role in ("owner", "door", "postgres"):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            _value(f"SELECT set_config('role', '{role}', true)")


def test_a_table_without_protection_is_seen(world: World) -> None:
    """The check of the checks above: the same question, asked of a table that forgot."""
    owner_sql(
        "CREATE TABLE planted AS SELECT * FROM people_volunteer; GRANT SELECT, INSERT, DELETE ON planted TO app"
    )
    try:
        assert tenant_tables()["planted"] == "society_id"
        assert _value("SELECT count(*) FROM planted") == 12
        assert _touched("DELETE FROM planted") == 12
    finally:
        owner_sql("DROP TABLE planted")
