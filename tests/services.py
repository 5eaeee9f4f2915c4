"""Temporary servers for the tests, and the programs that the system must have for them.

`python tests/services.py install PostgreSQL Redis Chromium` installs those that are missing from
the system's packages. This module uses the standard library only, because it runs before anything
else is installed.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# Where packages put programs that may not be on PATH; of several versions the newest is used.
POSTGRES_FOLDERS = [
    "/usr/lib/postgresql/*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
]
CHROMIUM_NAMES = [
    "chromium-headless-shell",  # has no windows, and opens a page in a third of the time
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
]
CHROMIUM_APPLICATIONS = [
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
]
PACKAGES = {  # program: package of apt, package of brew
    "PostgreSQL": ("postgresql", "postgresql@17"),
    "Redis": ("redis-server", "redis"),
    "Chromium": ("chromium-headless-shell", "--cask google-chrome"),
    "venv": ("python3-venv", "python"),
}
MAX_START_SECONDS = 60
SECRET_KEY = "a secret key of fifty characters that only tests use"


class ServiceMissing(Exception):
    """A program that tests need is not installed."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} was not found. Run: python tests/services.py install {name}")


def postgres_program(name: str) -> Path:
    """The path of one of PostgreSQL's programs, all from the newest version."""
    folders = [folder for pattern in POSTGRES_FOLDERS for folder in Path("/").glob(pattern[1:])]
    for folder in sorted(folders, key=_version, reverse=True):
        if (folder / "initdb").exists():
            return folder / name
    if on_path := shutil.which("initdb"):
        return Path(on_path).resolve().parent / name
    raise ServiceMissing("PostgreSQL")


def redis_program() -> Path:
    if program := shutil.which("redis-server"):
        return Path(program)
    raise ServiceMissing("Redis")


def chromium_program() -> Path:
    """The Chromium that the variable CHROMIUM names, or any that is installed."""
    names = [os.environ.get("CHROMIUM", ""), *CHROMIUM_NAMES, *CHROMIUM_APPLICATIONS]
    for name in filter(None, names):
        if program := shutil.which(name):
            return Path(program)
    raise ServiceMissing("Chromium")


def _version(folder: Path) -> int:
    digits = "".join(filter(str.isdigit, folder.parent.name))
    return int(digits or 0)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def postgres() -> Iterator[str]:
    """A new PostgreSQL on a free port; yields the URL of its database."""
    user = postgres_user()
    with _folder(user) as folder:
        port = free_port()
        make_cluster(folder, user)
        options = {"stop_signal": signal.SIGINT, "cwd": folder, "user": user}
        # SIGINT stops it without waiting for clients to disconnect.
        serve = postgres_command(folder, port)
        with running(serve, folder / "log", lambda: postgres_answers(port), **options):
            yield postgres_url_of(port)


def make_cluster(folder: Path, user: str | None) -> None:
    """Make the files of a new PostgreSQL in a folder that its user owns."""
    create = [postgres_program("initdb"), "-D", folder / "data", "-U", "unitscope", "-A", "trust"]
    create += ["-E", "UTF8", "--no-locale", "--no-sync"]
    output = _run(create, folder, user)
    if not (folder / "data" / "PG_VERSION").exists():
        raise RuntimeError(f"initdb failed:\n{output}")


def postgres_command(folder: Path, port: int) -> list:
    """The command that serves the files of `make_cluster`."""
    serve = [postgres_program("postgres"), "-D", folder / "data", "-h", "127.0.0.1", "-p", port]
    for setting in ("fsync=off", "full_page_writes=off", "unix_socket_directories="):
        serve += ["-c", setting]
    return list(map(str, serve))


