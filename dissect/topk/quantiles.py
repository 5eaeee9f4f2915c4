"""A high quantile of every unit's activations, over a fixed hashed sample of cells.

Only the upper tail of the sample is kept, so memory is a constant a unit; the tail of a union is
the tail of the tails, so partial results merge in any order, to the bit.
"""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dissect.errors import BadSetting


class UpperTail:
    """The largest values of each unit's sample, enough to read one quantile.

    Args:
        units: how many.
        quantile: from 0.5 to below 1; Network Dissection takes 0.995 (Bau et al. 2017,
            arXiv:1704.05796).
        most: sampled cells a unit, at most.
    """

    def __init__(self, units: int, quantile: float, most: int) -> None:
        if not 0.5 <= quantile < 1:
            raise BadSetting(f"The quantile must be from 0.5 to below 1, got {quantile}.")
        self.quantile = quantile
        self.room = math.floor((1 - quantile) * most + 1e-9) + 1
        self.seen = 0
        self._values = np.empty((units, 0), dtype=np.float32)  # in no order
        self._floor = np.full((units, 1), -np.inf, dtype=np.float32)  # the smallest of them
        self._waiting: list[NDArray[np.float32]] = []

    def add(self, cells: Tensor) -> None:
        """Take in sampled cells: (units, any number)."""
        self.seen += cells.shape[1]
        self._waiting.append(self._above_floor(cells.to(torch.float32)))
        if sum(part.shape[1] for part in self._waiting) > 2 * self.room + 1024:
            self._shrink()

    def _above_floor(self, cells: Tensor) -> NDArray[np.float32]:
        """Those that are not below all that is kept already; -inf pads units with fewer."""
        if self._values.shape[1] < self.room:
            return np.asarray(cells.cpu().numpy())
        units, count = cells.shape
        at, values = _above(cells, self._floor)
        unit = at // count
        counts = np.bincount(unit, minlength=units)
        place = np.arange(len(at)) - np.repeat(counts.cumsum() - counts, counts)
        kept = np.full((units, counts.max(initial=0)), -np.inf, dtype=np.float32)
        kept[unit, place] = values
        return kept

    def merge(self, other: "UpperTail") -> None:
        """Take in the tail of another part of the sample."""
        self._waiting.append(other.kept())
        self.seen += other.seen

    def kept(self) -> NDArray[np.float32]:
        """(units, n): the largest values, largest first, which are all that matters."""
        self._shrink()
        self._values = -np.sort(-self._values, axis=1)
        return self._values

    def fill(self, values: NDArray[np.float32], seen: int) -> None:
        """Take what another tail kept of `seen` cells in the place of one's own."""
        self._values, self.seen, self._waiting = values, seen, []
        self._floor = values.min(axis=1, keepdims=True, initial=np.inf)

    def _shrink(self) -> None:
        values = np.concatenate([self._values, *self._waiting], axis=1)
        if (surplus := values.shape[1] - self.room) > 0:
            values = np.partition(values, surplus, axis=1)[:, surplus:]
        self._values, self._waiting = values, []
        self._floor = values.min(axis=1, keepdims=True, initial=np.inf)

    def threshold(self) -> NDArray[np.float32]:
        """(units,): the value that at most a share 1 - quantile of the sample lies above."""
        above = math.floor((1 - self.quantile) * self.seen + 1e-9)
        return self.kept()[:, above]


def _above(
    cells: Tensor, floor: NDArray[np.float32]
) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Places (n,) in the flattened cells of those above each unit's floor, and their values.

    A GPU looks by itself and hands over these few.
    """
    if cells.device.type == "cpu":
        every = cells.numpy()
        at = np.flatnonzero(every > floor)
        return at, every.ravel()[at]
    there = (cells > torch.from_numpy(floor).to(cells.device)).flatten().nonzero()[:, 0]
    return there.cpu().numpy(), cells.flatten()[there].cpu().numpy()
