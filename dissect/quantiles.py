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


class Tail:
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
        self.values = torch.empty(units, 0)
        self.seen = 0
        self._waiting: list[Tensor] = []

    def add(self, cells: Tensor) -> None:
        """Take in sampled cells: (units, any number)."""
        self.seen += cells.shape[1]
        self._waiting.append(cells.to("cpu", torch.float32))
        if sum(part.shape[1] for part in self._waiting) > 2 * self.room + 1024:
            self._shrink()

    def merge(self, other: "Tail") -> None:
        """Take in the tail of another part of the sample."""
        self._waiting.append(other.kept())
        self.seen += other.seen

    def kept(self) -> Tensor:
        """(units, n): the largest values, which are all that matters."""
        self._shrink()
        return self.values

    def fill(self, values: Tensor, seen: int) -> None:
        """Take what another tail kept of `seen` cells in the place of one's own."""
        self.values, self.seen, self._waiting = values, seen, []

    def _shrink(self) -> None:
        values = torch.cat([self.values, *self._waiting], dim=1)
        self.values = values.topk(min(self.room, values.shape[1]), dim=1).values
        self._waiting = []

    def threshold(self) -> NDArray[np.float32]:
        """(units,): the value that at most a share 1 - quantile of the sample lies above."""
        values = self.kept()
        above = math.floor((1 - self.quantile) * self.seen + 1e-9)
        return values[:, above].numpy()
