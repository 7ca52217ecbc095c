"""Says in Redis where a society stands, from a thread of its own, so that no writer ever waits for Redis.

What a society reached while the last word was on its way is said once: 200 entries in a second are at most 50
words.
"""

import atexit
import logging
import threading
from uuid import UUID

from redis import Redis
from redis.exceptions import RedisError

from realtime.subscription import PREFIX

log = logging.getLogger(__name__)

PAUSE_S = 0.02
TIMEOUT_S = 0.2


class Publisher:
    """Publishes the highest number of each society. Errors are logged: the feed's heartbeat heals what was
    not said.
    """

    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S)
        self._numbers: dict[UUID, int] = {}
        self._lock = threading.Lock()
        self._news = threading.Event()
        self._thread: threading.Thread | None = None
        self._away = False

    def publish(self, society_id: UUID, number: int) -> None:
        """Note a number and return at once."""
        with self._lock:
            self._numbers[society_id] = max(number, self._numbers.get(society_id, 0))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="live-publisher", daemon=True)
                self._thread.start()
                atexit.register(self.say)
        self._news.set()

    def say(self) -> None:
        """Publish what is noted."""
        with self._lock:
            numbers, self._numbers = self._numbers, {}
        if not numbers:
            return
        pipe = self._redis.pipeline(transaction=False)
        for society_id, number in numbers.items():
            pipe.publish(f"{PREFIX}{society_id}", number)
        try:
            pipe.execute()
        except (RedisError, OSError) as error:
            log.log(
                logging.DEBUG if self._away else logging.WARNING, "redis is away, not published: %s", error
            )
            self._away = True
        else:
            self._away = False

    def _run(self) -> None:
        while True:
            self._news.wait()
            self._news.clear()
            self.say()
            threading.Event().wait(PAUSE_S)
