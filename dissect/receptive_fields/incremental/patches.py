"""Windows of maps: cut out for many changed images at once, from what changed and what did not."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


@dataclass(frozen=True)
class Line:
    """Along one side, windows of `count` cells from `start` (n,) on; some may lie outside.

    Held on the host: asking a GPU where they start would make it wait at every step.
    """

    start: NDArray[np.int64]
    count: int

    def cells(self, device: torch.device) -> Tensor:
        """(n, count)"""
        return self.starts(device)[:, None] + torch.arange(self.count, device=device)

    def starts(self, device: torch.device) -> Tensor:
        return torch.from_numpy(self.start).to(device, non_blocking=True)

    def within(self, cells: int) -> bool:
        """Whether no window goes beyond a map of so many cells."""
        return int(self.start.min()) >= 0 and int(self.start.max()) + self.count <= cells


@dataclass(frozen=True)
class Patch:
    """Windows of one result with what changed in them: (n, channels, height, width)."""

    values: Tensor
    rows: Line
    columns: Line

    def covers(self, rows: Line, columns: Line) -> bool:
        """Whether these are the very windows."""
        return (
            (self.rows.count, self.columns.count) == (rows.count, columns.count)
            and np.array_equal(self.rows.start, rows.start)
            and np.array_equal(self.columns.start, columns.start)
        )


def table_of(values: Tensor, outside: float) -> Tensor:
    """The cells of a map row by row, and one that stands for all outside it.

    Args:
        values: (1, channels, height, width).

    Returns:
        (height * width + 1, channels)
    """
    cells = values[0].flatten(1).T
    return torch.cat([cells, cells.new_full((1, cells.shape[1]), outside)])


def cut(
    table: Tensor, size: tuple[int, int], patch: Patch | None, rows: Line, columns: Line
) -> Tensor:
    """Windows of a map as it is in each of n changed images.

    Args:
        table: the unchanged map's, as `table_of` makes it.
        size: height and width of the map.
        patch: what changed; None: nothing.

    Returns:
        (n, channels, rows.count, columns.count), channels last in memory.
    """
    (height, width), device = size, table.device
    y, x = rows.cells(device), columns.cells(device)
    inside = _both((y >= 0) & (y < height), (x >= 0) & (x < width))
    index = torch.where(inside, (y * width)[:, :, None] + x[:, None, :], height * width)
    if patch is not None:
        v = y - patch.rows.starts(device)[:, None]
        u = x - patch.columns.starts(device)[:, None]
        high, wide = patch.rows.count, patch.columns.count
        changed = _both((v >= 0) & (v < high), (u >= 0) & (u < wide)) & inside
        image = torch.arange(len(y), device=device)[:, None, None]
        place = len(table) + (image * high + v[:, :, None]) * wide + u[:, None, :]
        index = torch.where(changed, place, index)
        table = torch.cat([table, patch.values.permute(0, 2, 3, 1).flatten(0, 2)])
    found = table.index_select(0, index.flatten())
    return found.view(len(y), rows.count, columns.count, -1).permute(0, 3, 1, 2)


def _both(rows: Tensor, columns: Tensor) -> Tensor:
    return rows[:, :, None] & columns[:, None, :]
