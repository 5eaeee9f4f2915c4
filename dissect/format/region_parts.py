"""The connected parts of a region, found from the runs of lit pixels in its rows.

A region has a few dozen runs where it has tens of thousands of pixels, so what is asked of parts is
answered from the runs: how many there are, which one holds the peak, which box it takes.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Region = NDArray[np.bool_]  # (height, width)
Peak = tuple[float, float]  # (y, x), in shares of the view from its top left corner
Runs = NDArray[np.intp]  # (runs,), in reading order


@dataclass(frozen=True)
class Parts:
    """The parts of a region. Pixels that touch at a side or a corner belong to one part.

    Attributes:
        shape: height and width of the region.
        row, start, end: where each run of lit pixels lies; `end` is the column after the last.
        number: of the part that each run belongs to, from 1 in reading order.
    """

    shape: tuple[int, int]
    row: Runs
    start: Runs
    end: Runs
    number: Runs

    @property
    def count(self) -> int:
        return int(self.number.max(initial=0))

    def of_peak(self, peak: Peak) -> int:
        """The number of the part that holds the peak, or else of the part nearest to it.

        There has to be a part. Of equally near ones it is the first in reading order.
        """
        y, x = (
            min(side - 1, max(0, int(share * side)))
            for share, side in zip(peak, self.shape, strict=True)
        )
        nearest = np.minimum(np.maximum(x, self.start), self.end - 1)  # column in each run
        return int(self.number[np.argmin((self.row - y) ** 2 + (nearest - x) ** 2)])

    def edges(self, number: int) -> tuple[int, int, int, int]:
        """The box of a part: its top, bottom, left and right edges in pixels."""
        own = self.number == number
        row = self.row[own]
        return int(row[0]), int(row[-1]) + 1, int(self.start[own].min()), int(self.end[own].max())

    def labels(self) -> NDArray[np.int64]:
        """The number of the part that each pixel is in, (height, width); 0 is outside."""
        labels = np.zeros(self.shape, dtype=np.int64)
        runs = (self.row, self.start, self.end, self.number)
        for row, start, end, number in zip(*(each.tolist() for each in runs), strict=True):
            labels[row, start:end] = number
        return labels


def parts_of(region: Region) -> Parts:
    """Find the connected parts that a region consists of."""
    height, width = region.shape
    step = width + 1  # a dark column after each row keeps the runs of two rows apart
    flat = np.zeros(height * step + 1, dtype=bool)  # and a dark pixel comes first
    flat[1:].reshape(height, step)[:, :width] = region
    turns = np.flatnonzero(flat[1:] != flat[:-1])  # where a run begins, where it ends, and so on
    starts, ends = turns[::2], turns[1::2]
    row = starts // step
    number = _numbers(starts, ends, step)
    return Parts((height, width), row, starts - row * step, ends - row * step, number)


def part_counts(regions: NDArray[np.bool_]) -> NDArray[np.intp]:
    """How many connected parts each of some regions has: (n,) of (n, height, width).

    All are looked at as one region, with a dark row after each to keep their parts apart.
    """
    count, height, width = regions.shape
    joined = np.pad(regions, ((0, 0), (0, 1), (0, 0)))
    parts = parts_of(joined.reshape(-1, width))
    first = np.unique(parts.number, return_index=True)[1]  # run of each part
    return np.bincount(parts.row[first] // (height + 1), minlength=count)


def _numbers(starts: Runs, ends: Runs, step: int) -> Runs:
    """Number the runs by part.

    A run touches those of the row above that end after its start and start before its end, corners
    included: they are consecutive. It joins the part of the first one, and the others join too.

    Args:
        starts, ends: of the runs, in pixels from the top left; a row has `step` of them.
    """
    first = np.searchsorted(ends, starts - step, "left")
    last = np.searchsorted(starts, ends - step, "right")
    runs = np.arange(len(starts))
    root = np.where(first < last, first, runs)
    while not np.array_equal(higher := root[root], root):  # halves the way to the topmost run
        root = higher
    for run in np.flatnonzero(last - first > 1).tolist():
        for other in range(first[run] + 1, last[run]):
            low, high = sorted((root[run], root[other]))
            root[root == high] = low
    return np.asarray(np.cumsum(root == runs)[root])
