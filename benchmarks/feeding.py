"""Feeding images with two processes on two cores / twice what one core's bare loop feeds.

Feeding is decoding, resizing, cropping, hashing and normalizing, as the pass does it. A run is cut
into shards, and every worker process feeds those that it collects: so two processes, each held to
one core, feed half of the images each. The bare loop decodes, resizes, crops and normalizes one
image after the other, in one process on one core, without threads, batches or hashes.

Two bare loops share nothing but the machine, and yet two at once may feed less than twice what one
feeds: two cores may be the two threads of one, and share caches and memory. No program
feeds more than that ceiling. It is printed, and the second row compares with it.
"""

import sys
from collections.abc import Iterator
from statistics import median
from typing import NamedTuple

from benchmarks.row import Row, at_least
from benchmarks.started_together import hold_to_core, seconds_together, wait_for_start

COUNT, REPEATS, PROCESSES = 2_000, 5, 2
MIN_SHARE = 0.9


class Seconds(NamedTuple):
    """Seconds for half of the images by one bare loop; for all by two bare loops; and fed."""

    one: float
    bare: float
    fed: float


def measure(count: int = COUNT, repeats: int = REPEATS) -> list[Row]:
    """The rows. `python -m benchmarks.feeding measure 400` is a quick run that stores nothing."""
    runs = [_run(count // PROCESSES) for _ in range(repeats)]
    ceilings = sorted(run.one / run.bare for run in runs)
    print(
        f"two bare loops at once feed {median(ceilings):.2f} x what two cores would "
        f"({ceilings[0]:.2f} to {ceilings[-1]:.2f})",
        file=sys.stderr,
    )
    name = "feeding images, two processes on two cores"
    of_one = median(run.one / run.fed for run in runs)
    of_two = median(run.bare / run.fed for run in runs)
    return [
        at_least(f"{name} / 2 x one core's bare loop", of_one, MIN_SHARE),
        at_least(f"{name} / two bare loops at once", of_two, MIN_SHARE),
    ]


def _run(half: int) -> Seconds:
    parts = [(core, core * half, (core + 1) * half) for core in range(PROCESSES)]
    bare, fed = ([(kind, *part) for part in parts] for kind in ("bare", "fed"))
    plans = (bare[:1], bare, fed)
    return Seconds(*(seconds_together("benchmarks.feeding", plan) for plan in plans))


def main(kind: str, core: int, first: int, end: int) -> None:
    """Feed the images from `first` to `end`, once all processes are warm."""
    hold_to_core(core)
    feed = _bare_loop if kind == "bare" else _pass_feeds
    next(feed(0, end))  # files and codecs are warm
    wait_for_start()
    for _ in feed(first, end):
        pass


def _bare_loop(first: int, end: int) -> Iterator[None]:
    from benchmarks.world import alexnet, photographs

    view, images = alexnet().preprocessing, photographs(end)
    for place in range(first, end):
        view.normalise(view.pixels(images.open(place))[None])
        yield


def _pass_feeds(first: int, end: int) -> Iterator[None]:
    from benchmarks.world import alexnet, photographs
    from dissect.topk.batches import BATCH_SIZE, decoded_batches

    network, images = alexnet(), photographs(end)
    for batch in decoded_batches(network, images, range(first, end, BATCH_SIZE)):
        network.preprocessing.normalise(batch.pixels)
        yield


if __name__ == "__main__":
    if sys.argv[1] == "measure":
        print(measure(*map(int, sys.argv[2:])))
    else:
        main(sys.argv[1], *map(int, sys.argv[2:]))
