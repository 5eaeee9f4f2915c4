"""Operations of a tape that can be carried out on a window of their map alone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.utils._pytree import tree_map

from dissect.receptive_fields.incremental.axes import is_pointwise
from dissect.receptive_fields.incremental.trace import Ref, Step, refs_in
from dissect.receptive_fields.incremental.windows import (
    SAME_CELL,
    Window,
    all_arguments,
    windows_of,
)


class NotLocal(Exception):
    """An operation mixes cells in a way that windows cannot follow; says which."""


@dataclass(frozen=True)
class LocalOp:
    """One step of a tape, ready for windows.

    Attributes:
        sources: what it reads.
        reads: along rows, along columns; the same cell only, for all but pools and convolutions.
        cells: height and width of its result's map.
        fill: what stands outside the map that it reads.
        cost: multiplications a cell, and memory written, roughly.
    """

    step: Step
    sources: tuple[Ref, ...]
    reads: tuple[Window, Window]
    cells: tuple[int, int]
    fill: float
    cost: float

    def run(self, windows: Sequence[Tensor]) -> list[Tensor]:
        """Results on windows (n, channels, height, width) of the sources, edges included."""
        if self.step.name == "constant_pad_nd":
            return [windows[0]]
        if self.reads != (SAME_CELL, SAME_CELL) or self.step.name in WINDOWED:
            return _listed(WINDOWED[self.step.name](self.step, windows[0]))
        left = list(windows)
        args, kwargs = tree_map(
            lambda value: left.pop(0) if isinstance(value, Ref) else value,
            (self.step.args, self.step.kwargs),
            is_leaf=lambda value: isinstance(value, Ref),
        )
        return _listed(_not_in_place(self.step.op)(*args, **kwargs))


def local_op(step: Step, steps: Sequence[Step]) -> LocalOp:
    """A step made ready.

    Raises:
        NotLocal: it cannot be.
    """
    sources = tuple(refs_in((step.args, step.kwargs)))
    if step.op is None:
        raise NotLocal("memory written twice")
    maps = [steps[ref.step].values[ref.item] for ref in sources] + step.values[:1]
    if any(value.ndim != 4 or len(value) != 1 for value in maps):
        raise NotLocal(step.name)
    make = partial(LocalOp, step, sources, cells=(maps[-1].shape[2], maps[-1].shape[3]))
    if step.name in ("constant_pad_nd", *WINDOWED):
        sides = windows_of(step, maps[0].shape)
        if sides is None or not _whole_windows(step, sides, maps):
            raise NotLocal(step.name)
        made = make(reads=sides, fill=_outside(step), cost=_cost(step))
        return _past_padding(made, steps)
    if not _cell_by_cell(step) or any(value.shape[2:] != maps[-1].shape[2:] for value in maps):
        raise NotLocal(step.name)
    return make(reads=(SAME_CELL, SAME_CELL), fill=0.0, cost=_cost(step))


def local_ops_to(target: Ref, steps: Sequence[Step]) -> dict[int, LocalOp]:
    """All steps between the image and one result, ready for windows, in order.

    Raises:
        NotLocal: one of them cannot be.
    """
    found: dict[int, LocalOp] = {}
    waiting = [target.step]
    while waiting:
        place = waiting.pop()
        if place and place not in found:
            found[place] = local_op(steps[place], steps)
            waiting += [ref.step for ref in found[place].sources]
    return dict(sorted(found.items()))


def _past_padding(made: LocalOp, steps: Sequence[Step]) -> LocalOp:
    """A convolution that follows a step of padding reads what that reads, itself."""
    before = steps[made.sources[0].step]
    if made.step.name != "convolution" or before.name != "constant_pad_nd":
        return made
    padding = local_op(before, steps)
    padded_twice = any(side.first < 0 for side in made.reads)
    if padded_twice and made.fill != padding.fill:
        return made
    rows, columns = (
        Window(side.step, side.first + pad.first, side.last + pad.first)
        for side, pad in zip(made.reads, padding.reads, strict=True)
    )
    return replace(made, sources=padding.sources, reads=(rows, columns), fill=padding.fill)


def _whole_windows(step: Step, sides: Sequence[Window], maps: Sequence[Tensor]) -> bool:
    """Whether every cell reads a whole number of cells, and an average counts all of them."""
    if any(not isinstance(number, int) for side in sides for number in side):
        return False
    if step.name != "avg_pool2d":
        return True
    padding, counts_padding = all_arguments(step)[3], all_arguments(step)[5]
    overhang = any(
        side.step * (maps[-1].shape[axis] - 1) + side.last >= maps[0].shape[axis] - side.first
        for side, axis in zip(sides, (2, 3), strict=True)
    )
    return not overhang and (counts_padding or not any(padding))


def _outside(step: Step) -> float:
    if step.name == "constant_pad_nd":
        return float(all_arguments(step)[2] or 0)
    return -torch.inf if step.name.startswith("max_pool") else 0.0


def _cell_by_cell(step: Step) -> bool:
    if step.name in ("cat", "split", "split_with_sizes", "slice"):
        place = {"cat": 1, "slice": 1}.get(step.name, 2)
        return all_arguments(step)[place] in (1, -3)
    if not is_pointwise(step):
        return False
    constants = [
        value for value in (*step.args, *step.kwargs.values()) if isinstance(value, Tensor)
    ]
    return "batch_norm" in step.name or all(_spans_no_cells(value) for value in constants)


def _spans_no_cells(constant: Tensor) -> bool:
    return all(size == 1 for size in constant.shape[-2:])


def _cost(step: Step) -> float:
    channels = step.values[0].shape[1]
    weight = step.args[1].numel() if step.name == "convolution" else 0
    return float(weight + 8 * channels)  # moving a number takes about as long as 8 products


def _listed(out: Any) -> list[Tensor]:
    return [v for v in (out if isinstance(out, (tuple, list)) else [out]) if isinstance(v, Tensor)]


def _not_in_place(op: Any) -> Any:
    """relu for relu_: windows are read again by other branches."""
    packet = op.overloadpacket.__name__
    if not op._schema.is_mutable or not packet.endswith("_"):
        return op
    return getattr(getattr(torch.ops.aten, packet.rstrip("_")), op._overloadname)


def _convolve(step: Step, window: Tensor) -> Tensor:
    _, weight, bias, stride, _, dilation, _, _, groups = all_arguments(step)
    return torch.conv2d(window, weight, bias, stride, 0, dilation, groups)


def _maximum(step: Step, window: Tensor) -> Tensor:
    _, kernel, stride, _, dilation, _ = all_arguments(step)
    return torch.max_pool2d(window, kernel, stride or kernel, 0, dilation)


def _average(step: Step, window: Tensor) -> Tensor:
    _, kernel, stride, _, _, _, divisor = all_arguments(step)
    return torch.ops.aten.avg_pool2d(window, kernel, stride or kernel, [0], False, True, divisor)  # type: ignore[no-any-return]


WINDOWED = {
    "convolution": _convolve,
    "max_pool2d_with_indices": _maximum,
    "avg_pool2d": _average,
}
