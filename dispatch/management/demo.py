"""The demo societies: made by the owner, connected to the phone-network simulator when it runs."""

import json
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction

from dispatch.orgs.models import Membership, Society, User
from notifications.routes import setup_route

OWNER = "owner"


class RealSocieties(Exception):
    """The database holds societies that are no demo; a demo beside them could take over their names."""


def _fixture() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((settings.FIXTURES / "societies.json").read_text())["societies"]
    return found


def load() -> int:
    """Make the demo societies and their users where they are missing; how many societies there are.

    A new demo user has the password settings.DEMO_PASSWORD, without one nobody of them can sign in; a user that is
    there keeps theirs. Raises RealSocieties, and makes nothing, where a society is no demo.
    """
    if real := Society.objects.using(OWNER).filter(is_demo=False).values_list("slug", flat=True):
        raise RealSocieties(
            f"No demo is loaded beside real societies, and here are: {', '.join(sorted(real))}."
        )
    password = make_password(settings.DEMO_PASSWORD or None)
    for row in _fixture():
        with transaction.atomic(using=OWNER):
            society = _society(row)
            for user in row["users"]:
                account, _ = User.objects.using(OWNER).get_or_create(
                    username=user["username"], defaults={"display_name": user["name"], "password": password}
                )
                Membership.objects.using(OWNER).get_or_create(
                    society_id=society.id, user=account, defaults={"role": user["role"]}
                )
    return len(_fixture())


def _society(row: dict[str, Any]) -> Society:
    fields = ("name", "sender_name", "country", "timezone", "currency", "language")
    values = {name: row[name] for name in fields} | {"is_demo": True}
    society, _ = Society.objects.using(OWNER).update_or_create(slug=row["slug"], defaults=values)
    return society


def societies() -> dict[str, UUID]:
    """The demo societies' ids by slug, read by the owner."""
    return dict(Society.objects.using(OWNER).filter(is_demo=True).values_list("slug", "id"))


def connect() -> None:
    """Give each demo society that is there its gateway, which speaks Twilio's API, as the simulator knows it."""
    accounts = [pair.split(":", 1) for pair in settings.DEMO_PHONES]
    ids = societies()
    for row, (account, token) in zip(_fixture(), accounts, strict=True):
        if row["slug"] not in ids:
            continue
        setup_route(
            society_id=ids[row["slug"]],
            country="",
            provider="twilio",
            sender=row["sender"],
            account=account,
            token=token,
            answer_by="local_gateway",
        )
