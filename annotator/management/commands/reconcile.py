"""`manage.py reconcile`: how a market's table of submissions differs from the sessions here."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotator.imports.submissions import COLUMNS, compare_submissions
from annotator.imports.tables import ImportRefused
from annotator.models import Study


class Command(BaseCommand):
    help = (
        "Compare a market's table of submissions (CSV, such as Prolific's export) with a study's "
        "sessions, and print what differs: paid and unknown, worked and unpaid, another status. "
        "Nothing is changed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study")
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--market", default="prolific", help="as its link is called")
        parser.add_argument(
            "--link", type=int, metavar="NUMBER", help="the market link whose study the table is of"
        )
        for part in COLUMNS:
            parser.add_argument(f"--{part}", metavar="COLUMN", help=f"the column of the {part}")

    def handle(self, *, study: str, file: Path, market: str, **options: Any) -> None:
        row = Study.objects.filter(name=study).first()
        if row is None:
            raise CommandError(f"There is no study {study!r}.")
        names = {part: options[part] for part in COLUMNS if options[part]}
        try:
            result = compare_submissions(row, market, file, names, options["link"])
        except ImportRefused as error:
            raise CommandError(str(error)) from error
        for title, rows in result.lists():
            for each in rows:
                fields = (title, each.participant, each.session, each.there, each.here)
                self.stdout.write("\t".join(fields))
        different = sum(len(rows) for _, rows in result.lists())
        self.stderr.write(f"{result.matched} submissions agree, {different} differ.")
