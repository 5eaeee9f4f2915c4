"""Measures the empirical fields of layers from a sample of their units, and reports their sizes."""

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

DEFAULT_UNITS = 16  # measured of each layer
ALL_UNITS = 0
StageProgress = Callable[[str, int, int], None]  # name of the stage, items done, of how many


@dataclass(frozen=True)
class FieldSettings:
    """How the fields of a layer are measured; the occluders are noise with seed 0.

    Attributes:
        units: number of units, drawn by hash; 0 for all.
        top_images: averaged for each unit.
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
        """Refuse settings that would only fail after the long pass over the images.

        Args:
            side: pixels along a side of the network's view.
            collected: top images that the pass collects for each unit.

        Raises:
            BadSetting: the occluder is too large, or there are too few top images.
            UnsupportedLayer: a layer's map is a single cell.
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
    settings: FieldSettings,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Measure the empirical fields of a sample of a layer's units, as a dissection keeps them.

    Returns:
        {"px": diameter of the layer's discs, "top_images", "theoretical": {...}} and
        `fields_as_json`.

    Raises:
        UnsupportedLayer: no occluder changes any of these units.
    """
    units = sampled_units(layer.info.unit_count, settings.units)
    top_images = min(settings.top_images, len(layer.top))
    top = layer.top.take(np.tile(np.arange(top_images), (layer.info.unit_count, 1)))
    fields = empirical_fields(
        network, layer.info, field, images, top, units, settings.occluders, progress
    )
    px = disc_diameter(fields)
    if px is None:
        raise UnsupportedLayer(
            f"No occluder changes any of the {len(units)} units measured in layer "
            f"{layer.info.name!r}: take --segment upsample, or more --field-units."
        )
    head = {"px": px, "top_images": top_images, "theoretical": field.facts()}
    return head | fields_as_json(fields)


def measure_layers(
    network: Network,
    layers: Sequence[CollectedLayer],
    images: ImageList,
    store: Store,
    settings: FieldSettings | None,
    device: torch.device,
    stage: StageProgress,
) -> list[dict[str, Any] | None]:
    """Measure the empirical fields of every layer of a dissection; None without settings.

    Idempotent: each layer's result is stored when it is measured, and read by a later call.
    """
    if settings is None:
        return [None] * len(layers)
    network.model.to(device)
    theory = theoretical_fields(network, [layer.info.name for layer in layers])
    names = [f"fields/{number}.json" for number in range(len(layers))]
    for name, layer in zip(names, layers, strict=True):
        if not store.has(name):
            fields = measure_layer(
                network, layer, theory[layer.info.name], images, settings,
                progress=partial(stage, f"measuring fields of {layer.info.name}"),
            )  # fmt: skip
            store.put(name, json.dumps(fields).encode())
    return [json.loads(store.get(name)) for name in names]


def sampled_units(count: int, limit: int) -> list[int]:
    """Choose the units whose fields are measured: a hashed draw, or all where `limit` is 0."""
    units: list[int] = sampled_images(count, limit or count).tolist()
    return units


def disc_diameter(fields: EmpiricalFields) -> float | None:
    """The diameter of discs that follows from a layer's measured fields: the uncut ones' mean.

    The mean of all fields where all are cut; None where no unit has a size.
    """
    uncut = fields.mean(uncut=True)
    return uncut if uncut is not None else fields.mean()


def fields_as_json(fields: EmpiricalFields) -> dict[str, Any]:
    """A layer's measured fields as JSON: mean size in pixels, deviation, and each unit's size.

    unit_count units have a size, silent_count units are changed by no occluder, cut_count fields
    are cut by the image's edge. "uncut" leaves these out.
    """
    return {
        "mean": fields.mean(),
        "std": fields.spread(),
        "unit_count": fields.count(),
        "silent_count": len(fields.units) - fields.count(),
        "cut_count": int(fields.cut.sum()),
        "uncut": {
            "mean": fields.mean(uncut=True),
            "std": fields.spread(uncut=True),
            "unit_count": fields.count(uncut=True),
        },
        "levels": {
            str(level): {"mean": fields.mean(level), "std": fields.spread(level)}
            for level in LEVELS
        },
        "units": {
            str(unit): None if math.isnan(size) else float(size)
            for unit, size in zip(fields.units, fields.sizes[LEVEL], strict=True)
        },
    }
