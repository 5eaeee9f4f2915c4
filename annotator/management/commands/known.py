"""manage.py known STUDY FILE"""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotator.crowd.audit import COMMAND, note
from annotator.crowd.scheduling.gold_units import GoldUnitError, save_gold_units
from annotator.imports import ImportRefused
from annotator.imports.tables import read_table
from annotator.management.option_types import share
from annotator.models import KnownAnswer, Study


class Command(BaseCommand):
    help = (
        "Save the known answers of units: a CSV table with the columns network, layer, unit, "
        "concepts (all right names, separated by semicolons), group (1-6, or empty) and use: "
        "training (shown with feedback), qualification (decides who goes on), or control (mixed "
        "in unannounced). Training and qualification are paid and enter no result."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study")
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument(
            "--pass-mark",
            type=share,
            metavar="0.7",
            help="share of the qualification units that a worker must get right to go on",
        )

    def handle(self, *, study: str, file: Path, pass_mark: float | None, **options: Any) -> None:
        row = Study.objects.filter(name=study).first()
        if row is None:
            raise CommandError(f"There is no study {study!r}; run `dissect` first.")
        try:
            lines = [(line.number, line.values) for line in read_table(file)]
            count = save_gold_units(row, lines, COMMAND)
        except (ImportRefused, GoldUnitError) as error:
            raise CommandError(str(error)) from error
        if pass_mark is not None and pass_mark != row.pass_mark:
            note(row, COMMAND, "settings", pass_mark=[row.pass_mark, pass_mark])
            Study.objects.filter(pk=row.pk).update(pass_mark=pass_mark)
            row.pass_mark = pass_mark
        self.stderr.write(f"{count} known units in study {row}.")
        known = KnownAnswer.objects.filter(unit__layer__network__study=row)
        if row.pass_mark is None and known.filter(for_qualification=True).exists():
            self.stderr.write("Workers need not qualify until a pass mark is set (--pass-mark).")
