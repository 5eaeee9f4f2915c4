"""manage.py up: pages and worker, started and stopped together."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import copy_migrated
from tests.end_to_end.serving import ROOT
from tests.services import answers, free_port, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("django_db_setup")]


def up(folder: Path, port: int, is_new: bool = False) -> subprocess.Popen:
    """The command in a session of its own, with its messages in folder/log.

    Args:
        is_new: there is no database yet, which takes seconds to make.
    """
    if not is_new:
        copy_migrated(folder / "var")
    environment = {**os.environ, "DATA_DIR": str(folder / "var")}
    for name in ("DEBUG", "PUBLIC_URL"):
        environment.pop(name, None)
    command = [sys.executable, ROOT / "manage.py", "up", "--port", str(port)]
    with (folder / "log").open("w") as log:
        return subprocess.Popen(
            command, env=environment, stdout=log, stderr=log, start_new_session=True
        )


def is_running(session: int) -> bool:
    """Whether a session has processes."""
    try:
        os.killpg(session, 0)
    except ProcessLookupError:
        return False
    return True


def test_pages_of_a_new_installation_are_served_until_both_processes_are_stopped(tmp_path):
    port = free_port()
    process = up(tmp_path, port, is_new=True)
    log = tmp_path / "log"
    wait_until(lambda: answers(port) and "Waiting for runs." in log.read_text(), process, log)

    process.send_signal(signal.SIGTERM)  # to it alone, as a process manager does

    assert process.wait(20) == 0
    assert f"Serving http://127.0.0.1:{port}. Stop with Ctrl-C." in log.read_text()
    assert not is_running(process.pid)


def test_a_worker_that_dies_is_started_again_and_pages_stay_until_ctrl_c_stops_both(tmp_path):
    port = free_port()
    process = up(tmp_path, port)
    log = tmp_path / "log"

    def starts() -> int:
        return log.read_text().count("Waiting for runs.")

    try:
        wait_until(lambda: answers(port) and starts() == 1, process, log)
        os.kill(worker_of(process.pid), signal.SIGKILL)
        wait_until(lambda: starts() == 2, process, log)

        assert "The worker ended (killed by SIGKILL)." in log.read_text()
        assert answers(port)
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
    assert not is_running(process.pid)


def worker_of(pid: int) -> int:
    """The process of `work` that a process of `up` has started."""
    table = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    )
    rows = [line.split(None, 2) for line in table.stdout.splitlines()]
    return next(int(row[0]) for row in rows if row[1] == str(pid) and row[2].endswith(" work"))


def test_the_worker_stops_if_the_port_is_taken(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = up(tmp_path, taken.getsockname()[1])
        assert process.wait(60) == 1

    messages = (tmp_path / "log").read_text()
    assert "port is already in use" in messages
    assert "The page server ended, so `up` has stopped." in messages
    assert not is_running(process.pid)
