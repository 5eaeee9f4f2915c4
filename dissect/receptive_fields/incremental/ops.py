"""Operations of a trace that can be computed on a window of their map alone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import torch
from torch import Tensor

from dissect.networks.axes.traced_operation import not_in_place, replaced
from dissect.receptive_fields.incremental.axes import is_pointwise
from dissect.receptive_fields.incremental.trace import Ref, Step, refs_in, tensors_in
from dissect.receptive_fields.incremental.windows import (
    SAME_CELL,
    Window,
    windows_of,
)


class NotLocal(Exception):
    """An operation mixes cells in a way that windows cannot follow; the text names it."""


@dataclass(frozen=True)
class LocalOp:
    """One step of a trace, ready to be computed on windows.

    Attributes:
        sources: its inputs.
        windows: along rows and along columns; SAME_CELL for all but pools and convolutions.
        cells: height and width of its output map.
        fill: the value of cells outside the input map.
        cost: of an output cell: roughly its multiplications, and the memory that is written.
    """

    step: Step
    sources: tuple[Ref, ...]
    windows: tuple[Window, Window]
    cells: tuple[int, int]
    fill: float
    cost: float

    def run(self, inputs: Sequence[Tensor]) -> list[Tensor]:
        """The results on windows of the sources.

        Args:
            inputs: for each source (n, channels, height, width), with the cells outside the map
                that the operation reads.
        """
        if self.step.name == "constant_pad_nd":
            return [inputs[0]]  # the window already has the padding
        if self.windows != (SAME_CELL, SAME_CELL) or self.step.name in WINDOWED:
            return tensors_in(WINDOWED[self.step.name](self.step, inputs[0]))
        remaining = list(inputs)
        arguments = (self.step.args, self.step.kwargs)
        args, kwargs = replaced(arguments, Ref, lambda _: remaining.pop(0))
        op = not_in_place(self.step.op)  # other branches read the same window again
        return tensors_in(op(*args, **kwargs))


def _local_op(step: Step, steps: Sequence[Step]) -> LocalOp:
    """Prepare an operation of a trace so that it is computed on a window of its map alone.

    Raises:
        NotLocal: it cannot be computed on windows.
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
        op = make(windows=sides, fill=_outside(step), cost=_cost(step))
        return _skip_padding(op, steps)
    if not _cell_by_cell(step) or any(value.shape[2:] != maps[-1].shape[2:] for value in maps):
        raise NotLocal(step.name)
    return make(windows=(SAME_CELL, SAME_CELL), fill=0.0, cost=_cost(step))


def local_ops_to(target: Ref, steps: Sequence[Step]) -> dict[int, LocalOp]:
    """Prepare the operations that a result depends on, to be computed on windows: by number.

    Raises:
        NotLocal: one of them cannot be computed on windows.
    """
    ops: dict[int, LocalOp] = {}
    pending = [target.step]
    while pending:
        number = pending.pop()
        if number and number not in ops:
            ops[number] = _local_op(steps[number], steps)
            pending += [ref.step for ref in ops[number].sources]
    return dict(sorted(ops.items()))


def _skip_padding(op: LocalOp, steps: Sequence[Step]) -> LocalOp:
    """A convolution after a step of padding reads the padding's input directly."""
    before = steps[op.sources[0].step]
    if op.step.name != "convolution" or before.name != "constant_pad_nd":
        return op
    padding = _local_op(before, steps)
    padded_twice = any(side.first < 0 for side in op.windows)
    if padded_twice and op.fill != padding.fill:
        return op
    rows, columns = (
        Window(side.step, side.first + pad.first, side.last + pad.first)
        for side, pad in zip(op.windows, padding.windows, strict=True)
    )
    return replace(op, sources=padding.sources, windows=(rows, columns), fill=padding.fill)


def _whole_windows(step: Step, sides: Sequence[Window], maps: Sequence[Tensor]) -> bool:
    """Whether every cell reads a whole number of cells, and an average divides by all of them."""
    if any(not isinstance(number, int) for side in sides for number in side):
        return False
    if step.name != "avg_pool2d":
        return True
    padding, counts_padding = step.arguments[3], step.arguments[5]
    overhang = any(
        side.step * (maps[-1].shape[axis] - 1) + side.last >= maps[0].shape[axis] - side.first
        for side, axis in zip(sides, (2, 3), strict=True)
    )
    return not overhang and (counts_padding or not any(padding))


def _outside(step: Step) -> float:
    """The value of cells outside the input map."""
    if step.name == "constant_pad_nd":
        return float(step.arguments[2] or 0)
    return -torch.inf if step.name.startswith("max_pool") else 0.0


def _cell_by_cell(step: Step) -> bool:
    if step.name in ("cat", "split", "split_with_sizes", "slice"):
        position = {"cat": 1, "slice": 1}.get(step.name, 2)  # of the axis among the arguments
        return step.arguments[position] in (1, -3)  # the channels
    if not is_pointwise(step):
        return False
    constants = [
        value for value in (*step.args, *step.kwargs.values()) if isinstance(value, Tensor)
    ]
    # Any other constant must be the same for all cells: its last two axes have size 1.
    return "batch_norm" in step.name or all(set(value.shape[-2:]) <= {1} for value in constants)


def _cost(step: Step) -> float:
    channels = step.values[0].shape[1]
    weight = step.args[1].numel() if step.name == "convolution" else 0
    return float(weight + 8 * channels)  # copying a number takes about as long as 8 products


def _convolve(step: Step, window: Tensor) -> Tensor:
    _, weight, bias, stride, _, dilation, _, _, groups = step.arguments
    return torch.conv2d(window, weight, bias, stride, 0, dilation, groups)


def _maximum(step: Step, window: Tensor) -> Tensor:
    _, kernel, stride, _, dilation, _ = step.arguments
    return torch.max_pool2d(window, kernel, stride or kernel, 0, dilation)


def _average(step: Step, window: Tensor) -> Tensor:
    _, kernel, stride, _, _, _, divisor = step.arguments
    return torch.ops.aten.avg_pool2d(window, kernel, stride or kernel, [0], False, True, divisor)  # type: ignore[no-any-return]


WINDOWED = {
    "convolution": _convolve,
    "max_pool2d_with_indices": _maximum,
    "avg_pool2d": _average,
}
