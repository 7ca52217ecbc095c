"""`python -m dispatch create_token USERNAME`: a token for the API, made by role app and printed once."""

import datetime as dt
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from knox.models import AuthToken

from dispatch.orgs.models import User

DAYS = 90


class Command(BaseCommand):
    help = (
        "Make a token for the API, to be sent as 'Authorization: Token ...'. It is stored hashed, so it is printed "
        "this once. Acts as role app."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--days", type=int, default=DAYS, help=f"how long it holds (default {DAYS})")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["days"] < 1:
            raise CommandError("--days is at least 1.")
        user = User.objects.filter(username=options["username"], is_active=True).first()
        if user is None:
            raise CommandError(f"There is no account {options['username']!r} that may sign in.")
        made, token = AuthToken.objects.create(user=user, expiry=dt.timedelta(days=options["days"]))
        self.stdout.write(token)
        self.stderr.write(f"It acts as {user.username} and ends at {made.expiry:%Y-%m-%d %H:%M} UTC.")
