"""An installation on this machine as docker-compose.yml has it: each of its processes can die."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import requests

from benchmarks.chaos.processes import Process, Supervisor, wait_until
from benchmarks.chaos.storage import Gate
from tests import services

ROOT = Path(services.__file__).resolve().parent.parent
LEASE_SECONDS = 6
DATABASE_MB = 400  # of the disk that the database has for itself, so that it can be full
SHORT = {"DEBUG": "True", "SLOW_SECONDS": "0"}  # needs no collected static files
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "chaos",
    "AWS_SECRET_ACCESS_KEY": "chaos",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


@dataclass
class Installation:
    """What runs, and where.

    Attributes:
        disk: the folder of the database's own disk; None where this user may not mount one.
    """

    folder: Path
    environment: dict[str, str]
    processes: dict[str, Process]
    gate: Gate
    address: str
    server_address: str
    disk: Path | None

    def is_ready(self) -> bool:
        """Whether the service says that it can serve everything."""
        try:
            return requests.get(f"{self.address}/readyz", timeout=5).status_code == 200
        except requests.RequestException:
            return False


@contextmanager
def installed(is_short: bool = False) -> Iterator[Installation]:
    """Database, broker and storage that run; web and workers are started by `start_service`."""
    with ExitStack() as stack:
        folder = Path(mkdtemp(prefix="unitscope-chaos-", dir="/tmp"))
        folder.chmod(0o755)  # the database's user has to enter it
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        ports = {name: services.free_port() for name in ("database", "redis", "server", "web")}
        disk = _disk(folder / "database", stack)
        gate = Gate(ports["server"])
        stack.callback(gate.close)
        environment = _environment(folder, ports, gate) | (SHORT if is_short else {})
        processes = _processes(folder, ports, environment)
        stack.enter_context(Supervisor(list(processes.values())))
        services.make_cluster(folder / "database", services.postgres_user())
        for name in ("storage server", "redis", "postgres"):
            processes[name].start()
        wait_until(lambda: services.postgres_answers(ports["database"]), "PostgreSQL answers")
        for name in ("redis", "server"):
            wait_until(lambda name=name: services.answers(ports[name]), f"the {name} answers")
        yield Installation(
            folder, environment, processes, gate, f"http://127.0.0.1:{ports['web']}",
            f"http://127.0.0.1:{ports['server']}", disk,
        )  # fmt: skip


def start_service(installation: Installation) -> None:
    """Start web, workers and beat, once the tables are there, and wait until pages are served."""
    for process in installation.processes.values():
        process.start()
    wait_until(installation.is_ready, "the service is ready")


def _disk(folder: Path, stack: ExitStack) -> Path | None:
    """Make a folder that is a small disk of its own, where this user may mount one."""
    folder.mkdir()
    size = ["-o", f"size={DATABASE_MB}m,mode=755"]
    mount = ["mount", "-t", "tmpfs", *size, "tmpfs", str(folder)]
    is_mounted = os.geteuid() == 0 and subprocess.run(mount, capture_output=True).returncode == 0
    if is_mounted:
        stack.callback(subprocess.run, ["umount", "--lazy", str(folder)], check=False)
    if user := services.postgres_user():
        shutil.chown(folder, user)
    return folder if is_mounted else None


def _environment(folder: Path, ports: dict[str, int], gate: Gate) -> dict[str, str]:
    return {
        **os.environ,
        **CREDENTIALS,
        "DJANGO_SETTINGS_MODULE": "annotator.settings",
        "DATA_DIR": str(folder / "data"),
        "DATABASE_URL": services.postgres_url_of(ports["database"]),
        "BROKER_URL": f"redis://127.0.0.1:{ports['redis']}/0",
        "STORAGE_URL": "s3://results",
        "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{gate.port}",
        "SECRET_KEY": services.SECRET_KEY,
        "PUBLIC_URL": f"http://127.0.0.1:{ports['web']}",
        "RUN_LEASE_SECONDS": str(LEASE_SECONDS),
        "OMP_NUM_THREADS": "1",  # threads are in the fingerprint of a dissection
        "SLOW_SECONDS": "0.4",
    }


def _processes(
    folder: Path, ports: dict[str, int], environment: dict[str, str]
) -> dict[str, Process]:
    """Every process by its name, in the order in which they start."""
    (folder / "redis").mkdir()
    celery = [sys.executable, "-m", "celery", "-A", "annotator"]
    worker = [*celery, "worker", "-c", "1", "--without-gossip", "--without-mingle", "-Q"]
    web = ["gunicorn", "annotator.wsgi", "--bind", f"127.0.0.1:{ports['web']}"]
    commands = {
        "storage server": [sys.executable, "-m", "moto.server", "-p", ports["server"]],
        "redis": services.redis_command(folder / "redis", ports["redis"]),
        "postgres": services.postgres_command(folder / "database", ports["database"]),
        "web": [sys.executable, "-m", *web, "--workers", "2", "--threads", "4"],
        "worker": [*worker, "dissect", "-n", "worker@here"],
        "reports worker": [*worker, "celery", "-n", "reports@here"],
        "beat": [*celery, "beat", "--schedule", folder / "beat", "--pidfile", ""],
    }
    users = {"postgres": services.postgres_user()}
    folders = {"postgres": folder / "database"}
    return {
        name: Process(
            name, command, folder / f"{name}.log", environment, folders.get(name, ROOT),
            users.get(name),
        )
        for name, command in commands.items()
    }  # fmt: skip
