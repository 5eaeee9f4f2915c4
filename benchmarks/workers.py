"""Two workers against one, each pinned to a core, on the shards of a pass over five layers.

A worker is a process that collects shards of AlexNet and stores their partial results. The clock
starts after the workers have loaded the network, which each does once for all its shards. Where
processes cannot be pinned to cores (macOS), each has one thread.
"""

import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks.row import Row, at_least

COUNT = 512
SHARDS = [(0, 256), (256, 512)]


def measure() -> list[Row]:
    ratio = median(_seconds([SHARDS]) / _seconds([SHARDS[:1], SHARDS[1:]]) for _ in range(3))
    return [at_least("one worker / two workers, each held to one core", ratio, 1.6)]


def _seconds(plan: list[list[tuple[int, int]]]) -> float:
    """Seconds until all workers, started together, have collected their shards.

    Args:
        plan: the shards of each worker, as (first image, end).
    """
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory())
        workers = [
            stack.enter_context(_worker(core, folder, shards)) for core, shards in enumerate(plan)
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
        if any(statuses):
            raise RuntimeError("A worker failed; its error is printed above.")
        return perf_counter() - start


def _worker(core: int, folder: str, shards: list[tuple[int, int]]) -> "subprocess.Popen[str]":
    edges = [str(edge) for shard in shards for edge in shard]
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks.workers", str(core), folder, *edges],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def main(core: int, folder: str, edges: list[int]) -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[core]})
    from benchmarks.world import DEVICE, LAYERS, alexnet, photographs
    from dissect.storage.store import Folder
    from dissect.topk.batches import BATCH_SIZE
    from dissect.topk.collect import collect_range
    from dissect.topk.results import TopKSettings, result_origin, result_to_bytes

    network, images, wanted = alexnet(), photographs(COUNT), TopKSettings(LAYERS, 120, 60)
    of, store = result_origin(network, wanted, images, DEVICE), Folder(Path(folder))
    collect_range(
        network, wanted, images, range(0, BATCH_SIZE, BATCH_SIZE), DEVICE
    )  # kernels are warm
    print("ready", flush=True)
    sys.stdin.readline()
    for first, stop in zip(edges[::2], edges[1::2], strict=True):
        partial = collect_range(network, wanted, images, range(first, stop, BATCH_SIZE), DEVICE)
        store.put(f"{first}.npz", result_to_bytes(partial, of))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], [int(edge) for edge in sys.argv[3:]])
