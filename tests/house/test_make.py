"""The Makefile's targets, run in a copy of it with a fake Python that only logs its arguments."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.house.reading import ROOT

# Creates the virtual environment by copying itself there. `up` runs until stopped.
PYTHON = """#!/bin/sh
echo "$@" >> "$LOG"
case "$*" in
    *"-m venv"*) mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
    *"manage.py up"*) echo $$ > up.pid; exec sleep 60 ;;
esac
"""
UNFIT = "#!/bin/sh\nexit 1\n"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The Makefile and the requirements; `python3` is the fake, every other Python is too old."""
    for path in [ROOT / "Makefile", *ROOT.glob("requirements*.txt")]:
        shutil.copy(path, tmp_path)
    (tmp_path / "bin").mkdir()
    for name in ("python3.11", "python3.12", "python3.13"):
        put(tmp_path / "bin" / name, UNFIT)
    put(tmp_path / "bin" / "python3", PYTHON)
    return tmp_path


def put(path: Path, script: str) -> None:
    path.write_text(script)
    path.chmod(0o755)


def make_options(copy: Path, **environment: str) -> dict:
    path = f"{copy / 'bin'}:{os.environ['PATH']}"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return {"cwd": copy, "env": {**kept, "PATH": path, "LOG": str(copy / "log"), **environment}}


def make(copy: Path, *words: str, **environment: str) -> subprocess.CompletedProcess:
    options = make_options(copy, **environment)
    return subprocess.run(["make", *words], capture_output=True, text=True, **options)


def calls(copy: Path, arguments: str) -> int:
    """How many times Python was called with these arguments among others."""
    return sum(arguments in line for line in (copy / "log").read_text().splitlines())


def test_setup_makes_the_environment_once(copy):
    for _ in range(2):
        assert make(copy, "setup").returncode == 0

    assert calls(copy, "-m venv") == 1
    assert calls(copy, "pip install") == 1


@pytest.mark.parametrize("changed", ["requirements-web.txt", "requirements-dev.txt"])
def test_setup_installs_again_when_requirements_change(copy, changed):
    make(copy, "setup")
    later = time.time() + 60
    os.utime(copy / changed, (later, later))

    assert make(copy, "setup").returncode == 0
    assert calls(copy, "-m venv") == 1
    assert calls(copy, "pip install") == 2


def test_setup_uses_a_newer_python_if_python3_is_too_old(copy):
    put(copy / "bin" / "python3", UNFIT)
    put(copy / "bin" / "python3.12", PYTHON)

    assert make(copy, "setup").returncode == 0
    assert calls(copy, "-m venv") == 1


def test_setup_uses_the_python_named_on_the_command_line(copy):
    put(copy / "mine", PYTHON)
    put(copy / "bin" / "python3", UNFIT)

    assert make(copy, "setup", f"PYTHON={copy / 'mine'}").returncode == 0


def test_setup_names_the_supported_versions_if_no_python_is_supported(copy):
    put(copy / "bin" / "python3", UNFIT)

    done = make(copy, "setup")

    assert done.returncode != 0
    assert "Python 3.11, 3.12 or 3.13 is needed" in done.stderr
    assert not (copy / ".venv").exists()


def test_tests_run_on_both_databases_and_print_the_slowest_twenty(copy):
    assert make(copy, "test").returncode == 0

    assert calls(copy, "-m pytest") == calls(copy, "--durations 20") == 2
    assert calls(copy, "--durations 20 --database postgresql") == 1


def test_demo_with_serve_no_only_builds(copy):
    assert make(copy, "demo", "SERVE=no").returncode == 0

    assert calls(copy, "manage.py demo") == 1
    assert calls(copy, "manage.py up") == 0


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_demo_serves_until_it_is_stopped(copy, how):
    options = make_options(copy)
    up = copy / "up.pid"
    demo = subprocess.Popen(
        ["make", "demo", "PORT=8123"], start_new_session=True, stderr=subprocess.DEVNULL, **options
    )
    deadline = time.monotonic() + 10
    while not (up.exists() and up.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.05)

    os.killpg(demo.pid, how)  # as a terminal does
    demo.wait(10)

    assert calls(copy, "manage.py up --port 8123") == 1
    with pytest.raises(ProcessLookupError):
        os.kill(int(up.read_text()), 0)
