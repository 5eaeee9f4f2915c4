"""What a network does to one image, operation by operation, with every result kept.

Whatever the model is built from (modules, functions, residual and parallel branches), torch
carries it out in a few hundred kinds of tensor operations. A tape of them says which cells of
which map go into which others, so it gives receptive fields by arithmetic (`theoretical`) and
lets a changed part of the image be followed without the rest (`forward`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_map

from dissect.errors import BadSetting
from dissect.networks.registry import Network


class Ref(NamedTuple):
    """The result of a step: its place on the tape, and which one where it has several."""

    step: int
    item: int = 0


@dataclass
class Step:
    """One operation.

    Attributes:
        op: None for the input, and for results that can no longer be followed.
        args, kwargs: as the operation got them, a Ref in the place of each earlier result.
        values: what came out.
    """

    op: Any
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    values: list[Tensor]

    @property
    def name(self) -> str:
        """Such as "convolution" or "relu": the in-place form is called like the other."""
        return "" if self.op is None else self.op.overloadpacket.__name__.rstrip("_")


class Trace(NamedTuple):
    """The steps in order, the first being the input, and where each layer came out.

    A layer that ran more than once, or put out something else than one tensor, is in no place.
    """

    steps: list[Step]
    layers: dict[str, Ref]


class _Enough(Exception):
    """The layers that are wanted have run."""


class _Recorder(TorchDispatchMode):  # type: ignore[no-untyped-call]
    def __init__(self, image: Tensor) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.steps = [Step(None, (), {}, [image])]
        self.known: dict[int, tuple[Ref, Tensor]] = {id(image): (Ref(0), image)}

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        told_args, told_kwargs = tree_map(self._told, (args, kwargs))
        if not refs_in((told_args, told_kwargs)):
            return func(*args, **kwargs)
        written = args[0] if func._schema.is_mutable and isinstance(args[0], Tensor) else None
        if written is not None:
            self._keep_before_writing(written)
        out = func(*args, **kwargs)
        values = [v for v in (out if isinstance(out, (tuple, list)) else [out])
                  if isinstance(v, Tensor)]  # fmt: skip
        if values:
            self._note(Step(func, told_args, told_kwargs, values))
        return out

    def _told(self, value: Any) -> Any:
        found = self.known.get(id(value)) if isinstance(value, Tensor) else None
        return found[0] if found else value

    def _note(self, step: Step) -> None:
        place = len(self.steps)
        self.steps.append(step)
        for item, value in enumerate(step.values):  # kept alive, so that no id is given twice
            self.known[id(value)] = (Ref(place, item), value)

    def _keep_before_writing(self, written: Tensor) -> None:
        """An operation in place ends the old value, and whatever else looks at the same memory."""
        memory = written.untyped_storage().data_ptr()
        for ref, value in list(self.known.values()):
            if value.untyped_storage().data_ptr() != memory:
                continue
            step = self.steps[ref.step]
            step.values[ref.item] = value.clone()
            if value is not written:
                self._note(Step(None, (ref,), {}, [value]))

    def place_of(self, value: object) -> Ref | None:
        found = self.known.get(id(value))
        return found[0] if found else None


def refs_in(value: Any) -> list[Ref]:
    """All Refs in nested arguments."""
    if isinstance(value, Ref):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (tuple, list)):
        return [ref for part in value for ref in refs_in(part)]
    return []


def record_trace(
    network: Network, pixels: Tensor, layers: Sequence[str], whole: bool = False
) -> Trace:
    """Run the network on one image up to the last of some layers, and tell what it did.

    Args:
        pixels: (channels, crop, crop) uint8.
        layers: dotted names.
        whole: go on to the network's output, which is then the layer "".
    """
    model = network.model
    image = network.preprocessing.normalise(pixels[None])
    recorder = _Recorder(image)
    found: dict[str, Ref] = {}
    calls: dict[str, int] = dict.fromkeys(layers, 0)
    modules = dict(model.named_modules())

    def note(name: str) -> Callable[..., None]:
        def hook(module: Any, inputs: Any, output: Any) -> None:
            calls[name] += 1
            place = recorder.place_of(output)
            if place is not None:
                found[name] = place
            if not whole and all(calls.values()):
                raise _Enough

        return hook

    hooks = [modules[name].register_forward_hook(note(name)) for name in layers]
    try:
        output = _run(model, image, recorder)
    finally:
        for one in hooks:
            one.remove()
    once = {name: ref for name, ref in found.items() if calls[name] == 1}
    if whole and (place := recorder.place_of(output)) is not None:
        once[""] = place
    return Trace(recorder.steps, once)


def _run(model: torch.nn.Module, image: Tensor, recorder: _Recorder) -> object:
    with torch.no_grad(), recorder:
        try:
            return model(image)
        except _Enough:
            return None
        except RuntimeError as error:
            raise BadSetting(
                f"The network cannot take images of {tuple(image.shape[1:])}: "
                f"{str(error).splitlines()[0]}"
            ) from error
