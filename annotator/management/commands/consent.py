"""manage.py consent STUDY [FILE]"""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotator.crowd.access.consent import newest_text, write_text
from annotator.crowd.audit import COMMAND
from annotator.models import Study


class Command(BaseCommand):
    help = (
        "Print the text that annotators of a study agree to; with FILE, make its text the newest "
        "version, which everybody is asked for before their next HIT."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study")
        parser.add_argument("file", type=Path, metavar="FILE", nargs="?", help="plain text, UTF-8")

    def handle(self, *, study: str, file: Path | None, **options: Any) -> str:
        found = Study.objects.filter(name=study).first()
        if found is None:
            raise CommandError(f"There is no study {study!r}; run `dissect` first.")
        if file:
            try:
                write_text(found, file.read_text(encoding="utf-8-sig"), COMMAND)
            except (OSError, ValueError) as error:
                raise CommandError(f"{file}: {error}") from error
        asked = newest_text(found)
        self.stderr.write(f"Version {asked.version} of the consent text of study {found}:")
        return asked.text
