"""manage.py backup FILE"""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotator.operations.backup import back_up
from annotator.storage import StorageDown


class Command(BaseCommand):
    help = (
        "Write one file with everything: the database, the stored files and the secret key. The "
        "service may run meanwhile. Keep the file where nobody else can read it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="a new .tar file")

    def handle(self, *, file: Path, **options: Any) -> None:
        try:
            written = back_up(file)
        except FileExistsError as error:
            raise CommandError(f"{file} exists already: give a new name.") from error
        except (OSError, StorageDown) as error:
            raise CommandError(f"No backup was written: {error}") from error
        size = file.stat().st_size / 1e6
        self.stderr.write(
            f"Wrote {file}: {written.rows:,} rows and {written.files:,} files, {size:,.0f} MB."
        )
