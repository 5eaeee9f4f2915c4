"""Throw-away servers for the tests, and what the system must have to run them.

`python tests/services.py install PostgreSQL Redis Chromium` puts these in place from the
system's packages where they are missing. Only the standard library: it runs before anything
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

# Where packages put programs that are not on every PATH; the last one in order is the newest.
POSTGRES_FOLDERS = [
    "/usr/lib/postgresql/*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
]
CHROMIUM_NAMES = [
    "chromium-headless-shell",  # the same without windows: opens a page in a third of the time
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
]
CHROMIUM_APPLICATIONS = [
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
]
PACKAGES = {  # what to look for -> apt, brew
    "PostgreSQL": ("postgresql", "postgresql@17"),
    "Redis": ("redis-server", "redis"),
    "Chromium": ("chromium-headless-shell", "--cask google-chrome"),
    "venv": ("python3-venv", "python"),
}
PATIENCE_SECONDS = 60


class ServiceMissing(Exception):
    """A program that tests need is not on this machine."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} was not found. Run: python tests/services.py install {name}")


def postgres_program(name: str) -> Path:
    """One of PostgreSQL's programs, all of one version."""
    folders = [folder for pattern in POSTGRES_FOLDERS for folder in Path("/").glob(pattern[1:])]
    for folder in sorted(folders, key=_version, reverse=True):
        if (folder / "initdb").exists():
            return folder / name
    if on_path := shutil.which("initdb"):
        return Path(on_path).resolve().parent / name
    raise ServiceMissing("PostgreSQL")


def redis_program() -> Path:
    if found := shutil.which("redis-server"):
        return Path(found)
    raise ServiceMissing("Redis")


def chromium_program() -> Path:
    """A Chromium: the one that CHROMIUM names, or any that the system has."""
    names = [os.environ.get("CHROMIUM", ""), *CHROMIUM_NAMES, *CHROMIUM_APPLICATIONS]
    for name in filter(None, names):
        if found := shutil.which(name):
            return Path(found)
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
    """A PostgreSQL of its own on a free port; gives the URL of its database."""
    user = _postgres_user()
    with _folder(user) as folder:
        data, port = folder / "data", free_port()
        make = [postgres_program("initdb"), "-D", data, "-U", "unitscope", "-A", "trust"]
        make += ["-E", "UTF8", "--no-locale", "--no-sync"]
        log = _run(make, folder, user)
        if not (data / "PG_VERSION").exists():
            raise RuntimeError(f"initdb failed:\n{log}")
        serve = [postgres_program("postgres"), "-D", data, "-h", "127.0.0.1", "-p", str(port)]
        for setting in ("fsync=off", "full_page_writes=off", "unix_socket_directories="):
            serve += ["-c", setting]
        ask = [postgres_program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
        # Told so, it does not wait for its clients to leave.
        with _running(serve, folder, user, lambda: subprocess.call(ask) == 0, signal.SIGINT):
            yield f"postgres://unitscope@127.0.0.1:{port}/postgres"


@contextmanager
def redis(port: int | None = None) -> Iterator[str]:
    """A Redis of its own, on a free port unless told, which keeps nothing; gives its URL."""
    with _folder(None) as folder:
        port = port or free_port()
        serve = [redis_program(), "--port", str(port), "--bind", "127.0.0.1"]
        serve += ["--save", "", "--appendonly", "no", "--dir", folder]
        with _running(serve, folder, None, lambda: answers(port)):
            yield f"redis://127.0.0.1:{port}/0"


def _postgres_user() -> str | None:
    """Whom PostgreSQL runs as: it refuses to be root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@contextmanager
def _folder(owner: str | None) -> Iterator[Path]:
    # Another user may not be able to enter the TMPDIR of root.
    folder = Path(tempfile.mkdtemp(prefix="unitscope-", dir="/tmp" if owner else None))
    try:
        if owner:
            shutil.chown(folder, owner)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(command: list, folder: Path, user: str | None) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        user=user,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.stdout


@contextmanager
def _running(
    command: list,
    folder: Path,
    user: str | None,
    ready: Callable[[], bool],
    farewell: int = signal.SIGTERM,
) -> Iterator[None]:
    """A server while the block lasts. It is stopped by its own process, whatever happens."""
    log = folder / "log"
    with log.open("w") as output:
        server = subprocess.Popen(
            command,
            cwd=folder,
            user=user,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # a Ctrl-C is for the tests, which then stop it
        )
    try:
        wait_until(ready, server, log)
        yield
    finally:
        stop(server, farewell)


def wait_until(ready: Callable[[], bool], server: subprocess.Popen, log: Path) -> None:
    """Wait until a server answers.

    Raises:
        RuntimeError: it ended or took too long; its own words are in the message.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not ready():
        if server.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{server.args[0]} did not start:\n{log.read_text()}")
        time.sleep(0.05)


def stop(server: subprocess.Popen, farewell: int = signal.SIGTERM) -> None:
    server.send_signal(farewell)
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def missing() -> list[str]:
    """The names of what tests need and this machine lacks."""
    finders = {
        "PostgreSQL": lambda: postgres_program("initdb"),
        "Redis": redis_program,
        "Chromium": chromium_program,
        "venv": _ensurepip,
    }
    return [name for name, find in finders.items() if not _has(find)]


def _ensurepip() -> Path:
    """What Debian leaves out of its Python: without it no virtual environment can be made."""
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
    """The shell commands that install some packages on this kind of system; none if unknown."""
    if shutil.which("apt-get"):
        root = "" if os.geteuid() == 0 else "sudo "
        packages = " ".join(PACKAGES[name][0] for name in names)
        install = f"{root}apt-get install -y --no-install-recommends {packages}"
        return [f"{root}apt-get update", install]
    if shutil.which("brew"):
        return [f"brew install {PACKAGES[name][1]}" for name in names]
    return []


def may_install() -> bool:
    if not shutil.which("apt-get") or os.geteuid() == 0:
        return True
    return bool(shutil.which("sudo")) and subprocess.call(["sudo", "-n", "true"]) == 0


def install(wanted: list[str]) -> None:
    """Install what is missing of some packages, or stop with the commands that would."""
    names = [name for name in missing() if name in wanted]
    if not names:
        return
    commands = commands_to_install(names)
    sentence = f"{', '.join(names)}: needed, and not found on this machine."
    if not commands or not may_install():
        sys.exit(f"{sentence} Please install: {' && '.join(commands) or ', '.join(names)}")
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
