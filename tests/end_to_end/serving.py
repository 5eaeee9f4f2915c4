"""An installation served to a browser by a process of its own."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.services import answers, running

ROOT = Path(__file__).resolve().parent.parent.parent


@contextmanager
def served(data_dir: Path, port: int) -> Iterator[str]:
    """Serve an installation with the command that `make demo` uses; yields its address."""
    address = f"http://127.0.0.1:{port}"
    environment = {**os.environ, "DATA_DIR": str(data_dir), "DEBUG": "True", "PUBLIC_URL": address}
    command = [sys.executable, ROOT / "manage.py", "runserver", "--noreload", f"127.0.0.1:{port}"]
    log = data_dir / "server.log"
    with running(command, log, lambda: answers(port), cwd=ROOT, env=environment):
        yield address
