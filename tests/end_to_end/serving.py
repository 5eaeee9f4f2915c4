"""An installation served to a browser: commands and pages in processes of their own."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@contextmanager
def served(data_dir: Path, port: int) -> Iterator[str]:
    """Serve an installation with the command that `make demo` uses; yields its address."""
    address = f"http://127.0.0.1:{port}"
    environment = {**os.environ, "DATA_DIR": str(data_dir), "DEBUG": "True", "PUBLIC_URL": address}
    log = (data_dir / "server.log").open("w")
    server = subprocess.Popen(
        [sys.executable, ROOT / "manage.py", "runserver", "--noreload", f"127.0.0.1:{port}"],
        cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        _wait_for(address, server)
        yield address
    finally:
        server.terminate()
        server.wait(10)
        log.close()


def _wait_for(address: str, server: subprocess.Popen, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert server.poll() is None, "the server stopped"
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    raise AssertionError(f"nothing answers at {address}")
