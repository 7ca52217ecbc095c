"""The import contracts can fail: for each, a violation planted in a copy of the code must turn it red."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("dispatch", "geo", "notifications", "realtime")
LINT = Path(sys.executable).with_name("lint-imports")

# Contract -> (file to append to, the line that breaks it). The file may be new.
PLANTED = {
    "Packages: realtime > dispatch > notifications | geo": ("geo/shapes.py", "import notifications.ids"),
    "Topics inside dispatch point one way": ("dispatch/people/queries.py", "import dispatch.callouts.models"),
    "Every topic has the same shape": ("dispatch/callouts/services.py", ""),
    "Rules are pure": ("dispatch/callouts/rules/planner.py", "import random"),
    "Interfaces reach data only through queries and actions": (
        "dispatch/callouts/receivers.py",
        "import dispatch.callouts.models",
    ),
    "Sockets are read-only": ("realtime/receivers.py", "import dispatch.callouts.actions"),
    "Dispatch knows notifications by its doors only": (
        "dispatch/people/actions.py",
        "import notifications.models",
    ),
    "Twilio is known in one transport": ("notifications/inbox.py", "import twilio"),
    "The phone network is another program: nobody imports it": (
        "notifications/outbox.py",
        "import notifications.phones",
    ),
    "The phone network imports nothing of ours": (
        "notifications/phones/signature.py",
        "import notifications.rules",
    ),
}


def contracts() -> list[str]:
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    return [contract["name"] for contract in tool["contracts"]]


def lint(folder: Path) -> str:
    done = subprocess.run([LINT, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("static", "*.pyc", "locale")
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_every_contract_has_a_planted_violation() -> None:
    assert set(contracts()) == set(PLANTED)


def test_the_code_as_it_is_keeps_every_contract(copy: Path) -> None:
    report = lint(copy)
    assert [name for name in contracts() if f"{name} KEPT" not in report] == [], report


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_violation_is_seen(copy: Path, name: str) -> None:
    file, line = PLANTED[name]
    with (copy / file).open("a") as source:
        source.write(f"\n{line}\n")
    assert f"{name} BROKEN" in lint(copy)
