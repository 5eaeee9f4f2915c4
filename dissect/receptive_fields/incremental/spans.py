"""Which cells of every layer a change in the image reaches, and a wanted cell depends on."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dissect.receptive_fields.incremental.ops import LocalOp

Cells = NDArray[np.int64]


@dataclass(frozen=True)
class Spans:
    """Along one side, for each step of a tape the cells to recompute: from `first` to `end`.

    Arrays (places,), one number for each place of the changed square along this side.
    """

    first: dict[int, Cells]
    end: dict[int, Cells]

    def length(self, step: int) -> Cells:
        lengths: Cells = np.maximum(self.end[step] - self.first[step], 0)
        return lengths

    def window(self, step: int, chosen: NDArray[np.intp], cells: int) -> tuple[Cells, int]:
        """Windows of one size that hold the cells for some places, moved inside the map.

        Returns:
            starts, size: (chosen,) and one number, 0 where nothing is to recompute.
        """
        size = int(self.length(step)[chosen].max(initial=0))
        return np.clip(self.first[step][chosen], 0, cells - size), size


def spans_of(
    links: Mapping[int, LocalOp], side: int, square: tuple[Cells, int], wanted: tuple[int, range]
) -> Spans:
    """The cells that both a change reaches and the wanted cells depend on.

    Args:
        links: the steps of a tape after the image, in order.
        side: 0 along rows, 1 along columns.
        square: the first pixels that change (places,), and how many do.
        wanted: a step and the cells of its map.
    """
    starts, size = square
    first, end = {0: starts}, {0: starts + size}
    for place, link in links.items():
        first[place], end[place] = _reached(link, side, first, end)
    for place, (low, high) in _needed(links, side, wanted).items():
        if place:  # the square itself is there as a whole
            first[place] = np.maximum(first[place], low)
            end[place] = np.minimum(end[place], high)
    return Spans(first, end)


def _reached(
    link: LocalOp, side: int, first: Mapping[int, Cells], end: Mapping[int, Cells]
) -> tuple[Cells, Cells]:
    """Cells of a step that read any changed cell of its sources."""
    step, nearest, farthest = (int(number) for number in link.reads[side])
    cells = link.cells[side]
    lows, highs = [], []
    for ref in link.sources:
        low, high = first[ref.step], end[ref.step]
        changed = high > low
        lows.append(np.where(changed, -((farthest - low) // step), cells))
        highs.append(np.where(changed, (high - 1 - nearest) // step + 1, 0))
    return np.maximum(np.min(lows, axis=0), 0), np.minimum(np.max(highs, axis=0), cells)


def _needed(
    links: Mapping[int, LocalOp], side: int, wanted: tuple[int, range]
) -> dict[int, tuple[int, int]]:
    """For each step the cells that the wanted ones depend on, from first to end."""
    needed = {wanted[0]: (wanted[1].start, wanted[1].stop)}
    for place in sorted(links, reverse=True):
        low, high = needed[place]
        step, nearest, farthest = (int(number) for number in links[place].reads[side])
        first, end = low * step + nearest, (high - 1) * step + farthest + 1
        for ref in links[place].sources:
            others = needed.get(ref.step, (first, end))
            needed[ref.step] = (min(others[0], first), max(others[1], end))
    return needed
