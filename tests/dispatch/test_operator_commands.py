"""A first start without the demo: what an operator runs in a new instance, and what the documents promise of it."""

import ast
import io
import json
import os
import re
import subprocess
import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command, get_commands
from django.test import Client

from dispatch.management import demo
from dispatch.orgs.models import Membership, Society, User
from tests.cast import owner_sql

ROOT = Path(__file__).resolve().parent.parent.parent
PASSWORD = "correct-horse-battery"
SOCIETY = {
    "name_en": "Jordan Red Crescent", "name_ar": "الهلال الأحمر الأردني", "country": "JO", "timezone": "Asia/Amman",
    "currency": "JOD", "sender_en": "Crescent", "sender_ar": "الهلال",
}  # fmt: skip
Run = Callable[..., str]


@pytest.fixture
def run(committed: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command with lines on its stdin; what it printed."""

    def go(command: str, *words: str, typed: str = "", **options: object) -> str:
        said = io.StringIO()
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        call_command(command, *words, stdout=said, stderr=io.StringIO(), **options)
        return said.getvalue()

    return go


@pytest.fixture
def jordan(run: Run) -> Society:
    run("create_society", "jordan", **SOCIETY)
    return Society.objects.using("owner").get(slug="jordan")


def test_a_person_signs_in_to_a_society_that_the_commands_made(jordan: Society, run: Run) -> None:
    run("create_user", "huda", society="jordan", role="manager", typed=f"{PASSWORD}\n")
    client = Client()
    assert client.login(username="huda", password=PASSWORD)
    assert client.get("/", follow=True).status_code == 200
    assert Membership.objects.using("owner").get(user__username="huda").society_id == jordan.id


def test_a_society_made_by_the_command_is_real(jordan: Society) -> None:
    assert (jordan.is_demo, jordan.name["ar"]) == (False, SOCIETY["name_ar"])


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"country": "Jordan"}, "--country"),
        ({"timezone": "Asia/Atlantis"}, "time zone"),
        ({"currency": "dinar"}, "--currency"),
        ({"sender_ar": " "}, "--sender-ar is empty"),
    ],
)
def test_a_society_with_a_wrong_field_is_refused_by_name(
    run: Run, change: dict[str, str], named: str
) -> None:
    with pytest.raises(CommandError, match=named):
        run("create_society", "jordan", **SOCIETY | change)
    assert not Society.objects.using("owner").exists()


def test_a_society_is_made_once(jordan: Society, run: Run) -> None:
    with pytest.raises(CommandError, match="already"):
        run("create_society", "jordan", **SOCIETY | {"name_en": "Another"})
    jordan.refresh_from_db()
    assert jordan.name["en"] == SOCIETY["name_en"]


@pytest.mark.parametrize("typed", ["", "short\n", "password123\n"])
def test_an_account_needs_a_password_that_holds(jordan: Society, run: Run, typed: str) -> None:
    with pytest.raises(CommandError):
        run("create_user", "huda", society="jordan", role="manager", typed=typed)
    assert not User.objects.filter(username="huda").exists()


def test_an_account_that_exists_keeps_its_password(jordan: Society, run: Run) -> None:
    run("create_user", "huda", society="jordan", role="manager", typed=f"{PASSWORD}\n")
    with pytest.raises(CommandError, match="already"):
        run("create_user", "Huda", society="jordan", role="manager", typed="another-long-one\n")
    assert User.objects.get(username="huda").check_password(PASSWORD)


def test_an_unknown_society_names_those_there_are(jordan: Society, run: Run) -> None:
    with pytest.raises(CommandError, match="There are: jordan"):
        run("create_user", "huda", society="atlantis", role="manager", typed=f"{PASSWORD}\n")


def test_without_the_owner_s_address_the_command_says_what_is_missing() -> None:
    words = ["create_user", "huda", "--society", "jordan", "--role", "manager"]
    done = subprocess.run(
        [sys.executable, "-m", "dispatch", *words], cwd=ROOT, capture_output=True, text=True, check=False,
        env={name: value for name, value in os.environ.items() if name != "DATABASE_OWNER_URL"},
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == "CommandError: DATABASE_OWNER_URL is not set: this command acts as role owner.\n"


def test_a_token_opens_the_api_and_is_stored_hashed(jordan: Society, run: Run) -> None:
    run("create_user", "huda", society="jordan", role="manager", typed=f"{PASSWORD}\n")
    token = run("create_token", "huda").strip()
    assert Client().get("/api/v1/skills/").status_code == 403
    answer = Client().get("/api/v1/skills/", headers={"Authorization": f"Token {token}"})
    assert answer.status_code == 200
    assert token not in str(owner_sql("SELECT * FROM knox_authtoken"))


def test_there_is_no_token_for_nobody(run: Run) -> None:
    with pytest.raises(CommandError, match="'nobody'"):
        run("create_token", "nobody")


ROUTE = {"country": "JO", "sender": "+15005550006", "account": "AC1", "answer_by": "two_way"}


def test_a_way_of_answering_that_does_not_work_is_refused_with_those_that_do(run: Run) -> None:
    run("create_society", "libya", **SOCIETY | {"country": "LY"})
    for country in ("LY", "any"):
        with pytest.raises(CommandError, match=r"no replies from LY.* --answer-by link or local_gateway"):
            run("set_up_route", "libya", **ROUTE | {"country": country}, typed="secret\n")


def test_a_provider_that_cannot_be_reached_leaves_the_route_off(
    jordan: Society, run: Run, settings: LazySettings
) -> None:
    settings.TWILIO_API_URL = "http://127.0.0.1:9"
    with pytest.raises(CommandError, match="stays off"):
        run("set_up_route", "jordan", **ROUTE, typed="secret\n")
    assert owner_sql("SELECT active FROM notifications_route") == [(False,)]


def test_a_token_comes_from_a_file_and_is_asked_of_nobody(
    jordan: Society, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, object] = {}
    monkeypatch.setattr("notifications.routes.setup_route", lambda **route: given.update(route))
    (tmp_path / "token").write_text("from-a-file\n")
    said = run("set_up_route", "jordan", **ROUTE, token_file=tmp_path / "token")
    assert (given["token"], given["society_id"]) == ("from-a-file", jordan.id)
    assert said == "The route of jordan is on. Twilio carries replies from JO.\n"


def test_no_command_takes_a_secret_as_an_argument() -> None:
    for name in ("create_user", "set_up_route", "create_token", "create_society"):
        words = subprocess.run(
            [sys.executable, "-m", "dispatch", name, "--help"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert not re.search(r"--(password|token)\b(?!-file)", words), name


def test_loading_the_demo_again_leaves_a_changed_password_alone(run: Run, settings: LazySettings) -> None:
    settings.DEMO_PASSWORD = PASSWORD
    demo.load()
    user = User.objects.get(username="dispatcher")
    user.set_password("changed-by-its-owner")
    user.save()
    demo.load()
    user.refresh_from_db()
    assert user.check_password("changed-by-its-owner")
    assert User.objects.get(username="manager").check_password(PASSWORD)


def test_no_demo_is_loaded_beside_a_real_society(jordan: Society, run: Run) -> None:
    with pytest.raises(CommandError, match="jordan"):
        run("load_fixtures", verbosity=0)
    assert Society.objects.using("owner").count() == 1


def test_a_bench_whose_answers_are_wrong_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(**_: object) -> dict[str, object]:
        return {"equal_to_brute_force": False}

    def arguments(parser: ArgumentParser) -> None:
        parser.add_argument("--unused")

    bench = "dispatch.management.commands.bench"
    monkeypatch.setattr(
        f"{bench}.import_module", lambda _: SimpleNamespace(nearest=wrong, arguments=arguments)
    )
    monkeypatch.setattr(f"{bench}.BENCHES", {"nearest": "any"})
    said = io.StringIO()
    with pytest.raises(CommandError, match="full scan"):
        call_command("bench", "nearest", json=True, stdout=said)
    assert json.loads(said.getvalue()) == {"equal_to_brute_force": False}


def read_by_settings() -> set[str]:
    """The first argument of every env(...) and env.kind(...) of settings.py."""
    tree = ast.parse((ROOT / "dispatch/settings.py").read_text())
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return {
        call.args[0].value
        for call in calls
        if ast.unparse(call.func).split(".")[0] == "env" and call.args
        if isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str)
    }


def read_elsewhere() -> tuple[set[str], set[str]]:
    """The variables of the phone-network simulator, and those that deploy's own scripts name."""
    phones = (ROOT / "notifications/phones/settings.py").read_text()
    scripts = "".join(
        file.read_text()
        for file in (ROOT / "deploy").iterdir()
        if file.suffix in ("", ".sh") and file.is_file()
    )
    return set(re.findall(r'"(PHONES_[A-Z_]+)"', phones)), set(re.findall(r"\$\{?(NAFEER_[A-Z_]+)", scripts))


def explained() -> Counter[str]:
    return Counter(re.findall(r"^(?:# )?([A-Z_]+)=", (ROOT / "deploy/env.example").read_text(), re.MULTILINE))


def test_every_variable_that_is_read_is_explained_once() -> None:
    phones, _ = read_elsewhere()
    read = read_by_settings() | phones
    assert len(read) > 25
    assert read - explained().keys() == set()
    assert [name for name, times in explained().items() if times > 1] == []


def test_every_variable_that_is_explained_is_read() -> None:
    phones, scripts = read_elsewhere()
    assert explained().keys() - read_by_settings() - phones - scripts == set()


def test_every_command_a_document_names_exists() -> None:
    known = get_commands()
    for name in ("README.md", "CONTRIBUTING.md", "deploy/runbook.md", "deploy/env.example"):
        named = re.findall(r"python -m dispatch ([a-z_]+)", (ROOT / name).read_text())
        assert set(named) <= known.keys(), name
