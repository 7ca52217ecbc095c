"""The database of the tests: a clone of a template that the owner migrated, used as role app.

Run as superuser or owner these tests would prove nothing about isolation, so every session first asserts who it is.
"""

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from pytest_django import DjangoDbBlocker

from tests import cast as the_cast

ROOT = Path(__file__).resolve().parent.parent
# What the template is loaded with and what no test empties.
KEPT = (
    "django_migrations", "django_content_type", "auth_permission", "people_skill", "geo_region", "geo_city",
    "spatial_ref_sys",
)  # fmt: skip


# A property recorded under this name is printed at the end of a run, also of a green one.
SHOWN = "shown at the end"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests counted on the way: a kill that hit nothing in flight would prove nothing."""
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    for report in reports:
        for name, words in getattr(report, "user_properties", []):
            if name == SHOWN and report.when == "call":
                terminalreporter.write_line(f"{report.nodeid.split('::')[-1]}: {words}")


def superuser(database: str) -> psycopg.Connection[tuple[object, ...]]:
    """A connection that may make and drop databases; the service and the tests themselves never get it."""
    url = os.environ.get("NAFEER_TEST_SUPERUSER_URL")
    if not url:
        pytest.exit(
            "Set NAFEER_TEST_SUPERUSER_URL (deploy/test does): tests make a database of their own.", 2
        )
    return psycopg.connect(urlunsplit(urlsplit(url)._replace(path=f"/{database}")), autocommit=True)


def _fingerprint() -> str:
    """Changes when a migration, a fixture or the bootstrap changes: then the template is made anew."""
    files = [*ROOT.glob("**/migrations/*.py"), *(ROOT / "fixtures").glob("*"), ROOT / "deploy/bootstrap.sql"]
    digest = hashlib.sha256()
    for file in sorted(f for f in files if f.is_file() and ".nafeer" not in f.parts):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def _use(name: str) -> None:
    for alias in ("default", "owner"):
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name


@cache
def template() -> str:
    """The name of the owner-migrated template, made when it is not there; one process makes it, others wait."""
    name = f"nafeer_template_{_fingerprint()}"
    lock = Path(tempfile.gettempdir()) / f"{name}.lock"
    with lock.open("w") as handle, superuser("postgres") as postgres:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if postgres.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return name
        making = f"{name}_making"
        postgres.execute(f"DROP DATABASE IF EXISTS {making}")
        postgres.execute(f"CREATE DATABASE {making}")
        with superuser(making) as fresh:
            fresh.execute((ROOT / "deploy/bootstrap.sql").read_bytes())
        _use(making)
        call_command("migrate", database="owner", verbosity=0)
        call_command("load_skills", verbosity=0)
        call_command("load_regions", verbosity=0)
        connections["owner"].close()
        postgres.execute(f"ALTER DATABASE {making} RENAME TO {name}")
    return name


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: DjangoDbBlocker, worker_id: str) -> Iterator[None]:
    """One clone per worker, dropped at the end."""
    clone = f"nafeer_test_{worker_id}_{os.getpid()}"
    with django_db_blocker.unblock():
        source = template()
        with superuser("postgres") as postgres:
            postgres.execute(f"CREATE DATABASE {clone} TEMPLATE {source}")
        _use(clone)
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user")
            assert cursor.fetchone() == ("app",), "tests must run as role app"
        yield
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]  # the PostgreSQL wrapper has it
        connections["owner"].close()
        with superuser("postgres") as postgres:
            postgres.execute(f"DROP DATABASE {clone} WITH (FORCE)")


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """The database with real commits (its name); afterwards the owner empties every table a test can write."""
    with django_db_blocker.unblock():
        yield str(connection.settings_dict["NAME"])
        connection.close()
        rows = the_cast.owner_sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [str(name) for (name,) in rows if name not in KEPT]
        the_cast.owner_sql(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE")
        connections["owner"].close()


@pytest.fixture
def cast(request: pytest.FixtureRequest) -> the_cast.Cast:
    """Both societies and their users, inside whichever database fixture the test already has (default: db)."""
    if "committed" not in request.fixturenames:
        request.getfixturevalue("db")
    return the_cast.make()


@pytest.fixture(autouse=True)
def _quick_passwords(settings: object) -> None:
    """Hashing a password slowly is right in service and wasted in tests."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # type: ignore[attr-defined]


assert settings.configured
