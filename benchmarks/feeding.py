"""Feeding images with two processes on two cores / twice what one core's bare loop feeds.

Feeding is decoding, resizing, cropping, hashing and normalising, as the pass does it. A run is cut
into shards, and every worker process feeds those that it collects: so two processes, each held to
one core, feed half of the images each. The bare loop is the same work in one process on one core.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from statistics import median
from time import perf_counter

from benchmarks.row import Row, at_least

COUNT, REPEATS, PROCESSES = 2_000, 5, 2
MIN_SHARE = 0.9


def measure(count: int = COUNT) -> list[Row]:
    """The row. `python -m benchmarks.feeding measure 400` is a quick run that stores nothing."""
    ratio = median(_ratio(count) for _ in range(REPEATS))
    name = "feeding images, two processes on two cores / 2 x one core's bare loop"
    return [at_least(name, ratio, MIN_SHARE)]


def _ratio(count: int) -> float:
    half = count // PROCESSES
    one = _seconds([(0, 0, half)])
    both = _seconds([(core, core * half, (core + 1) * half) for core in range(PROCESSES)])
    return one / both  # each fed half of the images


def _seconds(plan: Sequence[tuple[int, int, int]]) -> float:
    """Seconds until all processes, started together, have fed their images.

    Args:
        plan: core, first image and end of each process.
    """
    workers = [
        subprocess.Popen(
            [sys.executable, "-m", "benchmarks.feeding", *map(str, part)],
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for part in plan
    ]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    start = perf_counter()
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    statuses = [worker.wait() for worker in workers]
    seconds = perf_counter() - start
    for worker in workers:
        for stream in (worker.stdin, worker.stdout):
            assert stream is not None
            stream.close()
    if any(statuses):
        raise RuntimeError("A process failed; its error is printed above.")
    return seconds


def main(core: int, first: int, end: int) -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[core]})
    from benchmarks.world import alexnet, photographs
    from dissect.topk.batches import BATCH_SIZE, decoded_batches

    network, images = alexnet(), photographs(end)
    next(decoded_batches(network, images, [0]))  # files and codecs are warm
    print("ready", flush=True)
    sys.stdin.readline()
    for batch in decoded_batches(network, images, range(first, end, BATCH_SIZE)):
        network.preprocessing.normalise(batch.pixels)


if __name__ == "__main__":
    if sys.argv[1] == "measure":
        print(measure(*map(int, sys.argv[2:])))
    else:
        main(*map(int, sys.argv[1:]))
