"""The operations of a traced forward: names, arguments and results, and the axes of tensors.

A mode of torch's dispatcher shows them, one by one. torch's guide to extending it documents such
modes, but keeps the mode's module and the schema of an operation under private names. Whatever
dissect uses of them is here and nowhere else; why it is not a graph of `torch.export` says
docs/decisions/forwards-are-watched.md.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from dissect.networks.axes.factors import Axes

Instance = TypeVar("Instance")
Op = Any  # an operation of torch, such as torch.ops.aten.relu.default


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


class Watching(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """While it is active, each operation in its thread is carried out by `carry_out`."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()  # type: ignore[no-untyped-call]

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Return False: otherwise torch loads its compiler, only to have it skip this mode."""
        return False

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]

    def carry_out(self, op: Op, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The result of an operation; what this calls is carried out without it."""
        return op(*args, **kwargs)

    def __torch_dispatch__(
        self, func: Op, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        return self.carry_out(func, args, kwargs or {})


def name_of(op: Op) -> str:
    """The name of a traced operation; relu and the in-place relu_ are both "relu"."""
    name: str = op.overloadpacket.__name__
    return name.rstrip("_")


def is_tagged_pointwise(op: Op) -> bool:
    """Whether torch tags a traced operation as pointwise: each value comes from one place."""
    return torch.Tag.pointwise in op.tags


def writes_to_arguments(op: Op) -> bool:
    """Whether a traced operation changes one of its arguments, as relu_ does."""
    return bool(op._schema.is_mutable)


def all_arguments(op: Op, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[Any]:
    """The arguments of a traced operation in the order of its schema, with defaults filled in."""
    arguments = list(args)
    for argument in op._schema.arguments[len(arguments) :]:
        arguments.append(kwargs.get(argument.name, argument.default_value))
    return arguments


def not_in_place(op: Op) -> Op:
    """The form of a traced operation that changes no argument: relu for relu_."""
    packet = op.overloadpacket.__name__
    if not writes_to_arguments(op) or not packet.endswith("_"):
        return op
    return getattr(getattr(torch.ops.aten, packet.rstrip("_")), op._overloadname)


def parts_of(op: Op) -> Callable[..., Any] | None:
    """A traced operation as the smaller ones that it is made of; None where it is made of none."""
    decompose: Callable[..., Any] = op.decompose
    return decompose if op._can_decompose() else None
