"""A side process: runs one of the scripts beside this module, and answers one request at a time.

A web process that has once drawn a chart would keep 190 MB for it, and 70 MB after its first
Parquet file. A script imports its library and nothing of the service, so it starts quickly and is
gone when nobody needs it. Both sides are this code, so they talk in pickles.

SideProcessError(RuntimeError): the script failed; the message is its error.
    SideProcessEnded: it was not there to answer.
"""

import atexit
import pickle
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any, Self

SCRIPTS = Path(__file__).parent


class SideProcessError(RuntimeError):
    """A side process failed."""


class SideProcessEnded(SideProcessError):
    """A side process was not there to answer."""


class SideProcess:
    """A running script; a context manager that ends it.

    Args:
        script: the name of a module beside this one.
    """

    def __init__(self, script: str) -> None:
        command = [sys.executable, "-P", str(SCRIPTS / f"{script}.py")]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, *request: Any) -> Any:
        """Send a request and wait for its answer.

        Raises:
            SideProcessError: the script raised an error, or has ended.
        """
        is_right, answer = self._sent(request)
        if not is_right:
            raise SideProcessError(answer)
        return answer

    def _sent(self, request: tuple[Any, ...]) -> tuple[bool, Any]:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        try:
            pickle.dump(request, stdin)
            stdin.flush()
            return pickle.load(stdout)  # type: ignore[no-any-return]
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            self.close()
            status = self._process.returncode
            raise SideProcessEnded(f"The side process has ended, status {status}.") from error

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def close(self) -> None:
        """End the process, and wait until it has ended. Idempotent."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with suppress(BrokenPipeError):  # what was written for it is lost with it
                    stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class KeptProcess:
    """A side process that is kept between requests, until it ends itself because none came.

    Thread-safe: requests wait for each other.
    """

    def __init__(self, script: str) -> None:
        self.script = script
        self._lock, self._running = Lock(), None  # type: tuple[Lock, SideProcess | None]

    def ask(self, *request: Any) -> Any:
        """As `SideProcess.ask`; the process is started anew if it has ended."""
        with self._lock:
            if self._running is not None and self._running.is_running:
                with suppress(SideProcessEnded):  # just now, as nobody had asked for a while
                    return self._running.ask(*request)
            self._close()
            self._running = SideProcess(self.script)
            return self._running.ask(*request)

    def close(self) -> None:
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._running is not None:
            self._running.close()
            self._running = None


DRAWING = KeptProcess("drawing")
atexit.register(DRAWING.close)
