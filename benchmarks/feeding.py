"""Feeding images with two processes on two cores / twice what one core's bare loop feeds.

Feeding is decoding, resizing, cropping, hashing and normalising, as the pass does it. A run is cut
into shards, and every worker process feeds those that it collects: so two processes, each held to
one core, feed half of the images each. The bare loop is the same work in one process on one core.
"""

import sys
from statistics import median

from benchmarks.row import Row, at_least
from benchmarks.started_together import hold_to_core, seconds_together, wait_for_start

COUNT, REPEATS, PROCESSES = 2_000, 5, 2
MIN_SHARE = 0.9


def measure(count: int = COUNT) -> list[Row]:
    """The row. `python -m benchmarks.feeding measure 400` is a quick run that stores nothing."""
    ratio = median(_ratio(count) for _ in range(REPEATS))
    name = "feeding images, two processes on two cores / 2 x one core's bare loop"
    return [at_least(name, ratio, MIN_SHARE)]


def _ratio(count: int) -> float:
    half = count // PROCESSES
    one = seconds_together("benchmarks.feeding", [(0, 0, half)])
    parts = [(core, core * half, (core + 1) * half) for core in range(PROCESSES)]
    return one / seconds_together("benchmarks.feeding", parts)  # each fed half of the images


def main(core: int, first: int, end: int) -> None:
    hold_to_core(core)
    from benchmarks.world import alexnet, photographs
    from dissect.topk.batches import BATCH_SIZE, decoded_batches

    network, images = alexnet(), photographs(end)
    next(decoded_batches(network, images, [0]))  # files and codecs are warm
    wait_for_start()
    for batch in decoded_batches(network, images, range(first, end, BATCH_SIZE)):
        network.preprocessing.normalise(batch.pixels)


if __name__ == "__main__":
    if sys.argv[1] == "measure":
        print(measure(*map(int, sys.argv[2:])))
    else:
        main(*map(int, sys.argv[1:]))
