"""A Python that has imported large libraries already, and runs commands in processes of their own.

Before `manage.py` does anything it takes a second of imports, and four if it needs torch.
PreparedPython imports the libraries once and forks for every command. It imports nothing of this
project: what a command imports of that, and in which order, is as it is for users.
"""

import atexit
import importlib
import os
import pickle
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

# A library that is missing here is imported by each command itself.
LIBRARIES = [
    *("django.core.management", "django.db.migrations.executor", "django.db.models", "django.http"),
    *("django.core.management.commands.migrate", "django.test", "django.template.loader_tags"),
    *("django.db.backends.sqlite3.base", "django.contrib.staticfiles.finders", "django.views"),
    *("django_htmx", "django_guid", "csp.constants", "whitenoise.base", "dj_database_url", "ninja"),
    *("celery.app", "celery.app.amqp", "celery.app.task", "kombu", "limits.strategies", "segno"),
    *("numpy", "scipy.special", "scipy.stats", "PIL.Image", "pydantic", "simplemma", "wrapt"),
    *("prometheus_client", "cryptography.fernet", "email.mime.text", "urllib.request", "unittest"),
    *("PIL.ImageDraw", "PIL.ImageStat", "PIL.JpegImagePlugin", "celery.worker.worker", "tqdm"),
    *("pydantic.networks", "pythonjsonlogger.json", "rapidfuzz.fuzz", "rapidfuzz.process"),
]
FOR_NETWORKS = ["torch", "torchvision", "skimage.measure", "safetensors.torch"]
WITH_NETWORKS = {"dissect", "work", "import_dissection"}  # commands


class PreparedPython:
    """The client's side; close() ends the process, and so does the end of this one."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="unitscope-python-")
        address = f"{self._folder.name}/requests"
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(address)
        listener.listen()
        self._address = address
        self._process = subprocess.Popen(
            [sys.executable, "-P", __file__, str(listener.fileno())],
            stdin=subprocess.PIPE,
            pass_fds=[listener.fileno()],
            stderr=subprocess.DEVNULL,  # what modules say that miss Django's settings
            start_new_session=True,
            env={name: os.environ[name] for name in os.environ.keys() - {"DJANGO_SETTINGS_MODULE"}},
        )
        listener.close()

    def run(
        self, arguments: list[str], cwd: Path, env: dict[str, str], timeout: float
    ) -> subprocess.CompletedProcess:
        """Run a script with its arguments, as subprocess.run with capture_output does.

        Variables that Python reads when it starts, such as PYTHONIOENCODING, come too late.
        """
        assert not any(name.startswith("PYTHON") for name in env.keys() - os.environ.keys())
        with tempfile.TemporaryDirectory(dir=self._folder.name) as folder:
            out, err = Path(folder, "out"), Path(folder, "err")
            with socket.socket(socket.AF_UNIX) as connection:
                connection.connect(self._address)
                answers = connection.makefile("rb")
                connection.sendall(pickle.dumps((arguments, str(cwd), env, str(out), str(err))))
                connection.shutdown(socket.SHUT_WR)
                pid = pickle.load(answers)
                connection.settimeout(timeout)
                try:
                    status = pickle.load(answers)
                except TimeoutError:
                    with suppress(ProcessLookupError):
                        os.killpg(pid, 9)
                    raise subprocess.TimeoutExpired(arguments, timeout) from None
            return subprocess.CompletedProcess(arguments, status, out.read_text(), err.read_text())

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(20)
        self._folder.cleanup()


def prepare(libraries: list[str]) -> None:
    for name in libraries:
        # Some need Django's settings: what they import themselves is there by then.
        with suppress(Exception), warnings.catch_warnings(action="ignore"):
            importlib.import_module(name)


def serve(listener: socket.socket) -> tuple[Any, ...]:
    """Fork for each request. Returns its parts in the process that is to do it."""
    while True:
        ready, _, _ = select.select([listener, sys.stdin], [], [])
        if sys.stdin in ready:  # the client is gone, or wants no more
            os._exit(0)
        connection, _ = listener.accept()
        request = pickle.load(connection.makefile("rb"))
        if WITH_NETWORKS & set(request[0]):
            prepare(FOR_NETWORKS)
        if fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            listener.close()
            pid = fork()
            if pid == 0:
                connection.close()
                return request
            connection.sendall(pickle.dumps(pid))
            _, status = os.waitpid(pid, 0)
            with suppress(OSError):
                connection.sendall(pickle.dumps(os.waitstatus_to_exitcode(status)))
            os._exit(0)
        connection.close()


def fork() -> int:
    with warnings.catch_warnings(action="ignore"):  # libraries have begun threads, which sleep
        return os.fork()


def become(arguments: list[str], cwd: str, env: dict[str, str], out: str, err: str) -> None:
    """Take over what subprocess.run gives a new process, and run its script."""
    os.setsid()
    streams = (
        os.open(os.devnull, os.O_RDONLY),
        *(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND) for path in (out, err)),
    )
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    sys.argv[:] = arguments
    sys.path.insert(0, str(Path(arguments[0]).parent))
    end(status_of(arguments[0]))


def status_of(script: str) -> int:
    """Run a script; what it leaves without catching is told as Python tells it."""
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as exit_request:
        if exit_request.code is None or isinstance(exit_request.code, int):
            return exit_request.code or 0
        print(exit_request.code, file=sys.stderr)
        return 1
    except Exception:
        sys.excepthook(*sys.exc_info())
        return 1
    return 0


def end(status: int) -> None:
    """End as Python does, but free no module: with torch there are so many that it takes 2 s."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those who wait for commands
    prepare(LIBRARIES)
    request = serve(socket.socket(fileno=int(sys.argv[1])))
    become(*request)
