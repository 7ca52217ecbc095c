"""/healthz, /readyz and /metrics: they name what is wrong and tell nothing of any society."""

import re
import socket
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from notifications.workers import Life
from realtime import health
from tests.cast import Cast, owner_sql
from tests.notifications.conftest import claim, draft, hand_in
from tests.realtime.conftest import OwnRedis


def checks(answer: Any) -> dict[str, Any]:
    return {check["name"]: check for check in answer.json()["checks"]}


def wrong(answer: Any) -> list[str]:
    return [name for name, check in checks(answer).items() if not check["ok"]]


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.fixture
def lost_database(committed: str, free_port: int) -> Iterator[None]:
    """The database of this process is where nobody listens."""
    port = connection.settings_dict["PORT"]
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]
    connection.settings_dict["PORT"] = str(free_port)
    yield
    connection.close_pool()  # type: ignore[attr-defined]
    connection.settings_dict["PORT"] = port


def test_a_process_is_alive_without_a_database(client: Client) -> None:
    client.cookies["sessionid"] = "whoever"
    assert client.get("/healthz").json() == {"status": "alive"}


def test_without_workers_it_is_degraded_and_says_what_to_start(client: Client, db: None) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["status"], wrong(answer)) == (
        200,
        "degraded",
        ["sender", "ticker"],
    )
    assert "dispatch ticker" in checks(answer)["ticker"]["do"]
    assert client.get("/readyz?all=1").status_code == 503


def test_with_everything_it_is_ready(client: Client, db: None) -> None:
    Life("sender").beat(reachable=True)
    Life("ticker").beat()
    answer = client.get("/readyz?all=1")
    assert (answer.status_code, answer.json()["status"]) == (200, "ready")
    assert list(checks(answer)) == ["database", "redis", "sender", "ticker", "transport"]


def test_a_worker_not_seen_for_ten_seconds_is_missing(client: Client, db: None) -> None:
    Life("sender").beat()
    Life("ticker").beat()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE notifications_worker SET seen_real = now() - interval '11 s' WHERE kind = 'sender'"
        )
    assert wrong(client.get("/readyz")) == ["sender"]


def test_a_provider_that_does_not_answer_is_named(client: Client, db: None) -> None:
    Life("ticker").beat()
    Life("sender").beat(reachable=False)
    assert wrong(client.get("/readyz")) == ["transport"]


def test_without_redis_it_still_serves(own_redis: OwnRedis, client: Client, db: None) -> None:
    Life("sender").beat()
    Life("ticker").beat()
    assert wrong(client.get("/readyz")) == []
    own_redis.stop()
    answer = client.get("/readyz")
    assert (answer.status_code, wrong(answer)) == (200, ["redis"])


def test_without_the_database_it_says_so_at_once(lost_database: None, client: Client) -> None:
    client.cookies["sessionid"] = "whoever"
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (503, "not ready")
    assert "PostgreSQL" in checks(answer)["database"]["do"]
    assert set(wrong(answer)) == {"database", "sender", "ticker", "transport"}


def test_a_migration_that_waits_is_named(client: Client, committed: str) -> None:
    (row,) = owner_sql(
        "DELETE FROM django_migrations WHERE id = (SELECT max(id) FROM django_migrations WHERE app = 'notifications')"
        " RETURNING app, name, applied"
    )
    health._up_to_date.cache_clear()
    try:
        answer = client.get("/readyz")
    finally:
        owner_sql("INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, %s)", list(row))
    assert answer.status_code == 503
    assert f"notifications.{row[1]}" in checks(answer)["database"]["why"]


def test_another_clock_than_the_stored_one_is_not_ready(client: Client, db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO notifications_clock VALUES (true, now(), now(), 60)")
    answer = client.get("/readyz")
    assert (answer.status_code, "clock" in checks(answer)["database"]["why"]) == (503, True)


def gauge(text: str, name: str) -> float:
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    assert found, f"{name} is missing"
    return float(found[1])


def test_metrics_count_over_all_societies(client: Client, cast: Cast) -> None:
    hand_in(cast.libya, draft(1), draft(2))
    hand_in(cast.egypt, draft(3))
    assert len(claim(1)) == 1
    Life("sender").beat()
    text = client.get("/metrics").content.decode()
    assert (
        gauge(text, 'nafeer_messages{state="queued"}') + gauge(text, 'nafeer_messages{state="sending"}') == 3
    )
    assert gauge(text, 'nafeer_sends_5m{outcome="under_way"}') == 1
    assert gauge(text, 'nafeer_workers{kind="sender"}') == 1


def test_metrics_name_no_society_and_no_number(client: Client, cast: Cast) -> None:
    hand_in(cast.libya, draft(1))
    text = client.get("/metrics").content.decode()
    assert str(cast.libya) not in text
    assert "21892" not in text


def test_requests_are_counted_by_pattern_and_status(client: Client, db: None) -> None:
    name = 'nafeer_http_requests_total{status="200",view="healthz"}'
    client.get("/healthz")
    before = gauge(client.get("/metrics").content.decode(), name)
    client.get("/healthz")
    assert gauge(client.get("/metrics").content.decode(), name) == before + 1
    assert client.get(f"/nowhere/{uuid.uuid4()}").status_code == 404
    assert 'status="404",view="none"' in client.get("/metrics").content.decode()


def test_metrics_are_for_this_machine_or_the_token(client: Client, db: None, settings: Any) -> None:
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.9").status_code == 403
    assert client.get("/metrics", headers={"X-Forwarded-For": "10.0.0.9"}).status_code == 403
    nothing = {"Authorization": "Bearer "}
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.9", headers=nothing).status_code == 403
    settings.NAFEER_METRICS_TOKEN = "scrape-me"
    bearer = {"Authorization": "Bearer scrape-me"}
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.9", headers=bearer).status_code == 200


def test_metrics_without_the_database_still_tell_of_this_process(lost_database: None, client: Client) -> None:
    text = client.get("/metrics").content.decode()
    assert gauge(text, "nafeer_database_up") == 0
    assert "nafeer_live_entries_total" in text
