"""Follows the axes of every tensor through a forward, from the images to each layer's output."""

from typing import Any

from torch import Tensor
from torch.utils.weak import WeakIdKeyDictionary

from dissect.networks.axes.factors import (
    CHANNEL,
    COLUMN,
    IMAGE,
    ROW,
    Axes,
    size_of,
    unknown,
    whole,
)
from dissect.networks.axes.operations import RULES, broadcast
from dissect.networks.axes.traced_operation import (
    Op,
    Operation,
    Watching,
    is_tagged_pointwise,
    name_of,
    parts_of,
    tensors_of,
)


class AxisTracker(Watching):
    """While it is active, the axes of all tensors that come from some images are known."""

    def __init__(self) -> None:
        super().__init__()
        self._axes: Any = WeakIdKeyDictionary()

    def follow(self, images: Tensor) -> None:
        """Follow images from here on: (images, channels, height, width), more than one image."""
        kinds = (IMAGE, CHANNEL, ROW, COLUMN)
        self._axes[images] = tuple(map(whole, kinds, images.shape))

    def axes_of(self, tensor: Tensor) -> Axes | None:
        """The axes of a tensor; None if it does not come from the images."""
        axes: Axes | None = self._axes.get(tensor)
        return axes

    def carry_out(self, op: Op, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        name = name_of(op)
        has_rule = name in RULES or is_tagged_pointwise(op)
        if not has_rule and (parts := parts_of(op)):
            with self:
                return parts(*args, **kwargs)
        output = op(*args, **kwargs)
        results = tensors_of(output)
        if results and any(self.axes_of(value) for value in tensors_of((args, kwargs))):
            operation = Operation(name, args, kwargs, self.axes_of, results)
            for result, axes in zip(results, self._of_results(operation, has_rule), strict=True):
                self._axes[result] = axes
        return output

    def _of_results(self, operation: Operation, has_rule: bool) -> list[Axes]:
        axes: Axes | list[Axes] = ()
        if has_rule:
            try:
                axes = RULES.get(operation.name, broadcast)(operation)
            except (ValueError, TypeError, IndexError, AttributeError, StopIteration):
                axes = ()  # arguments of another form than the rule knows
        each = axes if isinstance(axes, list) else [axes] * len(operation.results)
        images = operation.source[:1]
        return [
            _fitting(axes or images, tuple(result.shape))
            for axes, result in zip(each, operation.results, strict=True)
        ]


def _fitting(axes: Axes, shape: tuple[int, ...]) -> Axes:
    """Axes whose sizes are those of a shape: whatever does not agree is unknown.

    The first axis stays that of images also where the others are unknown. `repeats` in a pass
    finds a network that mixes its images.
    """
    if len(axes) != len(shape):
        axes = (*axes[:1], *unknown(shape[1:]))[: len(shape)]
    return tuple(
        axis if size_of(axis) == size else other
        for axis, size, other in zip(axes, shape, unknown(shape), strict=True)
    )
