"""`python -m dispatch set_up_route SLUG ...`: a society's way out for texts, stored and told to the provider.

The society is looked up as role owner; the route is stored as role app, inside the society.
"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from dispatch.management.commands._operator import secret, society_named
from notifications import routes

WORDS: Final = {
    "replies_carried": "{provider} carries replies from {country}.",
    "replies_not_carried": "{provider} carries no replies from {country}, so people answer another way.",
    "not_served": "{provider} does not serve {country}.",
    "gateway": "Texts go through a gateway of the society's own that speaks {provider}'s API.",
    "not_built": "Nothing here reads answers given that way.",
}
ANY = "any"


class Command(BaseCommand):
    help = (
        "Set up or change a society's route for texts, and tell the provider where replies go. The token is read from "
        "--token-file, asked on the terminal, or read from the first line of stdin. Twilio itself SELLS a sender's "
        "number that the account does not hold yet. Acts as role owner (DATABASE_OWNER_URL) and as role app."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="the society's short name")
        parser.add_argument(
            "--country",
            required=True,
            help=f"whose numbers it serves, as LY; '{ANY}': those without their own",
        )
        parser.add_argument("--sender", required=True, help="the sender's number, as +218910000001")
        parser.add_argument("--account", required=True, help="the account at the provider (Twilio: AC...)")
        parser.add_argument(
            "--answer-by",
            required=True,
            choices=["two_way", "link", "local_gateway"],
            help="how people answer",
        )
        parser.add_argument("--provider", choices=["twilio"], default="twilio")
        parser.add_argument("--token-file", type=Path, help="a file that holds the provider's token alone")

    def handle(self, *args: Any, **options: Any) -> None:
        society = society_named(options["slug"])
        country = "" if options["country"] == ANY else options["country"].upper()
        provider, answer_by = options["provider"], options["answer_by"]
        # A route for "any" serves the society's own country too, so the promise must hold there.
        home = routes.explain(country or society.country, provider, answer_by)
        if answer_by not in home.answers:
            raise CommandError(refusal(home))
        if answer_by == "local_gateway" and not settings.TWILIO_API_URL:
            raise CommandError(
                "A gateway needs its address: set TWILIO_API_URL for every part of the service."
            )
        try:
            routes.setup_route(
                society_id=society.id,
                country=country,
                provider=provider,
                sender=options["sender"],
                account=options["account"],
                token=secret("token", file=options["token_file"]),
                answer_by=answer_by,
            )
        except routes.Unsuitable as error:
            raise CommandError(refusal(error.explanation)) from error
        except routes.TransportError as error:
            raise CommandError(
                f"The route is stored but stays off, for the provider refused or did not answer ({error}): put that "
                "right and run this again."
            ) from error
        self.stdout.write(f"The route of {society.slug} is on. {words(home)}")


def words(explanation: routes.Explanation) -> str:
    """An explanation as an operator reads it."""
    said = WORDS[explanation.code].format(
        provider=explanation.provider.capitalize(), country=explanation.country or "most countries"
    )
    return said if explanation.links else f"{said} Texts there may hold no links."


def refusal(explanation: routes.Explanation) -> str:
    """Why a way of answering was refused, and which would work."""
    return f"{words(explanation)} Choose --answer-by {' or '.join(explanation.answers)}."
