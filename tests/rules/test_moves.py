"""The table of moves, here and in the database."""

import pytest
from django.db import connection

from dispatch.callouts.rules import moves


@pytest.mark.django_db
def test_the_database_holds_the_same_moves() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT old_state, new_state FROM callouts_moves()")
        assert set(cursor.fetchall()) == {(old, new) for old, news in moves.MOVES.items() for new in news}


def test_every_state_has_its_row_and_every_move_ends_in_a_state() -> None:
    assert set(moves.MOVES) == set(moves.STATES)
    assert set().union(*moves.MOVES.values()) <= set(moves.STATES)


def test_nobody_silent_or_gone_takes_a_place() -> None:
    assert moves.COUNTED.isdisjoint({"asked", "declined", "reserve", "stood_down", "no_show", "unreachable"})
    assert moves.TAKEN < moves.COUNTED
