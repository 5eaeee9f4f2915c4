"""An installation to measure: PostgreSQL, a folder, and the service in gunicorn on a free port."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from benchmarks.world import ROOT
from tests import services


class Installation(NamedTuple):
    """A new database and folder. Commands and servers take its environment."""

    folder: str
    environment: dict[str, str]

    def words(self, *arguments: object) -> list[str]:
        """What `python -m ARGUMENTS` prints, word by word."""
        command = [sys.executable, "-m", *map(str, arguments)]
        process = subprocess.run(
            command, cwd=ROOT, env=self.environment, check=True, text=True, stdout=subprocess.PIPE
        )
        return process.stdout.split()

    @contextmanager
    def gunicorn(self, processes: int = 2) -> Iterator[int]:
        """The service on a free port, which is yielded, as in docker-compose.yml."""
        port = services.free_port()
        log = Path(self.folder, "gunicorn.log")
        command = [sys.executable, "-m", "gunicorn", "annotator.wsgi"]
        command += ["--bind", f"127.0.0.1:{port}", "--workers", str(processes), "--threads", "4"]
        command += ["--backlog", "2048", "--timeout", "300"]
        options = {"cwd": ROOT, "env": self.environment}
        with services.running(command, log, lambda: services.answers(port), **options):
            yield port


@contextmanager
def installation(**variables: str) -> Iterator[Installation]:
    """An installation whose environment has some more variables; it is gone after the block."""
    with TemporaryDirectory() as folder, services.postgres() as url:
        environment = {
            **os.environ,
            "DATABASE_URL": url,
            "DATA_DIR": folder,
            "SECRET_KEY": "a secret key of fifty characters for benchmarks only",
            "DJANGO_SETTINGS_MODULE": "benchmarks.serving_settings",
            **variables,
        }
        yield Installation(folder, environment)
