"""manage.py work"""

import signal
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import OperationalError, close_old_connections

from annotator.job_queue import do_next_job
from annotator.tasks import expire_lapsed_assignments, take_due_snapshots

PAUSE_SECONDS = 1


class Command(BaseCommand):
    help = "Do waiting jobs, one after another, where there is no broker. Ctrl-C stops it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="stop when nothing is waiting")

    def handle(self, *, once: bool, **options: Any) -> None:
        signal.signal(signal.SIGTERM, _stop)
        self.stderr.write("Waiting for runs. Stop with Ctrl-C.")
        try:
            while True:
                if self._try(do_next_job):
                    continue
                if once:
                    return
                self._try(expire_lapsed_assignments)
                self._try(take_due_snapshots)
                time.sleep(PAUSE_SECONDS)
        except KeyboardInterrupt:
            self.stderr.write("Stopped.")

    def _try(self, work: Callable[[], object]) -> object:
        """Call a piece of work. None if the database is locked or away: the next round retries."""
        try:
            return work()
        except OperationalError as error:
            self.stderr.write(f"The database does not answer ({error}). Trying again.")
            close_old_connections()
            return None


def _stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
