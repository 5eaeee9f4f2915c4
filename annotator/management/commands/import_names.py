"""manage.py import_names FILE --study STUDY --method METHOD"""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotator.imports import ImportRefused, import_names
from annotator.models import Study


class Command(BaseCommand):
    help = (
        "Import what a method, such as CLIP-Dissect or MILAN, calls the units of a study: a CSV "
        "or Parquet table with the columns network, layer, unit, name and perhaps score. People "
        "verify these names with `publish STUDY --verify`; the report holds them against people's."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--study", required=True)
        parser.add_argument("--method", required=True, help="what the method is called in reports")

    def handle(self, *, file: Path, study: str, method: str, **options: Any) -> None:
        row = Study.objects.filter(name=study).first()
        if row is None:
            raise CommandError(f"There is no study {study!r}; run `dissect {study}` first.")
        try:
            imported = import_names(file, row, method)
        except ImportRefused as error:
            raise CommandError(str(error)) from error
        self.stderr.write(
            f"{method} names {imported.name_count:,} units of study {study!r}; "
            f"{imported.replaced_count:,} of them had another name before."
        )
