"""The layers of a network: their names, unit counts, map sizes and outputs."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn

from dissect.errors import BadSetting, DissectError, OutOfMemory, UnknownLayer, UnsupportedLayer
from dissect.networks.device import is_out_of_memory
from dissect.networks.directions import NO_DIRECTIONS, Directions
from dissect.networks.layer_outputs import as_maps
from dissect.networks.registry import Network


@dataclass(frozen=True)
class LayerInfo:
    """A layer, for images of the network's input size.

    Attributes:
        name: torch's dotted module path.
        type: the module's class.
        unit_count: output channels, or directions where the layer has some.
        map_size: height and width of one unit's activation map.
    """

    name: str
    type: str
    unit_count: int
    map_size: tuple[int, int]


class _AllRecorded(Exception):
    """All recorded layers have run, so the rest of the forward is not needed."""


@contextmanager
def recording(
    model: nn.Module,
    layers: Iterable[str],
    directions: Mapping[str, Directions] = NO_DIRECTIONS,
    stop_early: bool = False,
) -> Iterator[dict[str, Tensor]]:
    """Record the maps of layers while the block lasts; each forward replaces those of the last.

    The units of a layer with directions are the directions instead of its channels.

    Args:
        stop_early: end each forward at the last of the layers. Use it only for layers that run
            once, as `layer_infos` checks.

    Yields:
        The maps of each layer, (images, units, height, width) float32.

    >>> with recording(model, ["layer3", "layer4"]) as maps:
    ...     model(images)                  # (8, 3, 224, 224)
    >>> maps["layer4"].shape               # (8, 512, 7, 7)

    Raises:
        UnknownLayer: the model has no layer of that name.
        UnsupportedLayer: (in the forward) a layer has no units, or runs more than once.
    """
    modules = dict(model.named_modules())
    names = list(dict.fromkeys(layers))
    for name in names:
        if name not in modules or not name:
            raise UnknownLayer(name, modules)
    recorder = _Recorder(len(names), directions, stop_early)
    hooks = [model.register_forward_pre_hook(recorder.begin)]
    hooks += [modules[name].register_forward_hook(partial(recorder.keep, name)) for name in names]
    try:
        yield recorder.maps
    finally:
        for hook in hooks:
            hook.remove()


class _Recorder:
    """The state that the hooks of `recording` share: the maps of the current forward."""

    def __init__(
        self, layer_count: int, directions: Mapping[str, Directions], stop_early: bool
    ) -> None:
        self.layer_count, self.directions, self.stop_early = layer_count, directions, stop_early
        self.maps: dict[str, Tensor] = {}
        self.calls: dict[str, int] = {}
        self.images: int | None = None

    def begin(self, model: nn.Module, inputs: tuple[object, ...]) -> None:
        self.calls.clear()
        self.images = len(inputs[0]) if inputs and isinstance(inputs[0], Tensor) else None

    def keep(self, name: str, module: nn.Module, inputs: object, output: object) -> None:
        self.calls[name] = self.calls.get(name, 0) + 1
        if self.calls[name] > 1:
            raise UnsupportedLayer(
                f"Layer {name!r} runs {self.calls[name]} times in one forward, so its units have "
                "no single map; choose a layer that runs once."
            )
        maps = as_maps(output, name, self.images).detach()
        if name in self.directions:
            maps = self.directions[name].project(maps)
        else:  # copied, as an in-place ReLU may follow
            maps = maps.to(torch.float32, copy=True, memory_format=torch.contiguous_format)
        self.maps[name] = maps
        if self.stop_early and len(self.calls) == self.layer_count:
            raise _AllRecorded


def list_layers(network: Network) -> list[LayerInfo]:
    """List all layers with units of a network, in the order in which they run.

    Modules that run more than once, or whose output is not one tensor of units, are left out;
    `layer_infos` says why.
    """
    outputs: dict[str, object] = {}
    calls: Counter[str] = Counter()

    def record(name: str, output: object) -> None:
        outputs[name] = output
        calls[name] += 1

    hooks = [
        module.register_forward_hook(lambda module, inputs, output, name=name: record(name, output))
        for name, module in network.model.named_modules()
        if name
    ]
    try:
        forward(network, blank_input(network))
    finally:
        for hook in hooks:
            hook.remove()
    modules = dict(network.model.named_modules())
    infos = []
    for name, layer_output in outputs.items():
        try:
            maps = as_maps(layer_output, name, images=1)
        except UnsupportedLayer:
            continue
        if calls[name] == 1:
            infos.append(_layer_info(name, modules[name], maps))
    return infos


def _layer_info(name: str, module: nn.Module, maps: Tensor) -> LayerInfo:
    units, height, width = maps.shape[1:]
    return LayerInfo(name, type(module).__name__, units, (height, width))


def layer_infos(network: Network, layers: Iterable[str]) -> list[LayerInfo]:
    """Look up layers by name, in the order of the names; each counts once.

    Raises:
        UnknownLayer: the network has no layer of that name.
        UnsupportedLayer: a layer has no units, runs more than once, or does not run at all.
    """
    names = list(dict.fromkeys(layers))
    modules = dict(network.model.named_modules())
    with recording(network.model, names, network.directions) as maps:
        forward(network, blank_input(network))
    if skipped := [name for name in names if name not in maps]:
        raise UnsupportedLayer(f"Layer {skipped[0]!r} does not run when the network sees an image.")
    return [_layer_info(name, modules[name], maps[name]) for name in names]


def blank_input(network: Network, images: int = 1) -> Tensor:
    """Black images to try a network's layers with: (images, channels, crop, crop) uint8."""
    view = network.preprocessing
    device = next((p.device for p in network.model.parameters()), torch.device("cpu"))
    return torch.zeros(
        images, view.channels, view.crop, view.crop, dtype=torch.uint8, device=device
    )


def forward(network: Network, pixels: Tensor) -> object:
    """Run a network's layers on a batch, without gradients; returns its output.

    Args:
        pixels: (images, channels, crop, crop) uint8.

    Returns:
        The output; None where a `recording` stops the forward early.

    Raises:
        BadSetting: the network cannot take such input.
    """
    numerics = network.numerics
    with torch.inference_mode(), numerics.applied(pixels.device):
        batch = network.input_of(pixels)
        batch = batch.contiguous(memory_format=numerics.memory_format)
        try:
            return network.model(batch)
        except _AllRecorded:
            return None
        except DissectError:
            raise
        except Exception as error:  # a custom network may raise anything
            raise refused_input(network.spec, batch, error) from error


def refused_input(name: str, batch: Tensor, error: Exception) -> DissectError:
    """The sentence for a forward that failed: what it lacks, or what it cannot take."""
    reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
    count, shape = len(batch), " x ".join(map(str, batch.shape[1:]))
    if is_out_of_memory(error):
        other = "free some of it, or take --device cpu" if batch.is_cuda else "free some of it"
        images = "an image" if count == 1 else f"{count} images"
        return OutOfMemory(
            f"{name} needs more memory than {batch.device} has for {images} of {shape}: {other}, "
            f"take a larger machine, or give the network a smaller input_size ({reason})"
        )
    if batch.dtype != torch.float32 and "not implemented for" in reason:
        kind = str(batch.dtype).removeprefix("torch.")
        return BadSetting(
            f"{name} computes in {kind}, which {batch.device} cannot ({reason}): return "
            "model.float() from its factory, or take another --device."
        )
    return BadSetting(f"{name} cannot take images of {tuple(batch.shape[1:])}: {reason}")
