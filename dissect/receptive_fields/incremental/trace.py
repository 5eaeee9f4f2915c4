"""Records every tensor operation of a forward on one image, with all results.

Whatever a model is built from (modules, functions, residual and parallel branches), torch carries
it out in a few hundred kinds of tensor operations. A trace of them says which cells of which map
depend on which others. Receptive fields are computed from it (`theoretical`), and the effect of a
change in the image is followed through it without a full forward (`forward`).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import torch
from torch import Tensor

from dissect.networks.axes.traced_operation import (
    Op,
    Watching,
    all_arguments,
    instances_in,
    name_of,
    replaced,
    writes_to_arguments,
)
from dissect.networks.layer_outputs import call_name, module_and_call, refused_input
from dissect.networks.registry import Network


class Ref(NamedTuple):
    """A result: the number of its step in the trace, and which of the step's results it is."""

    step: int
    item: int = 0


@dataclass
class Step:
    """One operation.

    Attributes:
        op: None for the input, and for results that cannot be followed.
        args, kwargs: the operation's arguments, with a Ref in the place of each earlier result.
        values: its results.
    """

    op: Any
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    values: list[Tensor]

    @property
    def name(self) -> str:
        """The name of the operation; relu and the in-place relu_ are both "relu"."""
        return "" if self.op is None else name_of(self.op)

    @property
    def arguments(self) -> list[Any]:
        """The arguments in the order of the operation's schema, with defaults filled in."""
        return all_arguments(self.op, self.args, self.kwargs)


class Trace(NamedTuple):
    """The steps of a forward in order.

    Attributes:
        steps: the first is the input.
        layers: each layer's result. A layer whose output is not one tensor is missing.
    """

    steps: list[Step]
    layers: dict[str, Ref]


class _Stop(Exception):
    """All wanted layers have run."""


class _Recorder(Watching):
    """Records the operations that run while it is active and depend on the image."""

    def __init__(self, image: Tensor) -> None:
        super().__init__()
        self.steps = [Step(None, (), {}, [image])]
        # By id. Holding the tensors keeps them alive, so no id is given out twice.
        self.results: dict[int, tuple[Ref, Tensor]] = {id(image): (Ref(0), image)}

    def carry_out(self, op: Op, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        step_args, step_kwargs = replaced((args, kwargs), Tensor, self._ref_or_value)
        if not refs_in((step_args, step_kwargs)):
            return op(*args, **kwargs)
        if writes_to_arguments(op) and isinstance(args[0], Tensor):
            self._save_before_write(args[0])
        output = op(*args, **kwargs)
        if values := tensors_in(output):
            self._append(Step(op, step_args, step_kwargs, values))
        return output

    def ref_of(self, value: object) -> Ref | None:
        """The Ref of a recorded result."""
        ref, _ = self.results.get(id(value), (None, None))
        return ref

    def _ref_or_value(self, value: Tensor) -> Ref | Tensor:
        ref = self.ref_of(value)
        return value if ref is None else ref

    def _append(self, step: Step) -> None:
        number = len(self.steps)
        self.steps.append(step)
        for item, value in enumerate(step.values):
            self.results[id(value)] = (Ref(number, item), value)

    def _save_before_write(self, written: Tensor) -> None:
        """Copy the results that an in-place operation is about to overwrite.

        Other tensors on the same memory change with it, in a way that is not followed: each gets
        a new step without an operation.
        """
        memory = written.untyped_storage().data_ptr()
        for ref, value in list(self.results.values()):
            if value.untyped_storage().data_ptr() != memory:
                continue
            self.steps[ref.step].values[ref.item] = value.clone()
            if value is not written:
                self._append(Step(None, (ref,), {}, [value]))


def tensors_in(output: Any) -> list[Tensor]:
    """The tensors among the results of a step that a trace records."""
    outputs = output if isinstance(output, (tuple, list)) else [output]
    return [value for value in outputs if isinstance(value, Tensor)]


def refs_in(value: Any) -> list[Ref]:
    """The references to earlier steps of a recorded trace that nested arguments hold, in order."""
    return instances_in(value, Ref)


def record_trace(
    network: Network, pixels: Tensor, layers: Sequence[str], whole: bool = False
) -> Trace:
    """Record a trace: every tensor operation of a forward on one image, up to some layers.

    Args:
        pixels: (channels, crop, crop) uint8.
        layers: dotted names.
        whole: go on to the network's output, which is then the layer "".

    Raises:
        BadSetting: the network cannot take such an image.
    """
    model = network.model
    image = network.input_of(pixels[None])
    recorder = _Recorder(image)
    refs: dict[str, Ref] = {}
    calls: Counter[str] = Counter()
    waiting = set(layers)
    modules = dict(model.named_modules())

    def keep(module: Any, inputs: Any, output: Any, name: str) -> None:
        layer = call_name(name, calls[name])
        calls[name] += 1
        if layer in waiting and (ref := recorder.ref_of(output)) is not None:
            refs[layer] = ref
        waiting.discard(layer)
        if not whole and not waiting:
            raise _Stop

    names = dict.fromkeys(module_and_call(network, layer)[0] for layer in layers)
    hooks = [modules[name].register_forward_hook(partial(keep, name=name)) for name in names]
    try:
        output = _run(model, image, recorder)
    finally:
        for hook in hooks:
            hook.remove()
    if whole and (ref := recorder.ref_of(output)) is not None:
        refs[""] = ref
    return Trace(recorder.steps, refs)


def _run(model: torch.nn.Module, image: Tensor, recorder: _Recorder) -> object:
    with torch.no_grad(), recorder:
        try:
            return model(image)
        except _Stop:
            return None
        except RuntimeError as error:
            raise refused_input("The network", image, error) from error
