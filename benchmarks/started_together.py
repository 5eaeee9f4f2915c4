"""Processes that start their work at one moment, each held to one core."""

import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from time import perf_counter


def seconds_together(module: str, plan: Sequence[Sequence[object]]) -> float:
    """Seconds until all processes, started together, have done their part.

    Args:
        module: is run as `python -m MODULE ARGUMENTS`, and calls `wait_for_start` once it is warm.
        plan: the arguments of each process.

    Raises:
        RuntimeError: a process failed; its error is printed.
    """
    with ExitStack() as stack:
        processes = [stack.enter_context(_process(module, arguments)) for arguments in plan]
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        start = perf_counter()
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        statuses = [process.wait() for process in processes]
        seconds = perf_counter() - start
    if any(statuses):
        raise RuntimeError("A process failed; its error is printed above.")
    return seconds


def _process(module: str, arguments: Sequence[object]) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", module, *map(str, arguments)],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def hold_to_core(core: int) -> None:
    """Keep this process on one core, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[core]})


def wait_for_start() -> None:
    """Say that this process is warm, and wait for the others."""
    print("ready", flush=True)
    sys.stdin.readline()
