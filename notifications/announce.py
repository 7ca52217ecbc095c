"""Telling what happened inside the transaction that stores it; no listener can undo the fact."""

from collections.abc import Sequence
from typing import Any, Final

from django.db import OperationalError, connection, transaction
from django.dispatch import Signal

_TRIES: Final = 3


def announce(signal: Signal, sender: Any, facts: Sequence[dict[str, Any]]) -> list[Exception]:
    """Send the signal once per fact, all in one savepoint; returns what receivers raised: then all is undone.

    A deadlock or a lock that took too long is tried again first. Raises OperationalError when the session
    itself is gone: nothing is stored then, and a caller who went on would believe it was.
    """
    errors: list[Exception] = []
    for _ in range(_TRIES):
        with transaction.atomic():
            answers = [answer for fact in facts for _, answer in signal.send_robust(sender, **fact)]
            errors = [answer for answer in answers if isinstance(answer, Exception)]
            if errors:
                transaction.set_rollback(True)
        if errors and connection.needs_rollback:
            raise OperationalError("The database session was lost while telling what happened.") from errors[
                0
            ]
        if not any(isinstance(error, OperationalError) for error in errors):
            break
    return errors
