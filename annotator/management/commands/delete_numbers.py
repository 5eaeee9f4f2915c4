"""`manage.py delete_numbers`: people's numbers at markets go when nobody needs them any more."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotator.models import Study
from annotator.retention.personal_data import delete_numbers, may_delete


class Command(BaseCommand):
    help = (
        "Delete the numbers at markets of a study's participants, once all payments are confirmed "
        "and nobody can take answers back. Beat and `manage.py work` do so automatically."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study")

    def handle(self, *, study: str, **options: Any) -> None:
        row = Study.objects.filter(name=study).first()
        if row is None:
            raise CommandError(f"There is no study {study!r}.")
        if not may_delete(row):
            raise CommandError(
                f"Study {study} still needs the numbers: a session is open, a payment is not "
                f"confirmed, or the {row.withdrawal_days} days to take answers back have not "
                "passed since the last session."
            )
        self.stderr.write(f"Deleted the numbers of {delete_numbers(row)} people.")
