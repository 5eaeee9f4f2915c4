"""The axes of a tensor as products of factors, so that reshaping keeps what each number means.

A network merges axes (rows and columns become tokens), splits them (channels into heads, rows into
windows) and moves them. Each axis is a tuple of factors, the slowest first; a new axis of size 1 is
the empty tuple. Pieces of one factor that meet again in their order are that factor again.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import count

IMAGE, CHANNEL, ROW, COLUMN = "image", "channel", "row", "column"
TOKEN = "token"  # cells of a map in one axis, with other tokens before or after them
MIXED = "mixed"  # learned mixtures of cells, such as the hidden units of a mixer
UNKNOWN = "unknown"
_origins = count()


@dataclass(frozen=True)
class Factor:
    """A part of an axis.

    Attributes:
        kind: IMAGE, CHANNEL, ROW, COLUMN, TOKEN, MIXED or UNKNOWN.
        origin: equal for pieces of one factor.
        below: the product of the sizes of its pieces after this one. full: its whole size.
        shift: how far its cells have been rolled.
        cells: of TOKEN: the factors of the map. before: the number of other tokens before it.
    """

    kind: str
    size: int
    origin: int = -1
    below: int = 1
    full: int = 0
    shift: int = 0
    cells: tuple["Factor", ...] = ()
    before: int = 0

    @property
    def is_outermost(self) -> bool:
        """Whether this is the whole factor, or the whole in coarser steps."""
        return self.size * self.below == self.full and not self.shift


Axis = tuple[Factor, ...]
Axes = tuple[Axis, ...]


def whole(kind: str, size: int) -> Axis:
    """An axis of one new factor."""
    return (Factor(kind, size, next(_origins), full=size),)


def unknown(shape: Iterable[int]) -> Axes:
    return tuple(whole(UNKNOWN, size) for size in shape)


def size_of(axis: Axis) -> int:
    return math.prod(factor.size for factor in axis)


def kinds_of(axis: Axis) -> set[str]:
    """The kinds of an axis: those of its factors, without factors of size 1 if some are larger."""
    return {factor.kind for factor in axis if factor.size > 1} or {f.kind for f in axis}


def joined(factors: Iterable[Factor]) -> Axis:
    """An axis of some factors; pieces of one factor that follow each other become one piece."""
    axis: list[Factor] = []
    for factor in factors:
        last = axis[-1] if axis else None
        if (
            last
            and (last.origin, last.kind, last.shift) == (factor.origin, factor.kind, factor.shift)
            and last.below == factor.below * factor.size
        ):
            axis[-1] = replace(last, size=last.size * factor.size, below=factor.below)
        else:
            axis.append(factor)
    return tuple(axis)


def reshaped(axes: Axes, shape: Sequence[int]) -> Axes:
    """The factors of a tensor's axes after a reshape: other lengths, the same order of values."""
    sizes = [size_of(axis) for axis in axes]
    first = 0  # axes that stay as they are
    while first < min(len(sizes), len(shape)) and sizes[first] == shape[first]:
        first += 1
    last = 0
    while last < min(len(sizes), len(shape)) - first and sizes[-1 - last] == shape[-1 - last]:
        last += 1
    end, stop = len(axes) - last, len(shape) - last
    return (*axes[:first], *_divided(axes[first:end], shape[first:stop]), *axes[end:])


def _divided(axes: Axes, shape: Sequence[int]) -> Axes:
    factors = [factor for axis in axes for factor in axis]
    if len(shape) == 1:
        return (joined(factors),)
    result: list[Axis] = []
    for size in shape:
        taken: list[Factor] = []
        while size > 1:
            if not factors:
                return (*result, *unknown(shape[len(result) :]))
            factor = factors.pop(0)
            if size % factor.size == 0:
                taken.append(factor)
                size //= factor.size
            elif factor.size % size == 0 and factor.kind != TOKEN:
                inner = factor.size // size
                taken.append(replace(factor, size=size, below=factor.below * inner))
                factors.insert(0, replace(factor, size=inner))
                size = 1
            else:
                return (*result, *unknown(shape[len(result) :]))
        result.append(joined(taken))
    return tuple(result)


def resized(axis: Axis, size: int, kind: str = UNKNOWN) -> Axis:
    """An axis after its cells were pooled, padded or cut to another number, in the same order.

    Args:
        kind: of the new axis where the old one has a single cell.
    """
    if size_of(axis) == size:
        return axis
    kinds = kinds_of(axis)
    if not axis:
        return whole(kind, size)
    if kinds == {CHANNEL}:
        return whole(CHANNEL, size)
    if len(axis) == 1 and axis[0].is_outermost and kinds <= {ROW, COLUMN}:
        return whole(axis[0].kind, size)
    return whole(UNKNOWN, size)


def mixed(axis: Axis, size: int) -> Axis:
    """The factor that learned sums over all values of an axis make, as in a linear layer."""
    kinds = kinds_of(axis)
    if UNKNOWN in kinds or IMAGE in kinds:
        return whole(UNKNOWN, size)
    return whole(CHANNEL if CHANNEL in kinds or not axis else MIXED, size)


def combined(first: Axis, second: Axis) -> Axis:
    """The factors of the axis that a sum or product of two tensors has, from theirs."""
    if size_of(first) != size_of(second):  # the smaller one has size 1
        return max(first, second, key=size_of)
    certainties = [_certainty(first), _certainty(second)]
    if certainties[0] != certainties[1]:
        return first if certainties[0] > certainties[1] else second
    if _meaning(first) == _meaning(second):
        return first
    return whole(UNKNOWN, size_of(first))


def _certainty(axis: Axis) -> int:
    """A sum of mixtures and cells has the axis of the cells: a residual keeps its map."""
    kinds = kinds_of(axis)
    return 0 if UNKNOWN in kinds or not axis else 1 if MIXED in kinds else 2


def _meaning(axis: Axis) -> object:
    if CHANNEL in kinds_of(axis):
        return CHANNEL
    larger = tuple(replace(f, origin=0, cells=()) for f in axis if f.size > 1)
    return larger or kinds_of(axis)


def rolled(axis: Axis, shift: int) -> Axis:
    """The factors of an axis after its cells were rolled; rolled back they are themselves."""
    if len(axis) == 1 and axis[0].size == axis[0].full and axis[0].kind in (ROW, COLUMN):
        return (replace(axis[0], shift=(axis[0].shift + shift) % axis[0].size),)
    return axis if kinds_of(axis) == {CHANNEL} else whole(UNKNOWN, size_of(axis))


def sliced(axis: Axis, start: int, size: int, step: int = 1) -> Axis:
    """The factors of an axis after a slice of it was taken."""
    if size == size_of(axis):
        return axis
    if len(axis) != 1 or axis[0].kind != TOKEN or step != 1:
        return resized(axis, size)
    token = axis[0]
    cells = math.prod(cell.size for cell in token.cells)
    before = token.before - start
    if before < 0 or before + cells > size:
        return whole(UNKNOWN, size)  # a part of the map, or the other tokens alone
    return with_others(token.cells, before, size)


def with_others(cells: Axis, before: int, size: int) -> Axis:
    """An axis of `size` tokens, of which some before and after the cells of a map are others."""
    if size_of(cells) == size:
        return cells
    return (Factor(TOKEN, size, next(_origins), full=size, cells=cells, before=before),)
