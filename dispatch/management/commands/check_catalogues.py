"""Fail while a sentence of the pages is missing, doubtful or untranslated in a catalogue."""

import ast
import contextlib
import re
import shutil
import subprocess
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

SOURCES = ("dispatch", "geo", "notifications", "realtime")
NOT_OURS = shutil.ignore_patterns("vendor", "__pycache__", "node_modules", "*.mo")
DATE = re.compile(r'"POT-Creation-Date: .*"\n')
FIELD = re.compile(r'(msgctxt|msgid|msgid_plural|msgstr(?:\[\d+\])?) (".*")')


@dataclass
class Message:
    """One entry of a .po file; forms are its translations, one per plural form."""

    fields: dict[str, str] = field(default_factory=dict)
    fuzzy: bool = False

    @property
    def forms(self) -> list[str]:
        return [text for name, text in self.fields.items() if name.startswith("msgstr")]


def read_po(path: Path) -> Iterator[Message]:
    """The live entries of a .po file, without its header; obsolete ones (#~) are passed over."""
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        message, last = Message(), ""
        for line in block.splitlines():
            if line.startswith("#,"):
                message.fuzzy = "fuzzy" in line
            elif found := FIELD.fullmatch(line):
                last = found[1]
                message.fields[last] = ast.literal_eval(found[2])
            elif line.startswith('"'):
                message.fields[last] += ast.literal_eval(line)
        if message.fields.get("msgid"):
            yield message


def extract(sources: Iterable[Path], locale: Path, into: Path) -> Path:
    """Copy sources and catalogues into a folder, bring the copied catalogues up to date, return their folder.

    gettext's own merge does the comparing: what the code says and a catalogue lacks comes out empty or fuzzy.
    """
    for source in sources:
        shutil.copytree(source, into / source.name, ignore=NOT_OURS)
    shutil.rmtree(into / "dispatch" / "locale", ignore_errors=True)
    shutil.copytree(locale, into / "locale", ignore=NOT_OURS)
    languages = sorted(path.name for path in (into / "locale").iterdir() if path.is_dir())
    with contextlib.chdir(into):
        call_command("makemessages", locale=languages, no_location=True, no_obsolete=True, verbosity=0)
    return into / "locale"


def faults(catalogue: Path) -> Iterator[str]:
    """One sentence per entry that a reader would see in the wrong language, or wrongly put."""
    language = catalogue.parent.parent.name
    for message in read_po(catalogue):
        text = message.fields["msgid"]
        if message.fuzzy:
            yield f"{language}: only a guess, confirm or correct it: {text!r}"
        elif not message.forms or not all(message.forms):
            yield f"{language}: not translated: {text!r}"
    command = ["msgfmt", "--check", "--output-file=/dev/null", str(catalogue)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    if checked.returncode:
        yield f"{language}: msgfmt finds: {checked.stderr.strip()}"


def problems(sources: Iterable[Path], locale: Path) -> list[str]:
    """Everything wrong with the catalogues of a locale folder, held against the sources' own strings."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = extract(sources, locale, Path(folder))
        return [fault for path in sorted(fresh.glob("*/LC_MESSAGES/django.po")) for fault in faults(path)]


def update(sources: Iterable[Path], locale: Path) -> None:
    """Write the merged catalogues back; English is filled with the source's own words."""
    with tempfile.TemporaryDirectory() as folder:
        for path in extract(sources, locale, Path(folder)).glob("*/LC_MESSAGES/django.po"):
            target = locale / path.parent.parent.name / "LC_MESSAGES" / "django.po"
            # A date in the header makes two people's catalogues differ where nothing differs.
            path.write_text(DATE.sub("", path.read_text(encoding="utf-8")), encoding="utf-8")
            if path.parent.parent.name == "en":
                for tool in (["msgattrib", "--clear-fuzzy", "--empty"], ["msgen"]):
                    subprocess.run([*tool, f"--output-file={path}", str(path)], check=True)
            shutil.copy(path, target)


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--update", action="store_true", help="merge new strings into the catalogues first"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        sources = [settings.ROOT / name for name in SOURCES]
        locale = settings.HERE / "locale"
        if options["update"]:
            update(sources, locale)
        if found := problems(sources, locale):
            raise CommandError("\n".join(found))
        self.stdout.write("Every string of the pages stands in every catalogue.")
