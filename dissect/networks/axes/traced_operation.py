"""An operation of a forward: its name, arguments and results, and the axes of its tensors."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from torch import Tensor

from dissect.networks.axes.factors import Axes

Instance = TypeVar("Instance")


@dataclass(frozen=True)
class Operation:
    """One operation of a forward.

    Attributes:
        axes: of a tensor; None for tensors that do not come from the image.
        results: its tensors.
    """

    name: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    axes: Callable[[Tensor], Axes | None]
    results: list[Tensor]

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.results[0].shape)

    def arg(self, place: int, name: str, default: Any = None) -> Any:
        return self.args[place] if len(self.args) > place else self.kwargs.get(name, default)

    @property
    def source(self) -> Axes:
        """The axes of its first tensor that comes from the image."""
        return next(axes for axes in map(self.axes, tensors_of(self.args)) if axes is not None)


def instances_in(value: Any, kind: type[Instance]) -> list[Instance]:
    """The values of a type among the nested arguments of a traced operation, in order."""
    if isinstance(value, kind):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (tuple, list)):
        return [one for part in value for one in instances_in(part, kind)]
    return []


def leaves_of(value: Any) -> list[Any]:
    """All values in nested arguments that are no dict, tuple or list, in order."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (tuple, list)):
        return [leaf for part in value for leaf in leaves_of(part)]
    return [value]


def replaced(value: Any, kind: type[Instance], by: Callable[[Instance], Any]) -> Any:
    """The arguments of a traced operation, with a function applied to each value of a type."""
    if isinstance(value, kind):
        return by(value)
    if isinstance(value, dict):
        return {key: replaced(part, kind, by) for key, part in value.items()}
    if isinstance(value, (tuple, list)):
        parts = [replaced(part, kind, by) for part in value]
        return parts if isinstance(value, list) else tuple(parts)
    return value


def tensors_of(value: Any) -> list[Tensor]:
    """The tensors among the nested arguments of a traced operation, in order."""
    return instances_in(value, Tensor)
