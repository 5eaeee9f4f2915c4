"""The layers of a network: their names, unit counts and map sizes, and what they put out."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn

from dissect.errors import BadSetting, DissectError, UnknownLayer, UnsupportedLayer
from dissect.networks.activation_maps import as_maps
from dissect.networks.directions import NO_DIRECTIONS, Directions
from dissect.networks.registry import Network


@dataclass(frozen=True)
class LayerInfo:
    """A layer as the network's own input size makes it.

    Attributes:
        name: torch's dotted module path.
        type: the module's class.
        unit_count: output channels.
        map_size: height and width of one unit's activation map.
    """

    name: str
    type: str
    unit_count: int
    map_size: tuple[int, int]


class _HeardAll(Exception):
    """Every layer asked for has put out its maps; the rest of the forward is of no use."""


@contextmanager
def recording(
    model: nn.Module,
    layers: Iterable[str],
    directions: Mapping[str, Directions] = NO_DIRECTIONS,
    stop_early: bool = False,
) -> Iterator[dict[str, Tensor]]:
    """Collect the maps that layers put out while the block lasts; a later forward replaces them.

    A layer with directions has those for units, instead of its channels.

    Args:
        stop_early: end each forward at the last of the layers. For layers of which `layer_infos`
            has seen that they run once.

    >>> with recording(model, ["layer3", "layer4"]) as maps:
    ...     model(images)                  # (8, 3, 224, 224)
    >>> maps["layer4"].shape               # (8, 512, 7, 7)

    Raises:
        UnknownLayer: the model has no layer by that name.
        UnsupportedLayer: (in the forward) a layer has no units, or runs more than once.
    """
    modules = dict(model.named_modules())
    wanted = list(dict.fromkeys(layers))
    for name in wanted:
        if name not in modules or not name:
            raise UnknownLayer(name, modules)
    heard = _Heard(len(wanted), directions, stop_early)
    hooks = [model.register_forward_pre_hook(heard.begin)]
    hooks += [modules[name].register_forward_hook(partial(heard.keep, name)) for name in wanted]
    try:
        yield heard.maps
    finally:
        for hook in hooks:
            hook.remove()


class _Heard:
    """What the hooks of `recording` share: the maps of the last forward."""

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
        found = as_maps(output, name, self.images).detach()
        if name in self.directions:
            found = self.directions[name].project(found)
        else:  # copied, as an in-place ReLU may follow
            found = found.to(torch.float32, copy=True, memory_format=torch.contiguous_format)
        self.maps[name] = found
        if self.stop_early and len(self.calls) == self.layer_count:
            raise _HeardAll


def list_layers(network: Network) -> list[LayerInfo]:
    """Every layer with units, in the order in which it runs.

    Modules that run more than once, or put out something else than one tensor of units, are
    left out; asking for one of them says why.
    """
    seen: dict[str, tuple[object, int]] = {}

    def note(name: str, output: object) -> None:
        seen[name] = (output, seen.get(name, (None, 0))[1] + 1)

    hooks = [
        module.register_forward_hook(lambda module, inputs, output, name=name: note(name, output))
        for name, module in network.model.named_modules()
        if name
    ]
    try:
        forward(network, blank_input(network))
    finally:
        for hook in hooks:
            hook.remove()
    return list(_with_units(network, seen))


def _with_units(network: Network, seen: Mapping[str, tuple[object, int]]) -> Iterator[LayerInfo]:
    modules = dict(network.model.named_modules())
    for name, (output, calls) in seen.items():
        try:
            maps = as_maps(output, name, images=1)
        except UnsupportedLayer:
            continue
        if calls == 1:
            units, height, width = maps.shape[1:]
            yield LayerInfo(name, type(modules[name]).__name__, units, (height, width))


def layer_infos(network: Network, layers: Iterable[str]) -> list[LayerInfo]:
    """The layers asked for, in the order asked; each named once.

    Raises:
        UnknownLayer, UnsupportedLayer: as `recording` says.
    """
    wanted = list(dict.fromkeys(layers))
    modules = dict(network.model.named_modules())
    with recording(network.model, wanted, network.directions) as maps:
        forward(network, blank_input(network))
    missed = [name for name in wanted if name not in maps]
    if missed:
        raise UnsupportedLayer(f"Layer {missed[0]!r} does not run when the network sees an image.")
    return [
        LayerInfo(name, type(modules[name]).__name__, maps[name].shape[1],
                  (maps[name].shape[2], maps[name].shape[3]))
        for name in wanted
    ]  # fmt: skip


def blank_input(network: Network, images: int = 1) -> Tensor:
    """(images, channels, crop, crop) uint8 of zeros."""
    shape = network.preprocessing
    device = next((p.device for p in network.model.parameters()), torch.device("cpu"))
    return torch.zeros(
        images, shape.channels, shape.crop, shape.crop, dtype=torch.uint8, device=device
    )


def forward(network: Network, pixels: Tensor) -> object:
    """What the network says to a batch of pixels: (images, channels, crop, crop) uint8.

    None where a recording has ended the forward before its end.

    Raises:
        BadSetting: the network cannot take such input.
    """
    numerics = network.numerics
    with torch.inference_mode(), numerics.applied(pixels.device):
        batch = network.preprocessing.normalise(pixels)
        batch = batch.contiguous(memory_format=numerics.memory_format)
        try:
            return network.model(batch)
        except _HeardAll:
            return None
        except DissectError:
            raise
        except Exception as error:  # whatever a brought network raises
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            raise BadSetting(
                f"{network.spec} cannot take images of {tuple(batch.shape[1:])}: {reason}"
            ) from error
