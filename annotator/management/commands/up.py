"""manage.py up"""

import os
import signal
import subprocess
import sys
import time
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotator.management.option_types import whole_number

PAUSE_SECONDS = 0.2
MAX_STOP_SECONDS = 10
EARLY_SECONDS, MAX_EARLY_ENDS = 10, 3  # a worker that ends so soon and so often cannot work

Process = subprocess.Popen[bytes]


class Command(BaseCommand):
    help = (
        "Serve this installation on this machine and work off its jobs: the page server and "
        "`work`, started and stopped together. A worker that dies is started again. Ctrl-C stops "
        "both."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--port", type=whole_number(1, 65_535), default=8000, help="of http://127.0.0.1 (8000)"
        )

    def handle(self, *, port: int, **options: Any) -> None:
        signal.signal(signal.SIGTERM, _stop)
        address = f"http://127.0.0.1:{port}"
        environment = {"DEBUG": "True", "PUBLIC_URL": address, **os.environ}
        self.stderr.write(f"Serving {environment['PUBLIC_URL']}. Stop with Ctrl-C.")
        pages = _started(["runserver", "--noreload", f"127.0.0.1:{port}"], environment)
        processes = [pages]
        try:
            name = self._keep_worker(environment, processes)
        except KeyboardInterrupt:
            return
        finally:
            _end(processes)
        raise CommandError(f"The {name} ended, so `up` has stopped. Its message is above.")

    def _keep_worker(self, environment: dict[str, str], processes: list[Process]) -> str:
        """Start the worker, and again whenever it dies; returns which process ended for good.

        Pages stay up meanwhile: a job that takes too much memory must not take them down.
        """
        early_ends = 0
        while early_ends < MAX_EARLY_ENDS:
            worker = _started(["work"], environment)
            processes[1:] = [worker]
            started = time.monotonic()
            while worker.poll() is None:
                if processes[0].poll() is not None:
                    return "page server"
                time.sleep(PAUSE_SECONDS)
            is_early = time.monotonic() - started < EARLY_SECONDS
            early_ends = early_ends + 1 if is_early else 0
            self.stderr.write(f"The worker ended ({_ending(worker.returncode)}).")
        return "worker"


def _started(arguments: list[str], environment: dict[str, str]) -> Process:
    return subprocess.Popen([sys.executable, sys.argv[0], *arguments], env=environment)


def _ending(code: int) -> str:
    """What an exit code says.

    >>> _ending(-9)
    'killed by SIGKILL'
    """
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def _end(processes: list[Process]) -> None:
    """Stop the processes that still run; those that do not end in time are killed."""
    for process in processes:
        if process.poll() is None:
            process.terminate()
    deadline = time.monotonic() + MAX_STOP_SECONDS
    for process in processes:
        try:
            process.wait(max(deadline - time.monotonic(), 0))
        except subprocess.TimeoutExpired:
            process.kill()


def _stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
