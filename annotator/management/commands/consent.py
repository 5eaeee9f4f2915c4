"""manage.py consent STUDY [FILE]"""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotator.crowd.access.consent import newest_text, write_text
from annotator.crowd.audit import COMMAND
from annotator.models import Study

COVERS = {
    "device": "whether a phone, a tablet or a computer is used is kept",
    "market": "a marketplace's number, country, language and age group are kept",
}


class Command(BaseCommand):
    help = (
        "Print the text that annotators of a study agree to. With FILE, store its text as the "
        "newest version, to which everybody must agree before their next HIT."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study")
        parser.add_argument("file", type=Path, metavar="FILE", nargs="?", help="plain text, UTF-8")
        for part, what in COVERS.items():
            parser.add_argument(
                f"--covers-{part}", action="store_true", help=f"FILE says that {what}"
            )

    def handle(self, *, study: str, file: Path | None, **options: Any) -> str:
        row = Study.objects.filter(name=study).first()
        if row is None:
            raise CommandError(f"There is no study {study!r}; run `dissect` first.")
        if file:
            try:
                covers = {f"covers_{part}": options[f"covers_{part}"] for part in COVERS}
                write_text(row, file.read_text(encoding="utf-8-sig"), COMMAND, **covers)
            except (OSError, ValueError) as error:
                raise CommandError(f"{file}: {error}") from error
        consent = newest_text(row)
        self.stderr.write(f"Version {consent.version} of the consent text of study {row}:")
        return consent.text
