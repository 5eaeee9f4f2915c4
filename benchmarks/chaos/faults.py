"""What is broken, for how long, and how it is mended. Anybody can add a row to FAULTS."""

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from benchmarks.chaos.installation import LEASE_SECONDS, Installation
from benchmarks.chaos.storage import Mode

Change = Callable[[Installation], None]
BALLAST = "ballast"


@dataclass(frozen=True)
class Fault:
    """Something that breaks.

    Attributes:
        seconds: the shortest and longest time until it is mended.
        is_rare: happens once in a trial of ten minutes and more, since it takes long.
    """

    name: str
    inject: Change
    mend: Change
    seconds: tuple[float, float]
    is_rare: bool = False


def kill(name: str) -> Fault:
    """SIGKILL a process with its children, and start it again."""
    return Fault(
        f"kill -9 {name}",
        lambda installation: installation.processes[name].kill(),
        lambda installation: installation.processes[name].start(),
        (0.2, 3.0),
    )


def kill_child(name: str) -> Fault:
    """SIGKILL one of the processes that a server has forked."""
    return Fault(
        f"kill -9 a process of {name}",
        lambda installation: installation.processes[name].kill_a_child(),
        lambda installation: None,
        (0.2, 1.0),
    )


def hang(name: str, seconds: float) -> Fault:
    """Stop a process, which goes on later as if nothing had happened."""
    return Fault(
        f"{name} hangs",
        lambda installation: installation.processes[name].signal(signal.SIGSTOP),
        lambda installation: installation.processes[name].signal(signal.SIGCONT),
        (seconds, seconds + 2),
    )


def storage(mode: Mode, seconds: tuple[float, float], name: str = "") -> Fault:
    return Fault(
        name or f"storage {mode}",
        lambda installation: installation.gate.set(mode),
        lambda installation: installation.gate.set("open"),
        seconds,
        is_rare=bool(name),
    )


def cut_power(installation: Installation) -> None:
    for process in installation.processes.values():
        if process.name != "storage server":  # which keeps its objects in memory
            process.kill()


def restore_power(installation: Installation) -> None:
    for process in installation.processes.values():
        process.start()


def fill_disk(installation: Installation) -> None:
    """Leave no byte on the database's disk."""
    assert installation.disk is not None
    with (installation.disk / BALLAST).open("wb", buffering=0) as file:
        size = 1 << 24
        while size >= 1 << 12:
            try:
                os.posix_fallocate(file.fileno(), file.tell(), size)
                file.seek(size, os.SEEK_CUR)
            except OSError:
                size >>= 1


def free_disk(installation: Installation) -> None:
    assert installation.disk is not None
    Path(installation.disk / BALLAST).unlink(missing_ok=True)


DISK_FULL = Fault("disk of the database full", fill_disk, free_disk, (3.0, 8.0))
FAULTS = [
    kill("web"),
    kill_child("web"),
    kill("worker"),
    kill("reports worker"),
    kill("beat"),
    kill("redis"),
    kill("postgres"),
    kill_child("postgres"),
    hang("worker", LEASE_SECONDS + 1.0),
    hang("redis", 3.0),
    storage("refuses", (3.0, 10.0)),
    storage("hangs", (5.0, 12.0)),
    storage("answers 500", (3.0, 10.0)),
    storage("is full", (3.0, 10.0)),
    DISK_FULL,
    Fault("power cut", cut_power, restore_power, (1.0, 3.0)),
    storage("refuses", (80.0, 85.0), "storage away for longer than requests are repeated"),
]


def short_turn() -> list[Fault]:
    """Faults of one server each, those of the shortest recovery; the worker dies first."""
    names = [
        "kill -9 worker",
        "storage answers 500",
        "kill -9 a process of web",
        "kill -9 redis",
        "storage hangs",
    ]
    names += ["kill -9 postgres", "kill -9 beat", "storage refuses", "kill -9 web"]
    by_name = {fault.name: fault for fault in FAULTS}
    return [replace(by_name[name], seconds=(0.3, 0.3)) for name in names]


def in_turn(draw: Random, has_disk: bool, is_long: bool) -> Iterator[Fault]:
    """Faults without end: all of them in a random order, then all again; a rare one once."""
    faults = [fault for fault in FAULTS if fault is not DISK_FULL or has_disk]
    rare = [fault for fault in faults if fault.is_rare and is_long]
    while True:
        turn = [fault for fault in faults if not fault.is_rare] + rare
        rare = []
        draw.shuffle(turn)
        yield from turn
