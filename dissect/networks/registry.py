"""Networks by SPEC: the model, its preprocessing, and exactly which weights it has.

torchvision:NAME            untrained unless --weights names a file or DEFAULT
timm:NAME                   the same, from timm where it is installed
efficientnet_lite0|1|2      ImageNet weights from packages of the Python index
places365:alexnet|resnet18|resnet50 --weights FILE
squeezenet_bn_places365 --weights FILE
package.module:factory      called without arguments, returns an nn.Module; `is_trained = False` on
                            it says that its weights are random
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from torch import nn

from dissect.errors import UnknownNetwork
from dissect.images.preprocessing import Preprocessing
from dissect.networks.builders import (
    DEFAULT_SEED,
    FAMILIES,
    NAMED,
    PUBLISHED,
    UNTRAINED,
    BuiltNetwork,
    from_factory,
    seeded,
)
from dissect.networks.directions import NO_DIRECTIONS, Directions
from dissect.networks.numerics import DEFAULT_NUMERICS, Numerics
from dissect.networks.weights import file_sha256, load_weights, reinitialise, state_sha256


@dataclass(frozen=True)
class Network:
    """A model in evaluation mode, with what is needed to feed it and to name it.

    Attributes:
        spec: what the user called it.
        weights: the file they came from, "DEFAULT", "package" or "untrained".
        weights_sha256: of that file, else of the state itself (weights.state_sha256).
        classes: names of its outputs, empty where unknown.
        directions: what stands for units in some layers, instead of their channels.
        condition: what its units are, "trained", "untrained", "directions" (brought ones) or
            "random directions".
        origin: facts about its directions or random weights, which a dissection tells.
        numerics: how its forwards are carried out.
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


def load_network(spec: str, weights: str | None = None, seed: int = DEFAULT_SEED) -> Network:
    """Make the network that a SPEC names.

    Args:
        spec: see this module's first lines.
        weights: a file of weights, DEFAULT for the library's published ones, or "untrained" for
            random ones, whatever the network comes with.
        seed: of random weights that are asked for.

    Raises:
        UnknownNetwork: no such network, or its factory failed.
        UnreadableWeights: the weights are needed and missing, or cannot be read.
    """
    built = _untrained(spec, seed) if weights == UNTRAINED else _build(spec, weights)
    kind, digest = built.weights, None
    if weights and weights not in (PUBLISHED, UNTRAINED):
        path = Path(weights)
        load_weights(built.model, path)
        kind, digest = path.name, file_sha256(path)
    model = built.model.eval().requires_grad_(False)
    return Network(
        spec=spec,
        model=model,
        preprocessing=built.preprocessing,
        weights=kind,
        weights_sha256=digest or state_sha256(model),
        classes=built.classes,
        condition="untrained" if kind == UNTRAINED else "trained",
        origin={"seed": seed} if weights == UNTRAINED else {},
    )


def _untrained(spec: str, seed: int) -> BuiltNetwork:
    """The network as a training that begins with this seed finds it."""
    with seeded(seed):
        built = _build(spec, UNTRAINED)
    if built.weights == "factory":  # who knows what it has loaded, or seeded
        with seeded(seed):
            reinitialise(built.model)
    return replace(built, weights=UNTRAINED)


def _build(spec: str, weights: str | None) -> BuiltNetwork:
    library, _, name = spec.partition(":")
    if builder := FAMILIES.get(library):
        return builder(name, weights)
    if builder := NAMED.get(spec):
        return builder(spec, weights)
    if "." in library and name:
        return from_factory(library, name)
    known = [*NAMED, *(f"{family}:NAME" for family in FAMILIES), "package.module:factory"]
    near = get_close_matches(spec, known, n=1)
    hint = f"Did you mean {near[0]}?" if near else f"Known are {', '.join(known)}."
    raise UnknownNetwork(f"There is no network {spec!r}. {hint}")
