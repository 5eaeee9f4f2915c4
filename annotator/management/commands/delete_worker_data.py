"""manage.py delete_worker_data STUDY WORKER"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotator.crowd.audit import COMMAND
from annotator.models import Worker
from annotator.retention.personal_data import delete_worker_data


class Command(BaseCommand):
    help = (
        "Delete what can name a worker, for somebody who asks for it by mail. Their answers stay, "
        "without anything that says whose they are. Reports are made again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study")
        parser.add_argument("worker", help="as the page Workers names them")

    def handle(self, *, study: str, worker: str, **options: Any) -> None:
        row = Worker.objects.filter(study__name=study, key=worker).first()
        if row is None:
            raise CommandError(f"Study {study!r} has no worker {worker!r}.")
        if delete_worker_data(row, COMMAND):
            self.stderr.write(f"Deleted what can name worker {worker}.")
        else:
            self.stderr.write(
                f"Deleted what can name worker {worker}, but for their number at the market: it "
                "goes by itself when all their payments are confirmed."
            )
