"""A high quantile of every unit's activations, over a fixed hashed sample of cells.

Only the upper tail of the sample is kept, so memory per unit is constant. The tail of a union is
the tail of the tails, so partial results merge in any order, to the bit.
"""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dissect.errors import BadSetting
from dissect.images.image_list import ImageList
from dissect.topk.sampling import cells_of_each, sampled_images

MIN_PENDING = 1024  # values of a unit that wait, beyond twice the capacity, before a sort
MAX_PENDING_BYTES = 1 << 26  # of all units; more do not wait
UNITS_AT_ONCE = 64  # that are sorted together, in memory that stays in the cache


class UpperTail:
    """The largest values of each unit's sample, enough to read one quantile.

    >>> tail = UpperTail(units=1, quantile=0.9, max_cells=20)
    >>> tail.add(torch.arange(20.0)[None])
    >>> tail.threshold()  # two of twenty values lie above
    array([17.], dtype=float32)

    Args:
        quantile: from 0.5 to below 1; Network Dissection takes 0.995 (Bau et al. 2017,
            arXiv:1704.05796).
        max_cells: the largest number of sampled cells of a unit.

    Attributes:
        capacity: values kept for each unit.
        seen: sampled cells of a unit so far.
    """

    def __init__(self, units: int, quantile: float, max_cells: int) -> None:
        if not 0.5 <= quantile < 1:
            raise BadSetting(f"The quantile must be from 0.5 to below 1, got {quantile}.")
        self.quantile = quantile
        # 1e-9 absorbs the rounding of 1 - quantile: 0.1 * 20 must not floor to 1.
        self.capacity = math.floor((1 - quantile) * max_cells + 1e-9) + 1
        self.seen = 0
        self._values = np.empty((units, 0), dtype=np.float32)  # (units, up to capacity), unsorted
        self._floor = np.full((units, 1), -np.inf, dtype=np.float32)  # the smallest of _values
        self._pending: list[NDArray[np.float32]] = []  # (units, n) each, not sorted yet

    def add(self, cells: Tensor) -> None:
        """Add sampled cells: (units, any number)."""
        self.seen += cells.shape[1]
        self._pending.append(self._above_floor(cells.to(torch.float32)))
        waiting = sum(part.shape[1] for part in self._pending)
        is_large = sum(part.nbytes for part in self._pending) > MAX_PENDING_BYTES
        if waiting > 2 * self.capacity + MIN_PENDING or is_large:
            self._shrink()

    def _above_floor(self, cells: Tensor) -> NDArray[np.float32]:
        """Those cells that can belong to the tail, (units, n); -inf pads units with fewer."""
        if self._values.shape[1] < self.capacity:
            return np.asarray(cells.cpu().numpy())
        units, count = cells.shape
        position, values = _above(cells, self._floor)  # (n,), (n,), in order of unit
        unit = position // count
        counts = np.bincount(unit, minlength=units)
        # Column within the unit: the running number minus that of the unit's first value.
        column = np.arange(len(position)) - np.repeat(counts.cumsum() - counts, counts)
        kept = np.full((units, counts.max(initial=0)), -np.inf, dtype=np.float32)
        kept[unit, column] = values
        return kept

    def merge(self, other: "UpperTail") -> None:
        """Add the tail of another part of the sample."""
        self._pending.append(other.values())
        self.seen += other.seen

    def values(self) -> NDArray[np.float32]:
        """The kept values, (units, up to capacity), largest first."""
        self._shrink()
        self._values = -np.sort(-self._values, axis=1)
        return self._values

    def fill(self, values: NDArray[np.float32], seen: int) -> None:
        """Replace this tail by the `values` of another, whose sample had `seen` cells."""
        self._values, self.seen, self._pending = values, seen, []
        self._floor = values.min(axis=1, keepdims=True, initial=np.inf)

    def _shrink(self) -> None:
        """Sort all values, and keep the largest `capacity` of each unit.

        A partition takes five times as long where many values are equal, as after a ReLU.
        """
        parts = [self._values, *self._pending]
        units, width = len(self._values), sum(part.shape[1] for part in parts)
        surplus = max(0, width - self.capacity)
        values = np.empty((units, width - surplus), dtype=np.float32)
        for first in range(0, units, UNITS_AT_ONCE):
            some = slice(first, first + UNITS_AT_ONCE)
            joined = np.concatenate([part[some] for part in parts], axis=1)
            if surplus:
                joined.sort(axis=1)
            values[some] = joined[:, surplus:]
        self._values, self._pending = values, []
        self._floor = values.min(axis=1, keepdims=True, initial=np.inf)

    def threshold(self) -> NDArray[np.float32]:
        """The quantile of each unit, (units,): a share of at most 1 - quantile lies above it."""
        above = math.floor((1 - self.quantile) * self.seen + 1e-9)
        return self.values()[:, above]


def _above(
    cells: Tensor, floor: NDArray[np.float32]
) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Positions (n,) in the flattened cells of those above each unit's floor, and their values.

    On a GPU the comparison runs there, so only these few values are copied to the host.
    """
    if cells.device.type == "cpu":
        array = cells.numpy()
        position = np.flatnonzero(array > floor)
        return position, array.ravel()[position]
    on_device = (cells > torch.from_numpy(floor).to(cells.device)).flatten().nonzero()[:, 0]
    return on_device.cpu().numpy(), cells.flatten()[on_device].cpu().numpy()


def quantile_sample(images: ImageList) -> dict[str, int]:
    """How many images, and cells of each map, the quantiles of a pass's result come from."""
    sampled = len(sampled_images(len(images)))
    return {"images": sampled, "cells": cells_of_each(sampled)}
