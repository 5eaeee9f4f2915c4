"""Where the cells of a map lie in a tensor, and in the image: followed from step to step.

Networks move axes about: channels last, tokens in one axis, groups of channels apart. A spread
says which axes of a result are rows and columns of cells, and which pixels could reach them.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import torch

from dissect.receptive_fields.incremental.trace import Ref, Step, refs_in
from dissect.receptive_fields.incremental.windows import Window, all_arguments, windows_of


@dataclass(frozen=True)
class Axis:
    """Along one side of the image: which pixels could reach cell i.

    They are the `size` pixels from start + i * stride on, those outside the image included.
    """

    start: Fraction | int = 0
    stride: Fraction | int = 1
    size: Fraction | int = 1

    @property
    def pixels(self) -> int:
        return math.ceil(self.size)

    def middle(self, cell: int) -> float:
        return float(self.start + cell * self.stride + Fraction(self.size) / 2)

    def read_by(self, reads: Window) -> "Axis":
        """Of a result whose cells read this one's."""
        size = self.size + (reads.last - reads.first) * self.stride
        return Axis(self.start + reads.first * self.stride, self.stride * reads.step, size)

    def hull(self, other: "Axis") -> "Axis":
        """Of a result that reads the same cells of both, which have one stride."""
        start = min(self.start, other.start)
        end = max(self.start + self.size, other.start + other.size)
        return Axis(start, self.stride, end - start)


@dataclass(frozen=True)
class MapAxes:
    """The cells of a result.

    Attributes:
        axes: of the tensor, rows then columns; one axis where cells stand in it row by row.
        grid: rows and columns of cells.
    """

    axes: tuple[int, ...]
    grid: tuple[int, int]
    rows: Axis
    columns: Axis

    def from_end(self, ndim: int) -> tuple[int, ...]:
        return tuple(axis - ndim for axis in self.axes)


def map_axes(steps: Sequence[Step]) -> list[MapAxes | None]:
    """For each step where its cells lie; None where all of the image could reach every one."""
    image = steps[0].values[0]
    found: list[MapAxes | None] = [
        MapAxes((2, 3), (image.shape[2], image.shape[3]), Axis(), Axis())
    ]
    for step in steps[1:]:
        sources = refs_in((step.args, step.kwargs))
        spreads = [found[ref.step] for ref in sources]
        shapes = [tuple(steps[ref.step].values[ref.item].shape) for ref in sources]
        known = [spread for spread in spreads if spread is not None]
        whole = len(known) < len(spreads)
        found.append(None if whole else _after(step, known, shapes))
    return found


def _after(
    step: Step, spreads: Sequence[MapAxes], shapes: Sequence[tuple[int, ...]]
) -> MapAxes | None:
    if step.op is None:
        return None  # memory that another operation wrote to
    first, shape = spreads[0], shapes[0]
    if first.from_end(len(shape)) == (-2, -1) and (sides := windows_of(step, shape)):
        grid = (step.values[0].shape[-2], step.values[0].shape[-1])
        axes = (step.values[0].ndim - 2, step.values[0].ndim - 1)
        return MapAxes(axes, grid, first.rows.read_by(sides[0]), first.columns.read_by(sides[1]))
    if is_pointwise(step):
        return _joined(step, spreads, shapes)
    rule = MOVES.get(step.name)
    return None if rule is None else rule(step, spreads, shapes)


def is_pointwise(step: Step) -> bool:
    """Whether each result cell reads the same cell of what goes in."""
    if step.name in ("native_batch_norm", "cudnn_batch_norm"):
        return not all_arguments(step)[5]  # in training it averages over the image
    return torch.Tag.pointwise in step.op.tags or step.name in POINTWISE


# Not all of them carry torch's own tag in every release.
POINTWISE = {
    "_native_batch_norm_legit_no_training", "_prelu_kernel", "_to_copy", "alias", "contiguous",
    "detach", "dropout", "elu", "fill", "gelu", "hardsigmoid", "hardswish", "hardtanh",
    "leaky_relu", "lift_fresh", "mish", "silu",
}  # fmt: skip


