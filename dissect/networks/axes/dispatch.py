"""The operations that torch carries out, one by one, as a mode of its dispatcher shows them.

torch's guide to extending it documents such modes, but keeps the mode's module and the schema of an
operation under private names. Whatever dissect uses of them is here and nowhere else; why it is not
a graph of `torch.export` says docs/decisions/forwards-are-watched.md.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

Op = Any  # an operation of torch, such as torch.ops.aten.relu.default


class Watching(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """While it is active, each operation in its thread is carried out by `carry_out`."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()  # type: ignore[no-untyped-call]

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
    """The name of an operation; relu and the in-place relu_ are both "relu"."""
    name: str = op.overloadpacket.__name__
    return name.rstrip("_")


def is_tagged_pointwise(op: Op) -> bool:
    """Whether torch says that each value of the result is computed from one place of the inputs."""
    return torch.Tag.pointwise in op.tags


def writes_to_arguments(op: Op) -> bool:
    """Whether an operation changes one of its arguments, as relu_ does."""
    return bool(op._schema.is_mutable)


def all_arguments(op: Op, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[Any]:
    """The arguments of an operation in the order of its schema, with defaults filled in."""
    arguments = list(args)
    for argument in op._schema.arguments[len(arguments) :]:
        arguments.append(kwargs.get(argument.name, argument.default_value))
    return arguments


def not_in_place(op: Op) -> Op:
    """relu for relu_; an operation that changes nothing is itself."""
    packet = op.overloadpacket.__name__
    if not writes_to_arguments(op) or not packet.endswith("_"):
        return op
    return getattr(getattr(torch.ops.aten, packet.rstrip("_")), op._overloadname)


def parts_of(op: Op) -> Callable[..., Any] | None:
    """An operation as the smaller ones that it is made of; None where it is made of none."""
    decompose: Callable[..., Any] = op.decompose
    return decompose if op._can_decompose() else None
