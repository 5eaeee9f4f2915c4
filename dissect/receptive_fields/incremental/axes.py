"""Which axes of a tensor contain the cells of a map, and which pixels can affect each cell.

Networks move axes: channels to the end, tokens to a single axis, groups of channels to an axis of
their own. `map_axes` follows the axes and the receptive fields through the steps of a trace.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from dissect.networks.axes.traced_operation import is_tagged_pointwise
from dissect.receptive_fields.incremental.trace import Ref, Step, refs_in
from dissect.receptive_fields.incremental.windows import Window, windows_of


@dataclass(frozen=True)
class Axis:
    """The receptive fields of a map's cells along one side of the image.

    The field of cell i is the `size` pixels from start + i * stride on, pixels outside the image
    included (Araujo et al. 2019, doi:10.23915/distill.00021).
    """

    start: Fraction | int = 0
    stride: Fraction | int = 1
    size: Fraction | int = 1

    @property
    def pixels(self) -> int:
        return math.ceil(self.size)

    def middle(self, cell: int) -> float:
        """The middle of a cell's field, in pixels; pixel 0 spans 0 to 1."""
        return float(self.start + cell * self.stride + Fraction(self.size) / 2)

    def read_by(self, reads: Window) -> "Axis":
        """The axis of a result whose cells read windows of these cells."""
        size = self.size + (reads.last - reads.first) * self.stride
        return Axis(self.start + reads.first * self.stride, self.stride * reads.step, size)

    def hull(self, other: "Axis") -> "Axis":
        """The axis of a result that reads the same cell of two maps with one stride."""
        start = min(self.start, other.start)
        end = max(self.start + self.size, other.start + other.size)
        return Axis(start, self.stride, end - start)


@dataclass(frozen=True)
class MapAxes:
    """Where the cells of a result are in its tensor, and their receptive fields.

    Attributes:
        axes: the tensor's axes of rows and of columns, or the single axis that contains the cells
            row by row.
        grid: the numbers of rows and columns of cells.
        rows, columns: the receptive fields along each side.
    """

    axes: tuple[int, ...]
    grid: tuple[int, int]
    rows: Axis
    columns: Axis

    def from_end(self, ndim: int) -> tuple[int, ...]:
        return tuple(axis - ndim for axis in self.axes)


def map_axes(steps: Sequence[Step]) -> list[MapAxes | None]:
    """Find the axes of cells of each step; None if the whole image can affect every cell."""
    image = steps[0].values[0]
    result: list[MapAxes | None] = [
        MapAxes((2, 3), (image.shape[2], image.shape[3]), Axis(), Axis())
    ]
    for step in steps[1:]:
        sources = refs_in((step.args, step.kwargs))
        inputs = [result[ref.step] for ref in sources]
        shapes = [tuple(steps[ref.step].values[ref.item].shape) for ref in sources]
        bounded = [axes for axes in inputs if axes is not None]
        all_bounded = len(bounded) == len(inputs)
        result.append(_after(step, bounded, shapes) if all_bounded else None)
    return result


def _after(
    step: Step, inputs: Sequence[MapAxes], shapes: Sequence[tuple[int, ...]]
) -> MapAxes | None:
    if step.op is None:
        return None  # another operation wrote into its memory
    first, shape = inputs[0], shapes[0]
    if first.from_end(len(shape)) == (-2, -1) and (sides := windows_of(step, shape)):
        grid = (step.values[0].shape[-2], step.values[0].shape[-1])
        axes = (step.values[0].ndim - 2, step.values[0].ndim - 1)
        return MapAxes(axes, grid, first.rows.read_by(sides[0]), first.columns.read_by(sides[1]))
    if is_pointwise(step):
        return _joined(step, inputs, shapes)
    rule = MOVES.get(step.name)
    return None if rule is None else rule(step, inputs, shapes)


def is_pointwise(step: Step) -> bool:
    """Whether an operation leaves the axes of a map's cells as they are: it reads the same cell."""
    if step.name in ("native_batch_norm", "cudnn_batch_norm"):
        return not step.arguments[5]  # in training it averages over the image
    return is_tagged_pointwise(step.op) or step.name in POINTWISE


# Some releases of torch do not tag these as pointwise.
POINTWISE = {
    "_native_batch_norm_legit_no_training", "_prelu_kernel", "_to_copy", "alias", "contiguous",
    "detach", "dropout", "elu", "fill", "gelu", "hardsigmoid", "hardswish", "hardtanh",
    "leaky_relu", "lift_fresh", "mish", "silu",
}  # fmt: skip