def _joined(
    step: Step, spreads: Sequence[MapAxes], shapes: Sequence[tuple[int, ...]]
) -> MapAxes | None:
    """Branches that meet cell by cell: the hull of their fields."""
    joined = spreads[0]
    place = joined.from_end(len(shapes[0]))
    for other, shape in zip(spreads[1:], shapes[1:], strict=True):
        same = other.from_end(len(shape)) == place and other.grid == joined.grid
        strides = (other.rows.stride, other.columns.stride)
        if not same or strides != (joined.rows.stride, joined.columns.stride):
            return None
        joined = replace(
            joined, rows=joined.rows.hull(other.rows), columns=joined.columns.hull(other.columns)
        )
    ndim = step.values[0].ndim
    return replace(joined, axes=tuple(ndim + axis for axis in place))


def _reshaped(
    step: Step, spreads: Sequence[MapAxes], shapes: Sequence[tuple[int, ...]]
) -> MapAxes | None:
    """The axes of cells at their new places, apart or in one, where they stay in order."""
    spread, old, new = spreads[0], shapes[0], tuple(step.values[0].shape)
    height, width = spread.grid
    if len(spread.axes) == 2 and spread.axes[1] != spread.axes[0] + 1:
        return None
    before = math.prod(old[: spread.axes[0]])
    for axis, size in enumerate(new):
        if math.prod(new[:axis]) != before:
            continue
        if size == height and new[axis + 1 : axis + 2] == (width,):
            return replace(spread, axes=(axis, axis + 1))
        if size == height * width:
            return replace(spread, axes=(axis,))
    return None


def _permuted(step: Step, spreads: Sequence[MapAxes], shapes: Any) -> MapAxes | None:
    order = [axis % len(shapes[0]) for axis in step.args[1]]
    return replace(spreads[0], axes=tuple(order.index(axis) for axis in spreads[0].axes))


def _swapped(step: Step, spreads: Sequence[MapAxes], shapes: Any) -> MapAxes | None:
    ndim = len(shapes[0])
    order = list(range(ndim))
    one, other = (axis % ndim for axis in step.args[1:3])
    order[one], order[other] = other, one
    return replace(spreads[0], axes=tuple(order.index(axis) for axis in spreads[0].axes))


def _joined_channels(
    step: Step, spreads: Sequence[MapAxes], shapes: Sequence[tuple[int, ...]]
) -> MapAxes | None:
    axis = all_arguments(step)[1] % len(shapes[0])
    return None if axis in spreads[0].axes else _joined(step, spreads, shapes)


def _cut(step: Step, spreads: Sequence[MapAxes], shapes: Any) -> MapAxes | None:
    """A part along an axis that is none of the cells'."""
    place = {"slice": 1, "narrow": 1}.get(step.name, 2)
    axis = all_arguments(step)[place] % len(shapes[0])
    return None if axis in spreads[0].axes else spreads[0]


def _normed(step: Step, spreads: Sequence[MapAxes], shapes: Any) -> MapAxes | None:
    normed_from = len(shapes[0]) - len(step.args[1])
    return None if any(axis >= normed_from for axis in spreads[0].axes) else spreads[0]


def _linear(step: Step, spreads: Sequence[MapAxes], shapes: Any) -> MapAxes | None:
    """Each row of a matrix of cells times weights."""
    image = step.args[1] if step.name == "addmm" else step.args[0]
    alone = len(spreads) == 1 and isinstance(image, Ref)
    return spreads[0] if alone and spreads[0].axes == (0,) else None


def _same(step: Step, spreads: Sequence[MapAxes], shapes: Any) -> MapAxes | None:
    return spreads[0] if tuple(step.values[0].shape) == shapes[0] else None


MOVES: dict[str, Callable[..., MapAxes | None]] = {
    "view": _reshaped,
    "_unsafe_view": _reshaped,
    "reshape": _reshaped,
    "_reshape_alias": _reshaped,
    "unsqueeze": _reshaped,
    "squeeze": _reshaped,
    "permute": _permuted,
    "transpose": _swapped,
    "cat": _joined_channels,
    "split": _cut,
    "split_with_sizes": _cut,
    "slice": _cut,
    "native_layer_norm": _normed,
    "addmm": _linear,
    "mm": _linear,
    "as_strided": _same,
    "expand": _same,
}
