"""manage.py import_names FILE --study STUDY [--method METHOD]"""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotator.imports import ImportRefused, import_names
from annotator.models import Study


class Command(BaseCommand):
    help = (
        "Import what a method, such as CLIP-Dissect or MILAN, calls the units of a study: a CSV "
        "or Parquet table with the columns network, layer, unit, name and perhaps score, or "
        "explanations in Neuronpedia's batch layout (a batch-N.jsonl.gz, or a folder of them). "
        "People verify these names with `publish STUDY --verify`; the report holds them against "
        "people's."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--study", required=True)
        parser.add_argument(
            "--method",
            default="",
            help="what the method is called in reports; explanations may say it themselves",
        )

    def handle(self, *, file: Path, study: str, method: str, **options: Any) -> None:
        row = Study.objects.filter(name=study).first()
        if row is None:
            raise CommandError(f"There is no study {study!r}; run `dissect {study}` first.")
        try:
            imported = import_names(file, row, method)
        except ImportRefused as error:
            raise CommandError(str(error)) from error
        self.stderr.write(
            f"{', '.join(imported.methods) or 'No method'} names {imported.name_count:,} units of "
            f"study {study!r}; {imported.replaced_count:,} of them had another name before."
        )
        if imported.skipped_count:
            self.stderr.write(
                f"{imported.skipped_count:,} explanations were left out: people or simulated "
                "workers wrote them, which is never a machine's name."
            )
