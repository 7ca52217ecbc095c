"""Django's database from an event loop: a few threads that borrow a connection for each piece of work.

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
    """Runs functions on threads; each gives its connection back, which also drops one that is broken."""

    def __init__(self, threads: int = 4) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="database")

    async def run(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """The work's result. Raises what it raises, PASSING among it."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, lambda: _guarded(work, *args, **kwargs))

    async def close(self) -> None:
        """Wait for the threads."""
        await asyncio.to_thread(self._threads.shutdown)


def _guarded(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    try:
        return work(*args, **kwargs)
    finally:
        connection.close()
