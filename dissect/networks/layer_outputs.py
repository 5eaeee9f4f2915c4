"""The outputs of a network's layers, read as maps: (images, units, height, width)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial

import torch
from torch import Tensor, nn

from dissect.errors import BadSetting, DissectError, OutOfMemory, UnknownLayer, UnsupportedLayer
from dissect.networks.axes.layouts import Layout, layout_of
from dissect.networks.axes.tracking import AxisTracker
from dissect.networks.device import is_out_of_memory
from dissect.networks.registry import Network


def only_tensor(output: object, layer: str) -> Tensor:
    """The tensor itself, or the only tensor of a tuple that is None otherwise.

    Attention of torch returns such a tuple.

    Raises:
        UnsupportedLayer: the output is not a single tensor of floats.
    """
    parts = [output]
    if isinstance(output, tuple):
        parts = [part for part in output if part is not None]
    if len(parts) != 1 or not isinstance(parts[0], Tensor):
        raise UnsupportedLayer(
            f"Layer {layer!r} puts out a {type(output).__name__}, not one tensor; "
            "choose a layer inside it."
        )
    if not parts[0].is_floating_point():
        raise UnsupportedLayer(f"Layer {layer!r} puts out {parts[0].dtype}, not activations.")
    return parts[0]


class _AllRecorded(Exception):
    """All recorded layers have run, so the rest of the forward is not needed."""


@contextmanager
def recording(
    network: Network, layers: Iterable[str], stop_early: bool = False
) -> Iterator[dict[str, Tensor]]:
    """Record the outputs of layers as maps while the block lasts; each forward replaces the last.

    The units of a layer with directions are the directions instead of its channels.

    Args:
        stop_early: end each forward at the last of the layers.

    Yields:
        The maps of each layer, (images, units, height, width) float32.

    >>> with recording(network, ["layer3", "layer4"]) as maps:
    ...     forward(network, pixels)       # (8, 3, 224, 224)
    >>> maps["layer4"].shape               # (8, 512, 7, 7)

    Raises:
        UnknownLayer: the model has no layer of that name.
        UnsupportedLayer: a layer has no units, or (in the forward) puts out another shape.
    """
    layouts = {name: layout_of_layer(network, name) for name in layers}
    recorder = _Recorder(network, layouts, stop_early)
    modules = dict(network.model.named_modules())
    hooks = [network.model.register_forward_pre_hook(recorder.begin)]
    hooks += [
        modules[module].register_forward_hook(partial(recorder.keep, module))
        for module in dict.fromkeys(module_and_call(network, name)[0] for name in layouts)
    ]
    try:
        yield recorder.maps
    finally:
        for hook in hooks:
            hook.remove()


class _Recorder:
    """The state that the hooks of `recording` share: the maps of the current forward."""

    def __init__(self, network: Network, layouts: Mapping[str, Layout], stop_early: bool) -> None:
        self.network, self.layouts, self.stop_early = network, layouts, stop_early
        self.maps: dict[str, Tensor] = {}
        self.calls: Counter[str] = Counter()

    def begin(self, model: nn.Module, inputs: tuple[object, ...]) -> None:
        self.calls.clear()
        self.maps.clear()

    def keep(self, module_name: str, module: nn.Module, inputs: object, output: object) -> None:
        name = call_name(module_name, self.calls[module_name])
        self.calls[module_name] += 1
        if name not in self.layouts:
            return
        maps = self.layouts[name].maps(only_tensor(output, name), name).detach()
        if name in self.network.directions:
            maps = self.network.directions[name].project(maps)
        else:  # copied, as an in-place ReLU may follow
            maps = maps.to(torch.float32, copy=True, memory_format=torch.contiguous_format)
        self.maps[name] = maps
        if self.stop_early and len(self.maps) == len(self.layouts):
            raise _AllRecorded


def layout_of_layer(network: Network, layer: str) -> Layout:
    """How the output of one of a network's layers is read as maps.

    Raises:
        UnknownLayer, UnsupportedLayer: there is no such layer, or it has no units.
    """
    module, call = module_and_call(network, layer)
    layouts = layouts_of(network)
    layout = layouts.get(call_name(module, call))
    if layout is None and call:
        count = sum(module_and_call(network, name)[0] == module for name in layouts)
        raise UnknownLayer(layer, [call_name(module, other) for other in range(count)])
    if layout is None:
        raise UnsupportedLayer(f"Layer {layer!r} does not run when the network sees an image.")
    if isinstance(layout, UnsupportedLayer):
        raise layout
    return layout


def layouts_of(network: Network) -> dict[str, Layout | UnsupportedLayer]:
    """How the outputs of all layers are read as maps, or why one cannot be, by one forward.

    One forward of two blank images tells; the network remembers it.
    """
    if not network.layouts:
        network.layouts.update(_traced_layouts(network))
    return network.layouts


def _traced_layouts(network: Network) -> dict[str, Layout | UnsupportedLayer]:
    layouts: dict[str, Layout | UnsupportedLayer] = {}
    calls: Counter[str] = Counter()
    tracker = AxisTracker()

    def record(module: nn.Module, inputs: object, output: object, name: str) -> None:
        layer = call_name(name, calls[name])
        calls[name] += 1
        try:
            tensor = only_tensor(output, layer)
            axes, shape = tracker.axes_of(tensor), tuple(tensor.shape)
            layouts[layer] = layout_of(axes, shape, layer, network.axes)
        except UnsupportedLayer as error:
            layouts[layer] = error

    hooks = [network.model.register_forward_pre_hook(lambda _, inputs: tracker.follow(inputs[0]))]
    hooks += [
        module.register_forward_hook(partial(record, name=name))
        for name, module in network.model.named_modules()
        if name
    ]
    try:
        with tracker:
            forward(network, blank_input(network, images=2))
    finally:
        for hook in hooks:
            hook.remove()
    return layouts


def blank_input(network: Network, images: int = 1) -> Tensor:
    """Black images to see the outputs of layers with: (images, channels, crop, crop) uint8."""
    view = network.preprocessing
    device = next((p.device for p in network.model.parameters()), torch.device("cpu"))
    return torch.zeros(
        images, view.channels, view.crop, view.crop, dtype=torch.uint8, device=device
    )


def forward(network: Network, pixels: Tensor) -> object:
    """Run a network on a batch, without gradients, for its layers' outputs; returns its own.

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
    """The sentence for a forward that gives no output: what it lacks, or what it cannot take."""
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


def call_name(module: str, call: int) -> str:
    """The name of one output of a layer's module: its path, and :1 for that of its second run.

    >>> call_name("layer1.0.relu", 0), call_name("layer1.0.relu", 1)
    ('layer1.0.relu', 'layer1.0.relu:1')
    """
    return f"{module}:{call}" if call else module


def module_and_call(network: Network, layer: str) -> tuple[str, int]:
    """Which output of which module a layer's name means: the path, and the run, from 0.

    Raises:
        UnknownLayer: the model has no such module.
    """
    modules = dict(network.model.named_modules())
    name, _, call = layer.rpartition(":")
    if layer not in modules and name in modules and call.isdecimal():
        return name, int(call)
    if layer not in modules or not layer:
        raise UnknownLayer(layer, modules)
    return layer, 0
