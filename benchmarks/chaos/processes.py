"""A process that can be killed, stopped and started again, as an operator's supervisor does."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

LOOK_SECONDS = 0.2


class Process:
    """One process, with its children in a process group of its own.

    Attributes:
        is_wanted: whether it is started again when it has ended.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[object],
        log: Path,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
        user: str | None = None,
    ) -> None:
        self.name, self.command, self.log = name, list(map(str, command)), log
        self.options = {"env": environment, "cwd": folder, "user": user}
        self.running: subprocess.Popen[bytes] | None = None
        self.is_wanted = False
        self._lock = threading.Lock()

    def start(self) -> None:
        """Start it if it does not run; it is wanted from now on."""
        with self._lock:
            self.is_wanted = True
            if self.running is None or self.running.poll() is not None:
                with self.log.open("ab") as output:
                    self.running = subprocess.Popen(
                        self.command, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                        start_new_session=True, **self.options,
                    )  # fmt: skip

    def kill(self) -> None:
        """SIGKILL it with its children: nothing of it can say goodbye."""
        with self._lock:
            self.is_wanted = False
            if self.running is not None:
                self.signal(signal.SIGKILL)
                self.running.wait()

    def signal(self, number: int) -> None:
        """Send a signal to the whole group, if there is one."""
        if self.running is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.running.pid, number)

    def kill_a_child(self) -> None:
        """SIGKILL the child that was started last; a process without any loses nothing."""
        if self.running is None:
            return
        children = Path(f"/proc/{self.running.pid}/task/{self.running.pid}/children")
        with suppress(OSError):
            for child in children.read_text().split()[-1:]:
                os.kill(int(child), signal.SIGKILL)


class Supervisor:
    """Starts whatever is wanted and has ended, as `restart: unless-stopped` does."""

    def __init__(self, processes: Sequence[Process]) -> None:
        self.processes = processes
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, name="supervisor", daemon=True)

    def __enter__(self) -> "Supervisor":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        self._thread.join()
        for process in reversed(self.processes):
            process.kill()

    def _look(self) -> None:
        while not self._ended.wait(LOOK_SECONDS):
            for process in self.processes:
                if process.is_wanted:
                    process.start()


def wait_until(condition, what: str, seconds: float = 120.0) -> None:
    """Wait until a condition holds.

    Raises:
        TimeoutError: it does not hold in time.
    """
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError(f"waited {seconds:.0f} s in vain until {what}")
        time.sleep(0.05)
