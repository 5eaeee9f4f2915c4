"""manage.py up"""

import os
import signal
import subprocess
import sys
import time
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

PAUSE_SECONDS = 0.2
MAX_STOP_SECONDS = 10


class Command(BaseCommand):
    help = (
        "Serve this installation on this machine and work off its jobs: the page server and "
        "`work`, started and stopped together. Ctrl-C stops both."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="of http://127.0.0.1 (8000)")

    def handle(self, *, port: int, **options: Any) -> None:
        signal.signal(signal.SIGTERM, _stop)
        address = f"http://127.0.0.1:{port}"
        environment = {"DEBUG": "True", "PUBLIC_URL": address, **os.environ}
        pages = ["runserver", "--noreload", f"127.0.0.1:{port}"]
        self.stderr.write(f"Serving {environment['PUBLIC_URL']}. Stop with Ctrl-C.")
        processes = []
        try:
            for arguments in (pages, ["work"]):
                command = [sys.executable, sys.argv[0], *arguments]
                processes.append(subprocess.Popen(command, env=environment))
            while all(process.poll() is None for process in processes):
                time.sleep(PAUSE_SECONDS)
        except KeyboardInterrupt:
            return
        finally:
            _end(processes)
        name = "page server" if processes[0].returncode is not None else "worker"
        raise CommandError(f"The {name} ended, so `up` has stopped. Its message is above.")


def _end(processes: list[subprocess.Popen[bytes]]) -> None:
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
