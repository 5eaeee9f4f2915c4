"""manage.py work"""

import signal
import time
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from annotator.models import Run
from annotator.tasks import dissect


class Command(BaseCommand):
    help = "Do waiting runs, one after another, where there is no broker. Ctrl-C stops it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="stop when nothing is waiting")

    def handle(self, *, once: bool, **options: Any) -> None:
        signal.signal(signal.SIGTERM, _stop)
        self.stderr.write("Waiting for runs. Stop with Ctrl-C.")
        try:
            while True:
                run = Run.objects.waiting(Run.LEASE).order_by("pk").first()
                if run is not None:
                    dissect(run.pk)
                elif once:
                    return
                else:
                    time.sleep(1)
        except KeyboardInterrupt:
            self.stderr.write("Stopped.")


def _stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
