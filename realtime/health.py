"""/healthz, /readyz, /metrics: for supervisors, proxies and Prometheus. They tell nothing of any society.

/readyz answers 503 when this process cannot serve anybody: the database is away, has the wrong role, another
clock, or waits for a migration. When Redis, a worker or a provider is missing it says "degraded" with 200:
pages and replies still work, and a proxy that took every web process away for a dead sender would make one
fault two. `/readyz?all=1` answers 503 for those too, for whoever waits until the whole service stands.
"""

import datetime as dt
import hmac
from dataclasses import asdict, dataclass
from functools import cache

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, JsonResponse
from django.views.decorators.cache import never_cache
from prometheus_client.core import GaugeMetricFamily, Metric
from redis import Redis
from redis.exceptions import RedisError

from notifications import clock, doors, startup
from notifications import queries as sending
from realtime import metrics

OUTCOMES_OVER = dt.timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Check:
    """One part: whether it is well, why not, and what to do. needed: without it nobody is served."""

    name: str
    ok: bool
    why: str = ""
    do: str = ""
    needed: bool = False


@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """This process is alive."""
    return JsonResponse({"status": "alive"})


@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """Each part by name."""
    database, redis = _database(), _redis()
    checks = [database, redis, *(_background() if database.ok else _unknown())]
    missing = any(check.needed and not check.ok for check in checks)
    degraded = any(not check.ok for check in checks)
    body = {
        "status": "not ready" if missing else "degraded" if degraded else "ready",
        "checks": [asdict(check) for check in checks],
    }
    return JsonResponse(body, status=503 if missing or (degraded and "all" in request.GET) else 200)


def _database() -> Check:
    try:
        startup.knock()
        if power := startup.privileges():
            return Check("database", False, power, "Set DATABASE_URL to the role app.", True)
        if waiting := _migrations():
            do = "Run `python -m dispatch migrate --database owner`."
            return Check("database", False, f"migrations wait: {', '.join(waiting)}", do, True)
        if startup.stored_clock() not in (None, clock.the_clock()):
            do = "Give every process the same NAFEER_CLOCK_* and start them again."
            return Check("database", False, "it was made with another clock", do, True)
    except (DatabaseError, InterfaceError) as error:
        reason = type(error).__name__
        return Check("database", False, f"no answer ({reason})", "Start PostgreSQL; see DATABASE_URL.", True)
    return Check("database", True, needed=True)


def _migrations() -> list[str]:
    """Migrations of this code that the database has not seen."""
    if _up_to_date.cache_info().currsize:
        return []
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not plan:
        _up_to_date()
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


@cache
def _up_to_date() -> None:
    """Once this process has found nothing to wait for, that stays so: its code does not change."""


def _redis() -> Check:
    try:
        with Redis.from_url(settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5) as client:
            client.ping()
    except (RedisError, OSError) as error:
        why = f"no answer ({type(error).__name__}): pages move every two seconds instead of at once"
        return Check("redis", False, why, "Start Redis; see REDIS_URL. Nothing is lost.")
    return Check("redis", True)


def _unknown() -> list[Check]:
    why = "not known while the database is not well"
    return [Check(name, False, why, "See database.") for name in ("sender", "ticker", "transport")]


def _background() -> list[Check]:
    """The workers, and what the senders found out about the provider."""
    health = sending.health()
    sender, ticker, transport = Check("sender", True), Check("ticker", True), Check("transport", True)
    if not health.senders:
        why = "no sign of life for ten seconds: nothing is sent"
        sender = Check("sender", False, why, "Start `python -m dispatch sender`.")
    if not health.tickers:
        why = "no sign of life for ten seconds: nobody further is asked"
        ticker = Check("ticker", False, why, "Start `python -m dispatch ticker`.")
    if health.provider_reachable is False:
        why = "the provider did not answer the last requests; messages wait and go out by themselves"
        transport = Check(
            "transport", False, why, "Look into the sender's log and at the provider's status page."
        )
    return [sender, ticker, transport]


def _may_scrape(request: HttpRequest) -> bool:
    """From this machine itself, not through a proxy on it; or with the token."""
    token = settings.NAFEER_METRICS_TOKEN
    given = request.headers.get("Authorization", "")
    if token and hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        return True
    forwarded = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    return request.META.get("REMOTE_ADDR") in ("127.0.0.1", "::1") and not forwarded


@never_cache
def metrics_view(request: HttpRequest) -> HttpResponse:
    """Counts of this process, and gauges read from the database, where every process writes."""
    if not _may_scrape(request):
        return HttpResponseForbidden(
            "Ask from this machine, or with the bearer token NAFEER_METRICS_TOKEN.\n"
        )
    try:
        startup.knock()
        gauges = _gauges()
    except (DatabaseError, InterfaceError):
        gauges = [GaugeMetricFamily("nafeer_database_up", "Whether the database answers.", value=0)]
    return HttpResponse(metrics.text(gauges), content_type="text/plain; version=0.0.4; charset=utf-8")


def _gauges() -> list[Metric]:
    health, waiting = sending.health(), doors.waiting_messages()
    messages = GaugeMetricFamily("nafeer_messages", "Messages not settled yet.", labels=["state"])
    for state in ("queued", "sending", "unknown"):
        messages.add_metric([state], waiting.get(state, 0))
    ends = GaugeMetricFamily("nafeer_sends_5m", "Attempts of the last five minutes.", labels=["outcome"])
    for outcome, count in sorted(doors.attempt_ends(clock.real_now() - OUTCOMES_OVER).items()):
        ends.add_metric([outcome or "under_way"], count)
    workers = GaugeMetricFamily("nafeer_workers", "Processes with a fresh sign of life.", labels=["kind"])
    workers.add_metric(["sender"], health.senders)
    workers.add_metric(["ticker"], health.tickers)
    age = health.oldest_queued.total_seconds() if health.oldest_queued else 0.0
    return [
        GaugeMetricFamily("nafeer_database_up", "Whether the database answers.", value=1),
        messages,
        GaugeMetricFamily(
            "nafeer_oldest_queued_seconds", "Age of the oldest queued message, domain time.", value=age
        ),
        ends,
        workers,
    ]
