"""manage.py work"""

import signal
import time
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from annotator.asking import do_one
from annotator.tasks import expire_lapsed_assignments, take_due_snapshots


class Command(BaseCommand):
    help = "Do waiting runs, one after another, where there is no broker. Ctrl-C stops it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="stop when nothing is waiting")

    def handle(self, *, once: bool, **options: Any) -> None:
        signal.signal(signal.SIGTERM, _stop)
        self.stderr.write("Waiting for runs. Stop with Ctrl-C.")
        try:
            while True:
                if do_one():
                    continue
                if once:
                    return
                expire_lapsed_assignments()
                take_due_snapshots()
                time.sleep(1)
        except KeyboardInterrupt:
            self.stderr.write("Stopped.")


def _stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
