"""manage.py delete_old_data"""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from annotator.retention.ages import delete_by_age


class Command(BaseCommand):
    help = (
        "Delete messages, traces, names in the audit trail and numbers at markets that are older "
        "than the settings KEEP_..._DAYS. Beat and `manage.py work` do so every hour."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        rehearse = "count, and delete nothing"
        parser.add_argument("--dry-run", action="store_true", help=rehearse)

    def handle(self, *, dry_run: bool, **options: Any) -> None:
        counts = delete_by_age(is_rehearsal=dry_run)
        for kind, days in settings.KEEP_DAYS.items():
            if days is None:
                self.stdout.write(f"{kind}: kept; KEEP_{kind.upper()}_DAYS is not set")
            else:
                verb = "would go" if dry_run else "deleted"
                self.stdout.write(f"{kind} older than {days} days: {counts[kind]} {verb}")
