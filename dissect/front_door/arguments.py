"""What the functions of the front door are given: networks, layers, units, images, progress."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import nn
from torch.nn.modules.lazy import LazyModuleMixin

from dissect.analyses.scene_segmentation import NamedUnit
from dissect.errors import BadSetting, ImagesError
from dissect.format.names import on_one_line
from dissect.images.image_list import ImageList
from dissect.networks.device import select_device
from dissect.networks.direction_files.files import load_directions
from dissect.networks.directions import Directions
from dissect.networks.layers import layer_infos
from dissect.networks.registry import Network, load_network
from dissect.topk.batches import Progress, StageProgress
from dissect.topk.sampling import sampled_images

AUTO = "auto"

AnyNetwork = Network | nn.Module | str
AnyDirections = str | Path | Mapping[str, Directions]
Device = str | torch.device
AnyNames = str | Path | Mapping[str, Mapping[Any, Any]] | Iterable[NamedUnit]


@contextmanager
def opened(
    network: AnyNetwork,
    device: Device = AUTO,
    directions: AnyDirections | None = None,
    layers: Sequence[str] = (),
) -> Iterator[tuple[Network, torch.device]]:
    """Read the argument `network` of the library's functions: any kind, open for the block.

    A module of the user's own is in evaluation mode meanwhile, and afterwards as it was.

    Args:
        device: "auto" is where a module's parameters are, for other networks the first GPU.
        directions: units of `layers` in place of channels: a file, or what `rotations` made.

    Raises:
        UnknownNetwork, UnreadableWeights, BadSetting: the network cannot be made or prepared.
        BadDirections: the directions cannot be read, or do not fit.
    """
    if isinstance(network, nn.Module):
        with _unchanged(network):
            own = load_network(network)
            chosen = select_device(str(_device_of(network) if device == AUTO else device))
            yield _with_directions(own, directions, layers), chosen
        return
    if not isinstance(network, (str, Network)):
        raise BadSetting(
            f"A network is a SPEC such as torchvision:alexnet, an nn.Module or what load_network "
            f"returns, not {type(network).__name__}."
        )
    own = load_network(network) if isinstance(network, str) else network
    yield _with_directions(own, directions, layers), select_device(str(device))


def _device_of(model: nn.Module) -> torch.device:
    tensors = chain(model.parameters(), model.buffers())
    return next((tensor.device for tensor in tensors), torch.device("cpu"))


@contextmanager
def _unchanged(model: nn.Module) -> Iterator[None]:
    """Put a module back to what it was: modes, gradients, parts, attributes, device, layout."""
    modes = [(part, part.training) for part in model.modules()]
    parts = [
        (part, dict(vars(part)), dict(part._modules))
        for part in model.modules()
        if not isinstance(part, LazyModuleMixin)  # it learns its sizes, as in any first forward
    ]
    gradients = [(tensor, tensor.requires_grad) for tensor in model.parameters()]
    device, was_last = _device_of(model), _is_channels_last(model)
    try:
        yield
    finally:
        for part, attributes, children in parts:
            vars(part).clear()
            vars(part).update(attributes)
            part._modules.clear()
            part._modules.update(children)
        for part, mode in modes:
            part.training = mode
        for tensor, needed in gradients:
            tensor.requires_grad_(needed)
        if _device_of(model) != device:
            model.to(device)
        if was_last:
            model.to(memory_format=torch.channels_last)


def _is_channels_last(model: nn.Module) -> bool:
    return any(
        tensor.ndim == 4
        and tensor.is_contiguous(memory_format=torch.channels_last)
        and not tensor.is_contiguous()
        for tensor in model.parameters()
    )


def _with_directions(
    network: Network, directions: AnyDirections | None, layers: Sequence[str]
) -> Network:
    if directions is None:
        return network
    if isinstance(directions, (str, Path)):
        directions = load_directions(Path(directions), list(layers))
    return replace(network, directions=directions)


def layer_names(layers: str | Sequence[str]) -> list[str]:
    """Read the argument `layers` of the library's functions: one name or several.

    Raises:
        BadSetting: there is none.
    """
    names = [layers] if isinstance(layers, str) else list(layers)
    if not names:
        raise BadSetting("Name a layer, such as one of dissect.layers(network).suggested.")
    return names


def units_of(units: Sequence[int] | None, unit_count: int, layer: str) -> list[int]:
    """Read the argument `units` of the library's functions: some units of a layer, or all.

    Raises:
        BadSetting: the layer has no such unit.
    """
    for unit in () if units is None else units:
        if not 0 <= unit < unit_count:
            raise BadSetting(f"Layer {layer!r} has units 0 to {unit_count - 1}, not {unit}.")
    return list(range(unit_count)) if units is None else list(units)


def units_by_layer(
    network: Network, layers: Sequence[str], units: Sequence[int] | None
) -> dict[str, list[int]]:
    """List the requested units of each layer, before any image is read.

    Raises:
        UnknownLayer, UnsupportedLayer: there is no such layer.
        BadSetting: a layer has no such unit.
    """
    infos = layer_infos(network, layers)
    return {info.name: units_of(units, info.unit_count, info.name) for info in infos}


def sampled(images: ImageList, limit: int | None) -> ImageList:
    """Read the argument `sample` of the library's functions: some random images, or all.

    Raises:
        BadSetting: it would be empty.
    """
    if limit is None:
        return images
    if limit < 1:
        raise BadSetting(f"--sample must be at least 1, got {limit}.")
    places = sampled_images(len(images), limit).tolist()
    return replace(
        images,
        paths=tuple(images.paths[place] for place in places),
        file_names=tuple(images.file_names[place] for place in places if images.file_names),
        file=lambda place: images.file(places[place]),
    )


def stage(progress: StageProgress | None, name: str) -> Progress | None:
    """Read the argument `progress` of the library's functions: that of one stage, or None."""
    return partial(progress, name) if progress else None


