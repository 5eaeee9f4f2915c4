"""The test session: it leaves no process behind, and in CI it skips nothing that could run."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.house.reading import ROOT
from tests.services import answers

SKIPS = "import pytest\ndef test_photographs(shared_data): pytest.skip('not today')\n"
WAITS = """
import pathlib, time
def test_it(redis_url):
    pathlib.Path("url").write_text(redis_url)
    time.sleep(60)
"""


def session(folder: Path, test: str, **environment: str) -> subprocess.Popen:
    """Start another session with our conftest, on a single test file."""
    (folder / "test_it.py").write_text(test)
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider"]
    command += ["-c", ROOT / "pyproject.toml", "--rootdir", ROOT, folder / "test_it.py"]
    kept = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    return subprocess.Popen(
        command,
        cwd=folder,
        env={**kept, "PYTHONPATH": str(ROOT), **environment},
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(
    ("ci", "available", "outcome"),
    [("true", True, "1 failed"), ("true", False, "1 skipped"), ("", True, "1 skipped")],
)
def test_in_ci_a_skipped_test_fails_if_the_photographs_are_there(tmp_path, ci, available, outcome):
    photographs = tmp_path / "photographs"
    if available:
        photographs.mkdir()

    with session(tmp_path, SKIPS, CI=ci, UNITSCOPE_TEST_DATA=str(photographs)) as run:
        assert outcome in run.communicate()[0]


def test_a_session_that_is_stopped_stops_its_servers(tmp_path):
    url = tmp_path / "url"
    with session(tmp_path, WAITS) as run:
        deadline = time.monotonic() + 60
        while not (url.exists() and url.read_text()):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        port = urlsplit(url.read_text()).port
        assert answers(port)

        run.send_signal(signal.SIGTERM)
        run.communicate(timeout=30)

    assert not answers(port)
