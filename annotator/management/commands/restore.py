"""manage.py restore FILE"""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotator.operations import backup


class Command(BaseCommand):
    help = (
        "Restore a file of `backup` into an empty installation: a new DATA_DIR, or an empty "
        "database and storage. The file is verified before anything is written. An older "
        "backup is brought to this version."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument(
            "--check", action="store_true", help="verify the file only, and write nothing"
        )

    def handle(self, *, file: Path, check: bool, **options: Any) -> None:
        try:
            manifest = backup.verified(file) if check else backup.restore(file)
            secret, key_secret = backup.secrets_in(file)
        except (OSError, backup.BackupRefused) as error:
            raise CommandError(str(error)) from error
        files = sum(name.startswith("files/") for name in manifest.sha256)
        verb = "Verified" if check else "Restored"
        self.stderr.write(f"{verb} {sum(manifest.rows.values()):,} rows and {files:,} files.")
        if not check:
            self._keep_secret(file, secret)
            if key_secret != settings.API_KEY_SECRET:
                self.stderr.write(
                    "API_KEY_SECRET is not the one of the backup, so access keys no longer work. "
                    + (
                        f"To keep them set it to: tar -xOf {file} api_key_secret"
                        if key_secret
                        else "To keep them unset it."
                    )
                )

    def _keep_secret(self, file: Path, secret: str) -> None:
        """Use the backup's secret key, or say how to if the environment sets another one."""
        if secret == settings.SECRET_KEY:
            return
        kept = settings.SECRET_KEY_FILE
        if kept and kept.exists() and kept.read_text() == settings.SECRET_KEY:
            kept.write_text(secret)
            return
        self.stderr.write(
            "SECRET_KEY is not the one of the backup, so sessions end, invite links still work but "
            "cannot be shown, and access keys end unless API_KEY_SECRET is set. To keep them set "
            f"it to: tar -xOf {file} secret_key"
        )