def open_asked(images: ImageList, place: int) -> Image.Image:
    """Open an image that an argument of the library's functions names: it cannot be skipped.

    Raises:
        ImagesError: it cannot be read; the text names it.
    """
    try:
        return images.open(place)
    except ImagesError as error:
        name = on_one_line(images.paths[place])
        raise ImagesError(
            f"The image '{name}' cannot be read: {error}. Choose another one, or leave it out by "
            f"--skip '{name}'."
        ) from error


def _read_named(path: Path) -> list[NamedUnit]:
    """Read the units for scene segmentation: {"layers": {L: {UNIT: {"concept", "precision"}}}}.

    A unit may also have its "threshold" and "maximum".

    Raises:
        BadSetting: the file cannot be read, or names no unit.
    """
    try:
        layers = json.loads(path.read_text(encoding="utf-8"))["layers"]
        units_named = [
            NamedUnit(
                layer, int(unit), str(facts["concept"]), float(facts["precision"]),
                facts.get("threshold"), facts.get("maximum"),
            )
            for layer, units in layers.items()
            for unit, facts in units.items()
        ]  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadSetting(
            f"{path} cannot be read as names of units; it needs "
            '{"layers": {LAYER: {UNIT: {"concept", "precision"}}}}.'
        ) from error
    if not units_named:
        raise BadSetting(f"{path} names no unit: a scene needs one at least.")
    return units_named


def named_units(named: AnyNames) -> list[NamedUnit]:
    """Read the argument `named` of the library's functions: from a file, a mapping or objects.

    Args:
        named: a JSON file, or layer to unit to (concept, precision).

    Raises:
        BadSetting: they cannot be read, or there are none.
    """
    if isinstance(named, (str, Path)):
        return _read_named(Path(named))
    if isinstance(named, Mapping):
        try:
            named = [
                NamedUnit(layer, int(unit), str(concept), float(precision))
                for layer, units in named.items()
                for unit, (concept, precision) in units.items()
            ]
        except (TypeError, ValueError, AttributeError) as error:
            raise BadSetting(
                "Names of units are {layer: {unit: (concept, precision)}}, not "
                f"{str(named)[:60]}."
            ) from error
    units = list(named)
    if not units:
        raise BadSetting("No unit is named: a scene needs one at least.")
    return units
