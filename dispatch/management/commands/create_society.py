"""`python -m dispatch create_society SLUG ...`: a new society, made by role owner (DATABASE_OWNER_URL)."""

import re
from argparse import ArgumentParser
from typing import Any
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_slug

from dispatch.management.commands._operator import OWNER, need_owner
from dispatch.orgs.models import Society


class Command(BaseCommand):
    help = "Make a society. Acts as role owner: DATABASE_OWNER_URL must be set."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="its short name, for commands: letters, digits, '-' and '_'")
        parser.add_argument("--name-en", required=True)
        parser.add_argument("--name-ar", required=True)
        parser.add_argument("--country", required=True, help="ISO 3166-1 alpha-2, as LY")
        parser.add_argument("--timezone", required=True, help="as Africa/Tripoli; pages show this time")
        parser.add_argument("--currency", required=True, help="ISO 4217, as LYD")
        parser.add_argument("--sender-en", required=True, help="how English texts begin; keep it short")
        parser.add_argument("--sender-ar", required=True, help="how Arabic texts begin; keep it short")
        parser.add_argument("--language", choices=["ar", "en"], default="ar", help="(default ar)")

    def handle(self, *args: Any, **options: Any) -> None:
        need_owner()
        if fault := _fault(options):
            raise CommandError(fault)
        made, new = Society.objects.using(OWNER).get_or_create(
            slug=options["slug"],
            defaults={
                "name": {"en": options["name_en"].strip(), "ar": options["name_ar"].strip()},
                "sender_name": {"en": options["sender_en"].strip(), "ar": options["sender_ar"].strip()},
                "country": options["country"],
                "timezone": options["timezone"],
                "currency": options["currency"],
                "language": options["language"],
            },
        )
        if not new:
            raise CommandError(f"There is a society {made.slug!r} already; nothing was changed.")
        self.stdout.write(f"Society {made.slug} is made. Next: create_user, then set_up_route.")


def _fault(options: dict[str, Any]) -> str:
    """What is wrong with the arguments, as one sentence; "" when nothing is."""
    try:
        validate_slug(options["slug"])
    except ValidationError:
        return f"{options['slug']!r} cannot be a short name: use letters, digits, '-' and '_' only."
    if not re.fullmatch("[A-Z]{2}", options["country"]):
        return f"--country is a code of two capital letters (ISO 3166-1), not {options['country']!r}."
    if options["timezone"] not in available_timezones():
        return f"There is no time zone {options['timezone']!r}: name one as Africa/Tripoli."
    if not re.fullmatch("[A-Z]{3}", options["currency"]):
        return f"--currency is a code of three capital letters (ISO 4217), not {options['currency']!r}."
    for name in ("name_en", "name_ar", "sender_en", "sender_ar"):
        if not options[name].strip():
            return f"--{name.replace('_', '-')} is empty."
    return ""
