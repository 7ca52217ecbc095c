"""`python -m dispatch drill NAME`: play a drill on the running service and say how it went.

Web, sender, ticker and the phone-network simulator must be running (./deploy/up starts them). Exit code 0 only when
every need was filled and nobody of the other society was touched.
"""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.live import Live
from rich.table import Table

from dispatch.management import drills, playing
from notifications import clock

WIDE = 120  # columns of a log file
COLUMNS = (
    "required",
    "asked",
    "delivered",
    "coming",
    "reserve",
    "declined",
    "silent",
    "unreachable",
    "fill_minutes",
)


class Command(BaseCommand):
    help = "Play a drill against the phone-network simulator and print its summary."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--seed", type=int, default=1, help="seed of the synthetic people (default 1)")
        parser.add_argument("--json", action="store_true", help="print the summary as one JSON object")
        parser.add_argument(
            "--print-epoch", action="store_true", help="only print the domain time it starts at"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            drill = drills.load(options["name"])
        except drills.UnknownDrill as error:
            raise CommandError(str(error)) from error
        if options["print_epoch"]:
            self.stdout.write(drill["epoch"])
            return
        if not settings.TWILIO_API_URL or not settings.DEMO_PHONES:
            raise CommandError(
                "A drill is played on simulated phones only: set TWILIO_API_URL and PHONES_ACCOUNTS, or use ./deploy/up."
            )
        stream = sys.stderr if options["json"] else sys.stdout
        console = Console(file=stream, width=None if stream.isatty() else WIDE)
        result = self._play(options["name"], options["seed"], console)
        if options["json"]:
            self.stdout.write(json.dumps(result))
        else:
            console.print(_closing_words(result))
        if not result["filled"] or result["other_society_touched"]:
            raise CommandError("The drill failed: see the summary above.", returncode=1)

    def _play(self, name: str, seed: int, console: Console) -> dict[str, Any]:
        with console.status("") as status:
            game = playing.start(name, seed=seed, say=lambda words: status.update(f"{words} …"))
        with Live(console=console, refresh_per_second=2, transient=False) as live:
            playing.follow(game, lambda needs, messages: live.update(_board(game, needs, messages)))
        console.print()
        return playing.summary(game)


def _board(game: playing.Playing, needs: list[dict[str, Any]], messages: Mapping[str, int]) -> Table:
    moment = f"{clock.now():%H:%M:%S} UTC, {clock.the_clock().speed:g} times real time"
    table = Table(title=f"{game.drill['incident']['title']['en']} · {moment}", caption=_carried(messages))
    table.add_column("need")
    for column in COLUMNS:
        table.add_column(column.replace("_", " "), justify="right")
    for need in needs:
        full = need["coming"] >= need["required"]
        cells = ["" if need[c] is None else str(need[c]) for c in COLUMNS]
        table.add_row(need["skill"], *cells, style="bold" if full else "")
    return table


def _carried(messages: Mapping[str, int]) -> str:
    return "messages: " + " · ".join(f"{count} {state}" for state, count in messages.items() if count)


def _closing_words(result: Mapping[str, Any]) -> str:
    messages = result["messages"]
    ended = "All needs filled" if result["filled"] else "NOT all needs filled"
    return (
        f"{ended} after {result['seconds']} s on the wall clock (fill minutes are the drill's). "
        f"{messages['sent']} messages ({messages['per_place']} per place), "
        f"{messages['delivered']} delivered, {messages['failed']} failed, {messages['unknown']} unknown; at most "
        f"{result['asked_per_place']} people asked per place. "
        f"People of the other society touched: {result['other_society_touched']}."
    )
