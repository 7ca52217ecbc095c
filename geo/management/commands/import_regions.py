"""Put a society's own boundaries in place of the shared regions."""

from argparse import RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError, CommandParser

from geo import actions, boundaries

HOW = """Put a society's own boundaries in place of the shared regions of its country and level.

FILE is GeoJSON, GeoPackage or any other polygon file GDAL reads, in any coordinate system it names. Example:

  python -m dispatch import_regions lby_admin2.gpkg --society libya --level 2 \\
      --code ADM2_PCODE --name-en ADM2_EN --name-ar ADM2_AR --parent-code ADM1_PCODE

Outlines that cross themselves are mended and listed. A row that cannot be stored is listed with the reason
and what would be right, and written to the rejects file; then nothing at all is imported, unless --skip-bad
is given. The file is the whole level: the society's regions of that level that it does not hold are removed.
"""
SHOWN = 20


class Command(BaseCommand):
    help = HOW

    def create_parser(self, *args: Any, **options: Any) -> CommandParser:
        return super().create_parser(*args, formatter_class=RawDescriptionHelpFormatter, **options)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--society", required=True, help="the society's short name (slug)")
        parser.add_argument("--code", required=True, help="field with the p-code")
        parser.add_argument("--name-en", required=True, help="field with the English name")
        parser.add_argument("--name-ar", required=True, help="field with the Arabic name")
        parser.add_argument(
            "--parent-code", default="", help="field with the code one level up; needed from level 2"
        )
        parser.add_argument("--country", help="ISO 3166-1 alpha-2; the society's own when left out")
        parser.add_argument("--level", type=int, default=1, choices=range(1, 6))
        parser.add_argument("--layer", default="", help="needed when the file has several")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen and change nothing")
        parser.add_argument("--skip-bad", action="store_true", help="import the good rows all the same")
        parser.add_argument(
            "--rejects", type=Path, help="where rejected rows go; FILE.rejects.geojson when left out"
        )

    def handle(self, *args: object, **o: Any) -> None:
        society = (
            apps.get_model("orgs", "Society")
            ._default_manager.using("owner")
            .filter(slug=o["society"])
            .first()
        )
        if society is None:
            raise CommandError(f"There is no society {o['society']}.")
        if o["level"] > 1 and not o["parent_code"]:
            raise CommandError(
                "From level 2 on the file must say what each region lies in: give --parent-code."
            )
        country = o["country"] or society.country
        where = {"society_id": society.id, "country": country, "level": o["level"]}
        fields = boundaries.Fields(o["code"], o["name_en"], o["name_ar"], o["parent_code"])
        parents = actions.codes_above(**where)
        try:
            reading = boundaries.read(o["file"], fields, layer=o["layer"], parent=country, parents=parents)
        except boundaries.BadFile as error:
            raise CommandError(str(error)) from error
        self._tell(reading, o["rejects"] or o["file"].with_suffix(".rejects.geojson"))
        if reading.rejects and not o["skip_bad"]:
            raise CommandError(
                "Nothing was imported. Put the rejected rows right, or leave them out with --skip-bad."
            )
        counts = actions.import_boundaries(
            **where,
            boundaries=reading.boundaries,
            source=o["file"].name,
            keep=[reject.code for reject in reading.rejects],
            dry_run=o["dry_run"],
        )
        done = "Would be" if o["dry_run"] else "Done:"
        self.stdout.write(f"{done} {counts.added} new, {counts.changed} changed, {counts.removed} removed.")

    def _tell(self, reading: boundaries.Reading, path: Path) -> None:
        """List what was mended and rejected; the rejects go to a file as well."""
        for line in reading.mended[:SHOWN]:
            self.stdout.write(f"mended {line}")
        if len(reading.mended) > SHOWN:
            self.stdout.write(f"mended {len(reading.mended) - SHOWN} more")
        if not reading.rejects:
            return
        for reject in reading.rejects[:SHOWN]:
            self.stderr.write(
                f"rejected row {reject.row} ({reject.code or 'no code'}): {reject.reason}. {reject.right}"
            )
        boundaries.write_rejects(path, reading.rejects)
        self.stderr.write(f"{len(reading.rejects)} rejected rows are in {path}.")
