"""manage.py import_demographics FILE --study STUDY"""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotator.imports import ImportRefused, import_demographics
from annotator.models import Study


class Command(BaseCommand):
    help = (
        "Import the country, language and age group of a study's people from a market's "
        "table, such as Prolific's demographic export (CSV). They are matched by participant "
        "number, and stored only of people who agreed to it; reports show counts of at least five."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--study", required=True)

    def handle(self, *, file: Path, study: str, **options: Any) -> None:
        row = Study.objects.filter(name=study).first()
        if row is None:
            raise CommandError(f"There is no study {study!r}; run `dissect {study}` first.")
        try:
            imported = import_demographics(file, row)
        except ImportRefused as error:
            raise CommandError(str(error)) from error
        self.stderr.write(
            f"Stored the details of {counted(imported.stored, 'person', 'people')} of study "
            f"{study!r}. {counted(imported.without_consent, 'person has', 'people have')} not "
            f"agreed to it. {counted(imported.unknown, 'participant', 'participants')} of the "
            "table are not known to the study."
        )


def counted(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
