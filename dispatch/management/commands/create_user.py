"""`python -m dispatch create_user USERNAME --society SLUG --role ROLE`: an account, made by role owner."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from dispatch.management.commands._operator import OWNER, secret, society_named
from dispatch.orgs.models import Membership, User
from dispatch.orgs.rules import ROLES


class Command(BaseCommand):
    help = (
        "Make an account with a role in a society. The password is asked on the terminal, or read from the first "
        "line of stdin. Acts as role owner: DATABASE_OWNER_URL must be set."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--society", required=True, help="the society's short name (slug)")
        parser.add_argument("--role", required=True, choices=ROLES)
        parser.add_argument("--name-en", default="", help="shown to others; the user name when left out")
        parser.add_argument("--name-ar", default="", help="shown to others; the user name when left out")

    def handle(self, *args: Any, **options: Any) -> None:
        username = options["username"]
        society = society_named(options["society"])
        if User.objects.using(OWNER).filter(username__iexact=username).exists():
            raise CommandError(f"There is an account {username!r} already; nothing was changed.")
        names = {"en": options["name_en"] or username, "ar": options["name_ar"] or username}
        user = User(username=username, display_name=names)
        password = secret("password", twice=True)
        try:
            User.username_validator(username)
            validate_password(password, user)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        user.set_password(password)
        with transaction.atomic(using=OWNER):
            user.save(using=OWNER)
            Membership.objects.using(OWNER).create(society_id=society.id, user=user, role=options["role"])
        self.stdout.write(f"{username} can sign in as {options['role']} of {society.slug}.")
