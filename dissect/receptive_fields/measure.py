"""Measures the empirical fields of a layer from a sample of its units, and says what was found."""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch

from dissect.errors import BadSetting, UnsupportedLayer
from dissect.images.image_list import ImageList
from dissect.networks.layers import LayerInfo
from dissect.networks.registry import Network
from dissect.receptive_fields.empirical import (
    DEFAULT_TOP_IMAGES,
    LEVEL,
    LEVELS,
    EmpiricalFields,
    empirical_fields,
)
from dissect.receptive_fields.occluders import DEFAULT_SIZE, DEFAULT_STRIDE, Occluders
from dissect.receptive_fields.theoretical import Field, theoretical_fields
from dissect.storage.store import Store
from dissect.topk.batches import Progress
from dissect.topk.results import CollectedLayer
from dissect.topk.sampling import sampled_images

DEFAULT_UNITS = 16  # measured of each layer, unless others are asked for
ALL_UNITS = 0
StageProgress = Callable[[str, int, int], None]  # what is done, how many of how many


@dataclass(frozen=True)
class FieldSettings:
    """How the fields of a layer are measured; the noise of the occluders has seed 0.

    Attributes:
        units: how many of the layer's, a fixed draw; 0 is all.
        top_images: averaged for each of them.
        occluder, stride: pixels of its side, and from one place to the next.
    """

    units: int = DEFAULT_UNITS
    top_images: int = DEFAULT_TOP_IMAGES
    occluder: int = DEFAULT_SIZE
    stride: int = DEFAULT_STRIDE

    def __post_init__(self) -> None:
        if self.units < ALL_UNITS or self.top_images < 1:
            raise BadSetting(
                "Fields are measured of at least 1 unit (0: all) over at least 1 image, "
                f"got {self.units} and {self.top_images}."
            )

    @property
    def occluders(self) -> Occluders:
        return Occluders(self.occluder, self.stride, fill="random")

    def check(self, infos: list[LayerInfo], side: int, collected: int) -> None:
        """
        Args:
            side: pixels of the network's view.
            collected: top images that there will be for each unit.

        Raises:
            BadSetting, UnsupportedLayer: the fields could not be measured after the long part.
        """
        self.occluders.starts(side)
        if self.top_images > collected:
            raise BadSetting(
                f"Fields are averaged over {self.top_images} top images, but only {collected} are "
                f"collected for a unit: take --field-images {collected} or less."
            )
        for info in infos:
            if info.map_size == (1, 1):
                raise UnsupportedLayer(
                    f"Layer {info.name!r} has no space, so no receptive field to measure: take "
                    "--segment upsample, or a layer before the image is averaged."
                )


def measure_layer(
    network: Network,
    layer: CollectedLayer,
    field: Field,
    images: ImageList,
    wanted: FieldSettings,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """The fields of a sample of a layer's units, as JSON has them; "px" is what discs will have.

    Raises:
        UnsupportedLayer: nothing that an occluder hides moves any of the units.
    """
    units = sampled_units(layer.info.unit_count, wanted.units)
    images_each = min(wanted.top_images, len(layer.top))
    top = layer.top.take(np.tile(np.arange(images_each), (layer.info.unit_count, 1)))
    found = empirical_fields(
        network, layer.info, field, images, top, units, wanted.occluders, progress
    )
    px = disc_diameter(found)
    if px is None:
        raise UnsupportedLayer(
            f"Nothing hidden moves any of the {len(units)} units measured in layer "
            f"{layer.info.name!r}: take --segment upsample, or more --field-units."
        )
    return {"px": px, "top_images": images_each, "theoretical": field.facts()} | fields_as_json(
        found
    )


def measure_layers(
    network: Network,
    layers: Sequence[CollectedLayer],
    images: ImageList,
    store: Store,
    wanted: FieldSettings | None,
    device: torch.device,
    say: StageProgress,
) -> list[dict[str, Any] | None]:
    """What `measured` says of each layer; None of each where nothing is wanted.

    It is written down one layer after another, and a second try reads what the first wrote.
    """
    if wanted is None:
        return [None] * len(layers)
    network.model.to(device)
    theory = theoretical_fields(network, [layer.info.name for layer in layers])
    for number, layer in enumerate(layers):
        stage = f"measuring fields of {layer.info.name}"
        if not store.has(_name(number)):
            found = measure_layer(
                network, layer, theory[layer.info.name], images, wanted,
                progress=partial(say, stage),
            )  # fmt: skip
            store.put(_name(number), json.dumps(found).encode())
    return [json.loads(store.get(_name(number))) for number in range(len(layers))]


def _name(number: int) -> str:
    return f"fields/{number}.json"


def sampled_units(count: int, most: int) -> list[int]:
    """The units of a layer whose fields are measured: a fixed draw, or all where `most` is 0."""
    chosen: list[int] = sampled_images(count, most or count).tolist()
    return chosen


def disc_diameter(found: EmpiricalFields) -> float | None:
    """The diameter of a layer's discs in pixels: the mean field, of units that were seen whole.

    Where every field was cut by the image's edge, the mean of these; None: nothing was measured.
    """
    uncut = found.mean(uncut=True)
    return uncut if uncut is not None else found.mean()


def fields_as_json(found: EmpiricalFields) -> dict[str, Any]:
    """Sizes in pixels: their mean, their standard deviation, and each unit's.

    unit_count were measured, silent_count nothing moved. cut_count were seen in part only;
    "uncut" is of the others.
    """
    return {
        "mean": found.mean(),
        "std": found.spread(),
        "unit_count": found.count(),
        "silent_count": len(found.units) - found.count(),
        "cut_count": int(found.cut.sum()),
        "uncut": {
            "mean": found.mean(uncut=True),
            "std": found.spread(uncut=True),
            "unit_count": found.count(uncut=True),
        },
        "levels": {
            str(level): {"mean": found.mean(level), "std": found.spread(level)} for level in LEVELS
        },
        "units": {
            str(unit): None if math.isnan(size) else float(size)
            for unit, size in zip(found.units, found.sizes[LEVEL], strict=True)
        },
    }
