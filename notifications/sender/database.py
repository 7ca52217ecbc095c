"""Django's database from an event loop: a few threads, each with a connection of its own that it keeps.

No connection is ever held while a provider is being called.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import DatabaseError, InterfaceError, connection

P = ParamSpec("P")
R = TypeVar("R")

# What a cut session, a restart, a deadlock or a lost race looks like; the work is done again.
PASSING = (DatabaseError, InterfaceError)


class Database:
    """Runs functions on threads; after a database error the thread's connection is given up."""

    def __init__(self, threads: int = 4) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="database")

    async def run(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """The work's result. Raises what it raises, PASSING among it."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, lambda: _guarded(work, *args, **kwargs))

    async def close(self) -> None:
        """Wait for the threads and let their connections go."""
        await asyncio.to_thread(self._threads.shutdown)


def _guarded(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    try:
        return work(*args, **kwargs)
    except PASSING:
        connection.close()
        raise
