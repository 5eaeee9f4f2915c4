"""Finds the diameter of the discs that a layer's regions consist of, and says how.

A diameter is the median empirical field of a sample of the layer's units (METHODS.md, "Regions").
Discs narrower than two strides of the map look like scattered bubbles, and none is wider than the
theoretical field.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch

from dissect.errors import BadSetting
from dissect.images.image_list import ImageList
from dissect.networks.registry import Network
from dissect.receptive_fields.budget import FORWARDS_SHARE, QuickFields, quick_fields
from dissect.receptive_fields.empirical import (
    DEFAULT_TOP_IMAGES,
    empirical_fields,
)
from dissect.receptive_fields.occluders import DEFAULT_SIZE, DEFAULT_STRIDE, Occluders
from dissect.receptive_fields.theoretical import Field, theoretical_fields
from dissect.storage.store import Store
from dissect.topk.batches import Progress, StageProgress
from dissect.topk.results import CollectedLayer
from dissect.topk.sampling import sampled_images

MEASURED, ASSUMED, FIXED = "measured", "assumed", "fixed"
WHOLE = "whole"  # how the diameter of a map of one cell is known
FIXED_SHARE = 65 / 227  # of the view: the paper's discs, in the code released with arXiv:1412.6856
ASSUMED_SHARE = 1 / 8
MIN_STRIDES = 2  # of the map, in a diameter
ALL_UNITS = 0


@dataclass(frozen=True)
class FieldSettings:
    """Where the diameter of a layer's discs comes from.

    Attributes:
        size: "measured", "assumed" (an eighth of the view) or "fixed" (65/227 of it, the paper's).
        units: number of units to measure by occlusion, drawn by hash, whatever it costs; 0 for
            all. None: as many as the budget of `quick_fields` allows, estimated from gradients
            where that is too few.
        top_images: averaged for each of `units`.
        occluder, stride: pixels of its side, and from one place to the next.
    """

    size: str = MEASURED
    units: int | None = None
    top_images: int = DEFAULT_TOP_IMAGES
    occluder: int = DEFAULT_SIZE
    stride: int = DEFAULT_STRIDE

    def __post_init__(self) -> None:
        if self.size not in (MEASURED, ASSUMED, FIXED):
            raise BadSetting(f"Fields are {MEASURED}, {ASSUMED} or {FIXED}, not {self.size!r}.")
        if self.units is None:
            return
        if self.size != MEASURED:
            raise BadSetting(f"Fields that are {self.size} are not measured of {self.units} units.")
        if self.units < ALL_UNITS or self.top_images < 1:
            raise BadSetting(
                "Fields are measured of at least 1 unit (0: all) over at least 1 image, "
                f"got {self.units} and {self.top_images}."
            )

    @property
    def occluders(self) -> Occluders:
        return Occluders(self.occluder, self.stride, fill="constants")

    def check(self, side: int, collected: int) -> None:
        """Refuse settings that would only fail after the long pass over the images.

        Args:
            side: pixels along a side of the network's view.
            collected: top images that the pass collects for each unit.

        Raises:
            BadSetting: the occluder is too large, or there are too few top images.
        """
        if self.units is None:
            return
        self.occluders.starts(side)
        if self.top_images > collected:
            raise BadSetting(
                f"Fields are averaged over {self.top_images} top images, but only {collected} are "
                f"collected for a unit: take --field-images {collected} or less."
            )


def layer_diameters(
    network: Network,
    layers: Sequence[CollectedLayer],
    images: ImageList,
    store: Store,
    settings: FieldSettings,
    device: torch.device,
    stage: StageProgress,
    known: Mapping[str, dict[str, Any]] | None = None,
) -> list[dict[str, Any]]:
    """Find the diameter of the discs of every layer of a dissection, with how it was found.

    Idempotent: each layer's result is stored when it is found, and read by a later call.

    Args:
        known: results by layer, taken instead: those of the layers that a control controls.

    Returns:
        For each layer {"px": the diameter, "how", "theoretical"}; `how` is "measured",
        "gradient", "assumed", "fixed" or "whole" (a map of one cell). Where something was
        measured, also "median", "top_images", "forwards" and `EmpiricalFields.as_json`.
    """
    network.move(device)
    theory = theoretical_fields(network, [layer.info.name for layer in layers])
    names = [f"fields/{number}.json" for number in range(len(layers))]
    forwards = FORWARDS_SHARE * len(images) / len(layers)
    for name, layer in zip(names, layers, strict=True):
        layer_name = layer.info.name
        if not store.has(name):
            facts = (known or {}).get(layer_name) or layer_diameter(
                network, layer, theory[layer_name], images, settings, forwards,
                progress=partial(stage, f"measuring fields of {layer_name}"),
            )  # fmt: skip
            store.put(name, json.dumps(facts).encode())
    return [json.loads(store.get(name)) for name in names]


def layer_diameter(
    network: Network,
    layer: CollectedLayer,
    field: Field,
    images: ImageList,
    settings: FieldSettings,
    forwards: float,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Find the diameter of a layer's discs in pixels of the view, as `layer_diameters` returns it.

    Args:
        forwards: what measuring may cost, in whole-image forwards.
    """
    side, facts = network.preprocessing.crop, {"theoretical": field.facts()}
    if layer.info.map_size == (1, 1):
        return {"px": float(side), "how": WHOLE, **facts}
    if settings.size == FIXED:
        return {"px": FIXED_SHARE * side, "how": FIXED, **facts}
    quick: QuickFields | None = None
    if settings.units is not None:
        quick = _as_asked(network, layer, field, images, settings, progress)
    elif settings.size == MEASURED:
        quick = quick_fields(network, layer, field, images, forwards, progress)
    median = quick.fields.median() if quick else None
    if quick is None or median is None:
        return {"px": bounded_diameter(side * ASSUMED_SHARE, field), "how": ASSUMED, **facts}
    return {
        "px": bounded_diameter(median, field),
        "how": quick.how,
        "median": median,
        "top_images": quick.top_images,
        "forwards": quick.forwards,
        **facts,
        **quick.fields.as_json(),
    }


def _as_asked(
    network: Network,
    layer: CollectedLayer,
    field: Field,
    images: ImageList,
    settings: FieldSettings,
    progress: Progress | None,
) -> QuickFields:
    """Measure the units that settings ask for, at any cost."""
    units = _sampled_units(layer.units, settings.units or ALL_UNITS)
    top_images = min(settings.top_images, len(layer.top))
    top = layer.top.take(np.tile(np.arange(top_images), (layer.info.unit_count, 1)))
    fields = empirical_fields(
        network, layer.info, field, images, top, units, settings.occluders, progress
    )
    return QuickFields(MEASURED, fields, top_images, None)


def bounded_diameter(px: float, field: Field) -> float:
    """Keep a diameter from two strides of the map to the theoretical field.

    In the first layers, where two strides are more than the theoretical field, they are taken.
    """
    strides = MIN_STRIDES * float(max(field.rows.stride, field.columns.stride))
    return max(strides, min(px, float(max(field.size))))


def _sampled_units(units: Sequence[int], limit: int) -> list[int]:
    """Choose the units whose fields are measured: a hashed draw, or all where `limit` is 0."""
    return [units[place] for place in sampled_images(len(units), limit or len(units)).tolist()]
