"""Two workers against one, each pinned to a core, on the shards of a pass over five layers.

A worker is a process that collects shards of AlexNet and stores their partial results. The clock
starts after the workers have loaded the network, which each does once for all its shards. Where
processes cannot be pinned to cores (macOS), each has one thread.
"""

import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.row import Row, at_least
from benchmarks.started_together import hold_to_core, seconds_together, wait_for_start

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
    with TemporaryDirectory() as folder:
        parts = [
            [core, folder, *(edge for shard in shards for edge in shard)]
            for core, shards in enumerate(plan)
        ]
        return seconds_together("benchmarks.workers", parts)


def main(core: int, folder: str, edges: list[int]) -> None:
    hold_to_core(core)
    from benchmarks.world import DEVICE, LAYERS, alexnet, photographs
    from dissect.storage.store import Folder
    from dissect.topk.batches import BATCH_SIZE
    from dissect.topk.collect import collect_range
    from dissect.topk.results import TopKSettings
    from dissect.topk.stored_results import result_origin, result_to_bytes

    network, images, wanted = alexnet(), photographs(COUNT), TopKSettings(LAYERS, 120, 60)
    of, store = result_origin(network, wanted, images, DEVICE), Folder(Path(folder))
    collect_range(
        network, wanted, images, range(0, BATCH_SIZE, BATCH_SIZE), DEVICE
    )  # kernels are warm
    wait_for_start()
    for first, stop in zip(edges[::2], edges[1::2], strict=True):
        partial = collect_range(network, wanted, images, range(first, stop, BATCH_SIZE), DEVICE)
        store.put(f"{first}.npz", result_to_bytes(partial, of))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], [int(edge) for edge in sys.argv[3:]])