def postgres_answers(port: int) -> bool:
    ping = [postgres_program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    return subprocess.call(ping) == 0


def postgres_url_of(port: int) -> str:
    return f"postgres://unitscope@127.0.0.1:{port}/postgres"


@contextmanager
def redis(port: int | None = None) -> Iterator[str]:
    """A new Redis without persistence, by default on a free port; yields its URL."""
    with _folder(None) as folder:
        port = port or free_port()
        serve = redis_command(folder, port)
        with running(serve, folder / "log", lambda: answers(port), cwd=folder):
            yield f"redis://127.0.0.1:{port}/0"


def redis_command(folder: Path, port: int) -> list:
    """The command of a Redis without persistence."""
    serve = [redis_program(), "--port", port, "--bind", "127.0.0.1"]
    return list(map(str, [*serve, "--save", "", "--appendonly", "no", "--dir", folder]))


def postgres_user() -> str | None:
    """The user to run PostgreSQL as, since it refuses to run as root; None is the current user."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@contextmanager
def _folder(owner: str | None) -> Iterator[Path]:
    # Other users may not be allowed to enter the TMPDIR of root.
    folder = Path(tempfile.mkdtemp(prefix="unitscope-", dir="/tmp" if owner else None))
    try:
        if owner:
            shutil.chown(folder, owner)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(command: list, folder: Path, user: str | None) -> str:
    process = subprocess.run(
        command,
        cwd=folder,
        user=user,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return process.stdout


@contextmanager
def running(
    command: list,
    log: Path,
    ready: Callable[[], bool],
    stop_signal: int = signal.SIGTERM,
    **options: Any,
) -> Iterator[None]:
    """A server process that is ready, and is stopped at the end of the block.

    Args:
        log: a file for its output.
        ready: whether the server answers.
        options: of subprocess.Popen.

    Raises:
        RuntimeError: it ended or took too long.
    """
    with log.open("w") as output:
        server = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C reaches the tests only, which then stop the server
            **options,
        )
    try:
        wait_until(ready, server, log)
        yield
    finally:
        stop(server, stop_signal)


def wait_until(ready: Callable[[], bool], server: subprocess.Popen, log: Path) -> None:
    """Wait until a server answers.

    Raises:
        RuntimeError: it ended or took too long; its log is in the message.
    """
    deadline = time.monotonic() + MAX_START_SECONDS
    while not ready():
        if server.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{server.args[0]} did not start:\n{log.read_text()}")
        time.sleep(0.05)


def stop(server: subprocess.Popen, stop_signal: int = signal.SIGTERM) -> None:
    """Stop a server; it is killed if it takes longer than ten seconds."""
    server.send_signal(stop_signal)
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def answers(port: int) -> bool:
    """Whether a server accepts connections on a port of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def missing() -> list[str]:
    """The names of the programs that tests need and this machine lacks."""
    finders = {
        "PostgreSQL": lambda: postgres_program("initdb"),
        "Redis": redis_program,
        "Chromium": chromium_program,
        "venv": _ensurepip,
    }
    return [name for name, find in finders.items() if not _has(find)]


def _ensurepip() -> Path:
    """The module that virtual environments need; Debian has it in a package of its own."""
    try:
        import ensurepip
    except ImportError as error:
        raise ServiceMissing("venv") from error
    return Path(ensurepip.__file__)


def _has(find: Callable[[], Path]) -> bool:
    try:
        find()
    except ServiceMissing:
        return False
    return True


def commands_to_install(names: list[str]) -> list[str]:
    """The shell commands that install some programs on this system; empty if they are unknown."""
    if shutil.which("apt-get"):
        root = "" if os.geteuid() == 0 else "sudo "
        packages = " ".join(PACKAGES[name][0] for name in names)
        install = f"{root}apt-get install -y --no-install-recommends {packages}"
        return [f"{root}apt-get update", install]
    if shutil.which("brew"):
        return [f"brew install {PACKAGES[name][1]}" for name in names]
    return []


def may_install() -> bool:
    """Whether packages can be installed without a password."""
    if not shutil.which("apt-get") or os.geteuid() == 0:
        return True
    return bool(shutil.which("sudo")) and subprocess.call(["sudo", "-n", "true"]) == 0


def install(wanted: list[str]) -> None:
    """Install the missing ones of some programs, or exit with the commands to run."""
    names = [name for name in missing() if name in wanted]
    if not names:
        return
    commands = commands_to_install(names)
    sentence = f"The tests need {', '.join(names)}, which this machine lacks."
    if not commands or not may_install():
        sys.exit(f"{sentence} Run: {' && '.join(commands) or ', '.join(names)}")
    print(sentence, "Installing:", *commands, sep="\n  ", file=sys.stderr)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in commands:
        subprocess.call(command.split(), stdin=subprocess.DEVNULL, env=environment)
    if still := [name for name in missing() if name in wanted]:
        sys.exit(f"{', '.join(still)}: could not be installed. Try: {' && '.join(commands)}")


if __name__ == "__main__":
    if sys.argv[1:2] != ["install"] or not set(sys.argv[2:]) <= set(PACKAGES):
        sys.exit(f"usage: python tests/services.py install {' '.join(PACKAGES)}")
    install(sys.argv[2:])


def policy_violations(line: str) -> list[str]:
    """The line of a browser's console, if it says that the content security policy was violated."""
    return [line] if "Content Security Policy" in line else []
