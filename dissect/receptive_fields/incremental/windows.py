"""Which input cells each output cell of an operation reads, along one side of the map.

Output cell o reads the input cells from step * o + first to step * o + last, cells outside the map
included. Where maps grow these are fractions: the cells that are read lie within the bounds.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from torch import Tensor

from dissect.receptive_fields.incremental.trace import Step


class Window(NamedTuple):
    """The input cells of output cell o: from step * o + first to step * o + last."""

    step: Fraction | int
    first: Fraction | int
    last: Fraction | int


SAME_CELL = Window(1, 0, 0)


def windows_of(step: Step, source: Sequence[int]) -> tuple[Window, Window] | None:
    """The windows that an operation's cells read of its input, along rows and along columns.

    >>> windows_of(step, (1, 64, 56, 56))  # a 3x3 convolution with stride 2 and padding 1
    (Window(step=2, first=-1, last=1), Window(step=2, first=-1, last=1))

    Args:
        source: the shape of its input.

    Returns:
        None where its output cells do not read windows of cells.
    """
    rule = RULES.get(step.name)
    if rule is None:
        return None
    sides = rule(Shapes(tuple(source), tuple(step.values[0].shape)), *step.arguments)
    return None if sides is None else (sides[0], sides[1])


class Shapes(NamedTuple):
    """Shapes of an operation's input and output."""

    source: tuple[int, ...]
    target: tuple[int, ...]


Sides = list[Window] | None


def _pair(value: Sequence[int], default: Sequence[int] = ()) -> tuple[int, int]:
    """Height and width, from a list of one number for both or one for each."""
    value = list(value) or list(default)
    return (value[-2], value[-1]) if len(value) > 1 else (value[0], value[0])


def _window(kernel: int, stride: int, padding: int, dilation: int = 1) -> Window:
    return Window(stride, -padding, (kernel - 1) * dilation - padding)


def _convolution(shapes: Shapes, image: Any, weight: Tensor, bias: Any, stride: Sequence[int],
                 padding: Sequence[int], dilation: Sequence[int], transposed: bool,
                 *rest: Any) -> Sides:  # fmt: skip
    if weight.ndim != 4:
        return None
    make = _transposed if transposed else _window
    sides = (tuple(weight.shape[2:]), _pair(stride), _pair(padding), _pair(dilation))
    return [make(*side) for side in zip(*sides, strict=True)]


def _transposed(kernel: int, stride: int, padding: int, dilation: int = 1) -> Window:
    """Output o receives input i where o = i * stride - padding + tap * dilation."""
    farthest = padding - (kernel - 1) * dilation
    return Window(Fraction(1, stride), Fraction(farthest, stride), Fraction(padding, stride))


def _max_pool(shapes: Shapes, image: Any, kernel: Sequence[int], stride: Sequence[int],
              padding: Sequence[int], dilation: Sequence[int], ceil: bool) -> Sides:  # fmt: skip
    sides = (_pair(kernel), _pair(stride, kernel), _pair(padding), _pair(dilation))
    return [_window(*side) for side in zip(*sides, strict=True)]


def _average_pool(shapes: Shapes, image: Any, kernel: Sequence[int], stride: Sequence[int],
                  padding: Sequence[int], *rest: Any) -> Sides:  # fmt: skip
    sides = (_pair(kernel), _pair(stride, kernel), _pair(padding))
    return [_window(*side) for side in zip(*sides, strict=True)]


def _adaptive_pool(shapes: Shapes, *arguments: Any) -> Sides:
    if 1 in shapes.target[-2:]:
        return None  # the whole map
    return [_piece(shapes.source[side], shapes.target[side]) for side in (-2, -1)]


def _piece(source: int, target: int) -> Window:
    """A map cut into `target` pieces, of one size where `source` is a multiple of it."""
    ratio = Fraction(source, target)
    if ratio.denominator == 1:
        return Window(int(ratio), 0, int(ratio) - 1)
    return Window(ratio, -1, ratio)


def _padded(shapes: Shapes, image: Any, padding: Sequence[int], *rest: Any) -> Sides:
    left, top = padding[0], padding[2] if len(padding) > 2 else 0
    return [Window(1, -top, -top), Window(1, -left, -left)]


def _enlarged(shapes: Shapes, *arguments: Any) -> Sides:
    """Nearest or bilinear: both neighbors of the point that an output cell is read from."""
    return [Window(Fraction(shapes.source[side], shapes.target[side]), -1, 1) for side in (-2, -1)]


RULES: dict[str, Callable[..., Sides]] = {
    "convolution": _convolution,
    "max_pool2d_with_indices": _max_pool,
    "avg_pool2d": _average_pool,
    "avg_pool3d": _average_pool,
    "_adaptive_avg_pool2d": _adaptive_pool,
    "adaptive_max_pool2d": _adaptive_pool,
    "constant_pad_nd": _padded,
    "reflection_pad2d": _padded,
    "replication_pad2d": _padded,
    "upsample_nearest2d": _enlarged,
    "upsample_bilinear2d": _enlarged,
}
