"""Webhooks: signed posts to the customer, a bounded number at a time."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from urllib.parse import urlencode

import aiohttp
from yarl import URL

from notifications.phones.signature import sign
from notifications.phones.store import Post

AT_ONCE = 32
"""Posts under way together: enough to keep a web process busy, few enough for two cores."""
CONNECT_SECONDS = 5.0

Job = Callable[[], Awaitable[None]]


class Postman:
    """Runs posting jobs with AT_ONCE workers. Build inside the running loop; `start` and `stop` it."""

    def __init__(self) -> None:
        self.jobs: asyncio.Queue[Job] = asyncio.Queue()
        self.busy = 0
        self._workers: list[asyncio.Task[None]] = []
        self._http: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=AT_ONCE),
            headers={"User-Agent": "TwilioProxy/1.1", "Accept": "*/*"},
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        self._workers = [asyncio.create_task(self._work()) for _ in range(AT_ONCE)]

    async def stop(self) -> None:
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        if self._http:
            await self._http.close()

    def add(self, job: Job) -> None:
        self.jobs.put_nowait(job)

    def forget(self) -> None:
        while not self.jobs.empty():
            self.jobs.get_nowait()

    @property
    def pending(self) -> int:
        return self.jobs.qsize() + self.busy

    async def _work(self) -> None:
        while True:
            job = await self.jobs.get()
            self.busy += 1
            try:
                await job()
            finally:
                self.busy -= 1

    async def deliver(
        self, post: Post, method: str, fields: Mapping[str, str], token: str, seconds: float
    ) -> bool:
        """Send one post and note its outcome on it; True when the customer answered 2xx."""
        if self._http is None:
            raise RuntimeError("The postman was not started.")
        url = post.url
        if method == "GET":
            url += ("&" if "?" in url else "?") + urlencode(fields)
        signature = sign(token, url, {} if method == "GET" else fields)
        headers = {"X-Twilio-Signature": signature, "I-Twilio-Idempotency-Token": str(uuid.uuid4())}
        body = None
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
            body = urlencode(fields).encode()
        post.at = datetime.now(UTC)
        limits = aiohttp.ClientTimeout(total=seconds, connect=min(CONNECT_SECONDS, seconds))
        try:
            # The URL goes out byte for byte as signed: yarl must not re-quote it.
            async with self._http.request(
                method,
                URL(url, encoded=True),
                data=body,
                headers=headers,
                timeout=limits,
                allow_redirects=False,
            ) as answer:
                await answer.content.read(65536)
                post.outcome = str(answer.status)
                return 200 <= answer.status < 300
        except TimeoutError:
            post.outcome = "timeout"
        except (aiohttp.ClientError, OSError, ValueError) as error:
            post.outcome = f"no answer: {type(error).__name__}"
        return False