def _joined(
    step: Step, inputs: Sequence[MapAxes], shapes: Sequence[tuple[int, ...]]
) -> MapAxes | None:
    """The axes of branches that are joined cell by cell: the hull of their receptive fields."""
    joined = inputs[0]
    axes = joined.from_end(len(shapes[0]))
    for other, shape in zip(inputs[1:], shapes[1:], strict=True):
        same_cells = other.from_end(len(shape)) == axes and other.grid == joined.grid
        strides = (other.rows.stride, other.columns.stride)
        if not same_cells or strides != (joined.rows.stride, joined.columns.stride):
            return None
        joined = replace(
            joined, rows=joined.rows.hull(other.rows), columns=joined.columns.hull(other.columns)
        )
    ndim = step.values[0].ndim
    return replace(joined, axes=tuple(ndim + axis for axis in axes))


def _reshaped(
    step: Step, inputs: Sequence[MapAxes], shapes: Sequence[tuple[int, ...]]
) -> MapAxes | None:
    """The axes of the cells after a reshape: (height, width), or a single one, in the old order."""
    cells, old, new = inputs[0], shapes[0], tuple(step.values[0].shape)
    height, width = cells.grid
    if len(cells.axes) == 2 and cells.axes[1] != cells.axes[0] + 1:
        return None
    before = math.prod(old[: cells.axes[0]])  # a reshape keeps the product of the axes before them
    for axis, size in enumerate(new):
        if math.prod(new[:axis]) != before:
            continue
        if size == height and new[axis + 1 : axis + 2] == (width,):
            return replace(cells, axes=(axis, axis + 1))
        if size == height * width:
            return replace(cells, axes=(axis,))
    return None


def _permuted(step: Step, inputs: Sequence[MapAxes], shapes: Any) -> MapAxes | None:
    order = [axis % len(shapes[0]) for axis in step.args[1]]
    return replace(inputs[0], axes=tuple(order.index(axis) for axis in inputs[0].axes))


def _swapped(step: Step, inputs: Sequence[MapAxes], shapes: Any) -> MapAxes | None:
    ndim = len(shapes[0])
    order = list(range(ndim))
    first, second = (axis % ndim for axis in step.args[1:3])
    order[first], order[second] = second, first
    return replace(inputs[0], axes=tuple(order.index(axis) for axis in inputs[0].axes))


def _concatenated(
    step: Step, inputs: Sequence[MapAxes], shapes: Sequence[tuple[int, ...]]
) -> MapAxes | None:
    axis = step.arguments[1] % len(shapes[0])
    return None if axis in inputs[0].axes else _joined(step, inputs, shapes)


def _cut(step: Step, inputs: Sequence[MapAxes], shapes: Any) -> MapAxes | None:
    """A part of a tensor along an axis that has no cells; None if the axis has cells."""
    position = {"slice": 1, "narrow": 1}.get(step.name, 2)  # of the axis among the arguments
    axis = step.arguments[position] % len(shapes[0])
    return None if axis in inputs[0].axes else inputs[0]


def _normed(step: Step, inputs: Sequence[MapAxes], shapes: Any) -> MapAxes | None:
    normed_from = len(shapes[0]) - len(step.args[1])
    return None if any(axis >= normed_from for axis in inputs[0].axes) else inputs[0]


def _linear(step: Step, inputs: Sequence[MapAxes], shapes: Any) -> MapAxes | None:
    """A matrix with one row for each cell, times constant weights."""
    image = step.args[1] if step.name == "addmm" else step.args[0]
    alone = len(inputs) == 1 and isinstance(image, Ref)
    return inputs[0] if alone and inputs[0].axes == (0,) else None


def _same(step: Step, inputs: Sequence[MapAxes], shapes: Any) -> MapAxes | None:
    return inputs[0] if tuple(step.values[0].shape) == shapes[0] else None


MOVES: dict[str, Callable[..., MapAxes | None]] = {
    "view": _reshaped,
    "_unsafe_view": _reshaped,
    "reshape": _reshaped,
    "_reshape_alias": _reshaped,
    "unsqueeze": _reshaped,
    "squeeze": _reshaped,
    "permute": _permuted,
    "transpose": _swapped,
    "cat": _concatenated,
    "split": _cut,
    "split_with_sizes": _cut,
    "slice": _cut,
    "native_layer_norm": _normed,
    "addmm": _linear,
    "mm": _linear,
    "as_strided": _same,
    "expand": _same,
}
