from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotator.crowd.review.quality_index import store_quality
from annotator.imports import ImportRefused, import_answers
from annotator.models import Study


class Command(BaseCommand):
    help = (
        "Import the answers of another campaign: a CSV or Parquet table with the columns network, "
        "layer, unit, concept, group (1-6 or its name) or category_code (as in the released data "
        "of Zhou et al. 2015), precision (or fitting and shown), and perhaps worker and says."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--study", required=True, help="created if it does not exist")
        parser.add_argument(
            "--workers",
            choices=["places", "persons"],
            default="places",
            help="persons: a name of the worker column is one person throughout the table; "
            "places (default): it is not, and nothing is said about workers",
        )

    def handle(self, *, file: Path, study: str, workers: Any, **options: Any) -> None:
        try:
            imported = import_answers(file, study, workers)
        except ImportRefused as error:
            raise CommandError(str(error)) from error
        store_quality(Study.objects.get(name=study))
        self.stderr.write(
            f"Imported {imported.answer_count:,} answers about {imported.unit_count:,} units "
            f"into study {imported.study!r}."
        )
