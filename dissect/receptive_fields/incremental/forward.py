"""Recomputes only what a changed square of the image affects, layer by layer.

A square of 11 px changes a few cells of a layer, and the watched cell of the last layer depends on
a few of these. From layer to layer more cells are changed, and fewer are needed for the watched
cell, so in every layer few cells are both. Only these are computed; all other values come from the
trace of the unchanged image. Squares at many places are computed together, each with its own window
of every map. Nakandala et al. 2019 (SIGMOD, doi:10.1145/3299869.3319874) follow the change in this
way; the restriction to cells that the watched cell needs is new here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dissect.receptive_fields.incremental.ops import LocalOp, NotLocal, local_ops_to
from dissect.receptive_fields.incremental.spans import Cells, Spans, spans_of
from dissect.receptive_fields.incremental.trace import Ref, Trace

Cell = tuple[int, int]  # row and column in a layer's map

# By device: values in the largest map of a batch, and squares in a batch. 16 MB stay in a CPU's
# cache; a GPU needs larger batches to be busy.
BATCH_LIMITS = {"cpu": (4_000_000, 512), "cuda": (64_000_000, 5184)}
MIN_SQUARES = 8  # in a batch


@dataclass(frozen=True)
class Slices:
    """One slice for each changed image along one side of a map; it may reach beyond the map.

    The starts stay on the host: reading them from a GPU would stall it at every step.

    Attributes:
        start: (n,), first cells.
        count: cells of each slice.
    """

    start: NDArray[np.int64]
    count: int

    def cells(self, device: torch.device) -> Tensor:
        """(n, count)"""
        return self.starts(device)[:, None] + torch.arange(self.count, device=device)

    def starts(self, device: torch.device) -> Tensor:
        """(n,)"""
        return torch.from_numpy(self.start).to(device, non_blocking=True)

    def within(self, cells: int) -> bool:
        """Whether all slices lie inside a map with this number of cells."""
        return int(self.start.min()) >= 0 and int(self.start.max()) + self.count <= cells


@dataclass(frozen=True)
class Patch:
    """The recomputed part of one result in each changed image: (n, channels, height, width)."""

    values: Tensor
    rows: Slices
    columns: Slices

    def covers(self, rows: Slices, columns: Slices) -> bool:
        """Whether the patch is exactly these slices."""
        return (
            (self.rows.count, self.columns.count) == (rows.count, columns.count)
            and np.array_equal(self.rows.start, rows.start)
            and np.array_equal(self.columns.start, columns.start)
        )


def cell_table(values: Tensor, outside: float) -> Tensor:
    """The table of unchanged cells for an incremental forward: a row a cell, the last for outside.

    Args:
        values: (1, channels, height, width).

    Returns:
        (height * width + 1, channels)
    """
    cells = values[0].flatten(1).T
    return torch.cat([cells, cells.new_full((1, cells.shape[1]), outside)])


def cut_windows(
    table: Tensor, size: tuple[int, int], patch: Patch | None, rows: Slices, columns: Slices
) -> Tensor:
    """Cut out of n changed images what an incremental forward recomputes.

    Args:
        table: the unchanged map, from `cell_table`.
        size: height and width of the map.
        patch: the recomputed part of the map; None if nothing changed.

    Returns:
        (n, channels, rows.count, columns.count), channels last in memory.
    """
    (height, width), device = size, table.device
    y, x = rows.cells(device), columns.cells(device)  # (n, rows), (n, columns)
    inside = _both((y >= 0) & (y < height), (x >= 0) & (x < width))  # (n, rows, columns)
    index = torch.where(inside, (y * width)[:, :, None] + x[:, None, :], height * width)
    if patch is not None:
        # The patches of all images go behind the unchanged cells, so one index_select reads both.
        v = y - patch.rows.starts(device)[:, None]  # rows and columns within the patch
        u = x - patch.columns.starts(device)[:, None]
        patch_height, patch_width = patch.rows.count, patch.columns.count
        in_patch = _both((v >= 0) & (v < patch_height), (u >= 0) & (u < patch_width)) & inside
        image = torch.arange(len(y), device=device)[:, None, None]
        row = (image * patch_height + v[:, :, None]) * patch_width + u[:, None, :]
        index = torch.where(in_patch, len(table) + row, index)
        table = torch.cat([table, patch.values.permute(0, 2, 3, 1).flatten(0, 2)])
    cells = table.index_select(0, index.flatten())  # (n * rows * columns, channels)
    return cells.view(len(y), rows.count, columns.count, -1).permute(0, 3, 1, 2)


def _both(rows: Tensor, columns: Tensor) -> Tensor:
    """The logical and of (n, rows) and (n, columns): (n, rows, columns)."""
    return rows[:, :, None] & columns[:, None, :]


class IncrementalForward:
    """The forward from a traced image to one layer, for images that differ from it in a square.

    A place is a position of the square; along each side it is the number of its row or column.

    Raises:
        NotLocal: an operation before the layer mixes the whole map.
    """

    def __init__(self, trace: Trace, layer: str) -> None:
        if layer not in trace.layers:
            raise NotLocal(layer)
        self.steps, self.target = trace.steps, trace.layers[layer]
        self.ops = local_ops_to(self.target, trace.steps)
        self._tables: dict[tuple[Ref, float], Tensor] = {}

    def spans(self, side: int, starts: Cells, size: int, watched: range) -> Spans:
        """The cells to recompute along rows (side 0) or columns (side 1).

        Args:
            starts: (places,), the square's first pixel at each place.
            size: pixels of the square's side.
            watched: cells of the layer's map.
        """
        return spans_of(self.ops, side, (starts, size), (self.target.step, watched))

    def reached(self, spans: Spans) -> NDArray[np.bool_]:
        """(places,): whether the square can change a watched cell, along one side."""
        changes: NDArray[np.bool_] = spans.length(self.target.step) > 0
        return changes

    def whole_cost(self) -> float:
        """The approximate cost of a forward of a whole image up to the layer, in the same unit."""
        return sum(op.cost * op.cells[0] * op.cells[1] for op in self.ops.values())

    def cost(self, rows: Spans, columns: Spans) -> float:
        """The approximate cost of all places, in multiplications."""
        return sum(
            op.cost * float(rows.length(step).sum()) * float(columns.length(step).sum())
            for step, op in self.ops.items()
        )

    def batch_size(self, rows: Spans, columns: Spans) -> int:
        """The number of squares to compute together."""
        largest = max(
            int(rows.length(step).max())
            * int(columns.length(step).max())
            * int(self.steps[step].values[0].shape[1])
            for step in self.ops
        )
        max_values, max_squares = BATCH_LIMITS[self.steps[0].values[0].device.type]
        return min(max_squares, max(MIN_SQUARES, max_values // max(1, largest)))

    def values(
        self,
        squares: Tensor,
        rows: Spans,
        columns: Spans,
        places: tuple[NDArray[np.intp], NDArray[np.intp]],
        cells: Sequence[Cell],
    ) -> Tensor:
        """The layer's output at some cells, for the image with each square pasted in.

        Args:
            squares: (n, channels, size, size), normalized.
            rows, columns: the cells to recompute along each side.
            places: (n,), (n,): the row and the column of each square's place.
            cells: cells that were watched when the spans were made.

        Returns:
            (n, channels, cells)
        """
        size = squares.shape[-1]
        corner = rows.first[0][places[0]], columns.first[0][places[1]]
        patches = {Ref(0): Patch(squares, Slices(corner[0], size), Slices(corner[1], size))}
        for step, op in self.ops.items():
            down = Slices(*rows.window(step, places[0], op.cells[0]))
            across = Slices(*columns.window(step, places[1], op.cells[1]))
            if down.count and across.count:
                for item, value in enumerate(self._run(op, patches, down, across)):
                    patches[Ref(step, item)] = Patch(value, down, across)
        ones = np.ones(len(squares), dtype=np.int64)
        outputs = [
            self._window(patches, self.target, Slices(ones * y, 1), Slices(ones * x, 1), 0.0)
            for y, x in cells
        ]
        return torch.cat(outputs, dim=3).flatten(2)

    def _run(
        self, op: LocalOp, patches: dict[Ref, Patch], down: Slices, across: Slices
    ) -> list[Tensor]:
        """The operation's results on the slices `down` and `across` of its output map."""
        rows, columns = (
            Slices(
                out.start * int(window.step) + int(window.first),
                (out.count - 1) * int(window.step) + int(window.last - window.first) + 1,
            )
            for out, window in zip((down, across), op.windows, strict=True)
        )
        return op.run([self._window(patches, ref, rows, columns, op.fill) for ref in op.sources])

    def _window(
        self, patches: dict[Ref, Patch], ref: Ref, rows: Slices, columns: Slices, outside: float
    ) -> Tensor:
        """A window of a result in each changed image: (n, channels, rows, columns)."""
        patch = patches.get(ref)
        value = self.steps[ref.step].values[ref.item]
        height, width = value.shape[2:]
        if patch and patch.covers(rows, columns) and rows.within(height) and columns.within(width):
            return patch.values
        if (ref, outside) not in self._tables:
            self._tables[ref, outside] = cell_table(value, outside)
        return cut_windows(self._tables[ref, outside], (height, width), patch, rows, columns)
