"""Recompute only what a changed square of the image can reach, layer by layer.

A square of 11 px changes a few cells of a layer; and of these only those matter that the wanted
cell of the last layer depends on. The two grow from opposite ends, so their overlap is small in
every layer, and all other cells are those of the unchanged image, kept on a tape. Squares at
many places go through together, each with its own window of every map. (Nakandala et al. 2019,
"Incremental and Approximate Inference for Faster Occlusion-based Deep CNN Explanations", SIGMOD,
follow the change so; the wanted cell's cone is added here.)
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


@dataclass(frozen=True)
class Windows:
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
    rows: Windows
    columns: Windows

    def covers(self, rows: Windows, columns: Windows) -> bool:
        """Whether these are the very windows."""
        return (
            (self.rows.count, self.columns.count) == (rows.count, columns.count)
            and np.array_equal(self.rows.start, rows.start)
            and np.array_equal(self.columns.start, columns.start)
        )


def cell_table(values: Tensor, outside: float) -> Tensor:
    """The cells of a map row by row, and one that stands for all outside it.

    Args:
        values: (1, channels, height, width).

    Returns:
        (height * width + 1, channels)
    """
    cells = values[0].flatten(1).T
    return torch.cat([cells, cells.new_full((1, cells.shape[1]), outside)])


def cut_windows(
    table: Tensor, size: tuple[int, int], patch: Patch | None, rows: Windows, columns: Windows
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


# Numbers in the largest map of a batch, and squares in it: a CPU's 16 MB stay in its cache, a GPU
# wants to be kept busy.
AT_ONCE = {"cpu": (4_000_000, 512), "cuda": (64_000_000, 5184)}


class IncrementalForward:
    """From the image on a tape to one layer's map.

    Raises:
        NotLocal: some operation on the way mixes the whole map.
    """

    def __init__(self, tape: Trace, layer: str) -> None:
        if layer not in tape.layers:
            raise NotLocal(layer)
        self.steps, self.target = tape.steps, tape.layers[layer]
        self.links = local_ops_to(self.target, tape.steps)
        self._tables: dict[tuple[Ref, float], Tensor] = {}

    def spans(self, side: int, starts: Cells, size: int, wanted: range) -> Spans:
        """The cells to recompute along rows (side 0) or columns (side 1).

        Args:
            starts: (places,), first pixels of the square. size: its pixels.
            wanted: cells of the layer's map.
        """
        return spans_of(self.links, side, (starts, size), (self.target.step, wanted))

    def reached(self, spans: Spans) -> NDArray[np.bool_]:
        """(places,): where along a side the square can change any wanted cell."""
        there: NDArray[np.bool_] = spans.length(self.target.step) > 0
        return there

    def cost(self, rows: Spans, columns: Spans) -> float:
        """Roughly what all places together take."""
        return sum(
            each.cost * float(rows.length(place).sum()) * float(columns.length(place).sum())
            for place, each in self.links.items()
        )

    def at_once(self, rows: Spans, columns: Spans) -> int:
        """How many squares go through together."""
        largest = max(
            int(rows.length(place).max())
            * int(columns.length(place).max())
            * int(self.steps[place].values[0].shape[1])
            for place in self.links
        )
        numbers, most = AT_ONCE[self.steps[0].values[0].device.type]
        return min(most, max(8, numbers // max(1, largest)))

    def values(
        self,
        squares: Tensor,
        rows: Spans,
        columns: Spans,
        chosen: tuple[NDArray[np.intp], NDArray[np.intp]],
        cells: Sequence[Cell],
    ) -> Tensor:
        """What the layer puts out at some cells when squares are put into the image.

        Args:
            squares: (n, channels, size, size), normalised.
            chosen: (n,), (n,): where each square stands among the places of rows and columns.
            cells: among those wanted when the spans were made.

        Returns:
            (n, channels, cells)
        """
        size = squares.shape[-1]
        corner = rows.first[0][chosen[0]], columns.first[0][chosen[1]]
        patches = {Ref(0): Patch(squares, Windows(corner[0], size), Windows(corner[1], size))}
        for place, each in self.links.items():
            down = Windows(*rows.window(place, chosen[0], each.cells[0]))
            across = Windows(*columns.window(place, chosen[1], each.cells[1]))
            if down.count and across.count:
                for item, value in enumerate(self._carried_out(each, patches, down, across)):
                    patches[Ref(place, item)] = Patch(value, down, across)
        count = np.ones(len(squares), dtype=np.int64)
        found = [
            self._window(patches, self.target, Windows(count * y, 1), Windows(count * x, 1), 0.0)
            for y, x in cells
        ]
        return torch.cat(found, dim=3).flatten(2)

    def _carried_out(
        self, each: LocalOp, patches: dict[Ref, Patch], down: Windows, across: Windows
    ) -> list[Tensor]:
        """An operation on the windows that it reads, for windows of its result."""
        rows, columns = (
            Windows(
                line.start * int(side.step) + int(side.first),
                (line.count - 1) * int(side.step) + int(side.last - side.first) + 1,
            )
            for line, side in zip((down, across), each.reads, strict=True)
        )
        return each.run(
            [self._window(patches, ref, rows, columns, each.fill) for ref in each.sources]
        )

    def _window(
        self, patches: dict[Ref, Patch], ref: Ref, rows: Windows, columns: Windows, outside: float
    ) -> Tensor:
        """A result as it is now: (n, channels, rows.count, columns.count)."""
        patch = patches.get(ref)
        value = self.steps[ref.step].values[ref.item]
        height, width = value.shape[2:]
        if patch and patch.covers(rows, columns) and rows.within(height) and columns.within(width):
            return patch.values
        if (ref, outside) not in self._tables:
            self._tables[ref, outside] = cell_table(value, outside)
        return cut_windows(self._tables[ref, outside], (height, width), patch, rows, columns)
