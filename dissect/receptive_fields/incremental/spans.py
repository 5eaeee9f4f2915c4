"""Which cells of each step a change in the image reaches and a watched cell depends on."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dissect.receptive_fields.incremental.ops import LocalOp

Cells = NDArray[np.int64]


@dataclass(frozen=True)
class Spans:
    """The cells to recompute along one side, for each step of a trace.

    Attributes:
        first, end: by step, (places,): the first cell and the one after the last, for each place
            of the changed square along this side.
    """

    first: dict[int, Cells]
    end: dict[int, Cells]

    def length(self, step: int) -> Cells:
        """(places,): cells to recompute."""
        lengths: Cells = np.maximum(self.end[step] - self.first[step], 0)
        return lengths

    def window(self, step: int, chosen: NDArray[np.intp], cells: int) -> tuple[Cells, int]:
        """Windows of one size that hold the cells to recompute, moved inside the map.

        Args:
            chosen: (n,), numbers of places.
            cells: of the map along this side.

        Returns:
            starts, size: (n,), and the size of all windows; 0 where there is nothing to recompute.
        """
        size = int(self.length(step)[chosen].max(initial=0))
        return np.clip(self.first[step][chosen], 0, cells - size), size


def spans_of(
    ops: Mapping[int, LocalOp], side: int, square: tuple[Cells, int], watched: tuple[int, range]
) -> Spans:
    """The spans of cells, step by step, that a change reaches and the watched cells depend on.

    Args:
        ops: the steps of a trace after the image, in order.
        side: 0 along rows, 1 along columns.
        square: the first changed pixels (places,), and the number of changed pixels.
        watched: a step, and the cells of its map along this side.
    """
    starts, size = square
    first, end = {0: starts}, {0: starts + size}
    for step, op in ops.items():
        first[step], end[step] = _changed(op, side, first, end)
    for step, (low, high) in _needed(ops, side, watched).items():
        if step:  # step 0 is the image, where the square is put in as a whole
            first[step] = np.maximum(first[step], low)
            end[step] = np.minimum(end[step], high)
    return Spans(first, end)


def _changed(
    op: LocalOp, side: int, first: Mapping[int, Cells], end: Mapping[int, Cells]
) -> tuple[Cells, Cells]:
    """The cells of a step that read any changed cell of its sources: first and end, (places,)."""
    step, nearest, farthest = (int(number) for number in op.windows[side])
    cells = op.cells[side]
    lows, highs = [], []
    for ref in op.sources:
        low, high = first[ref.step], end[ref.step]
        changed = high > low
        # Output o reads up to step * o + farthest: the first to read `low` is its ceiling.
        lows.append(np.where(changed, -((farthest - low) // step), cells))
        highs.append(np.where(changed, (high - 1 - nearest) // step + 1, 0))
    return np.maximum(np.min(lows, axis=0), 0), np.minimum(np.max(highs, axis=0), cells)


def _needed(
    ops: Mapping[int, LocalOp], side: int, watched: tuple[int, range]
) -> dict[int, tuple[int, int]]:
    """For each step the cells that the watched ones depend on, from first to end."""
    needed = {watched[0]: (watched[1].start, watched[1].stop)}
    for number in sorted(ops, reverse=True):
        low, high = needed[number]
        step, nearest, farthest = (int(value) for value in ops[number].windows[side])
        first, end = low * step + nearest, (high - 1) * step + farthest + 1
        for ref in ops[number].sources:
            old_first, old_end = needed.get(ref.step, (first, end))
            needed[ref.step] = (min(old_first, first), max(old_end, end))
    return needed
