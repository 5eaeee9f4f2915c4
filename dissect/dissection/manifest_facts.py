"""What the manifest of a dissection says: of its network, images, settings and layers."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from dissect import __version__
from dissect.dissection.settings import Settings
from dissect.format.manifest import (
    DIRECTIONS_FILE,
    ImageFacts,
    LayerFacts,
    LayerFiles,
    Manifest,
    NetworkFacts,
    SettingsFacts,
    SkippedImage,
)
from dissect.format.masks import MASK_PX
from dissect.format.names import storable
from dissect.format.picture_list import PICTURES_FILE, TILE_PX, ZOOM_PX
from dissect.images.image_list import ImageList
from dissect.networks.direction_files.files import directions_sha256
from dissect.networks.numerics import fingerprint
from dissect.networks.registry import Network
from dissect.receptive_fields.nonlinearities import nonlinearities
from dissect.render.near_copies import near_copies
from dissect.topk.batches import BATCH_SIZE
from dissect.topk.layer_state import QUANTILE
from dissect.topk.quantiles import quantile_sample
from dissect.topk.results import PassResult
from dissect.topk.unit_sample import has_latents


def manifest_of(
    network: Network,
    result: PassResult,
    fields: Sequence[dict[str, Any] | None],
    images: ImageList,
    settings: Settings,
    device: torch.device,
    greys: Mapping[int, NDArray[np.uint8]],
) -> Manifest:
    """All facts of a dissection as its manifest, once everything else of it is written.

    Args:
        fields: the measured field of each layer, as `layer_diameters` gives it; None: none.
        greys: of the shown images by place, by which near copies are known.
    """
    skipped = [SkippedImage(image=images.paths[p], reason=r) for p, r in result.bad.items()]
    return Manifest(
        created_by=f"unitscope {__version__}",
        network=network_facts(network),
        images=image_facts(images).replaced(skipped=skipped, copies=_grouped(result.copies)),
        settings=_settings_facts(settings, images),
        fingerprint=fingerprint(device, BATCH_SIZE, network.numerics, network.dtype),
        pictures=PICTURES_FILE,
        random_images=result.random_images(images),
        layers=_layer_facts(network, result, fields, settings.top, greys),
    )


def _settings_facts(settings: Settings, images: ImageList) -> SettingsFacts:
    return SettingsFacts(
        **settings.facts(),
        collected=settings.collected,
        quantile=QUANTILE,
        quantile_sample=quantile_sample(images),
        tile_px=TILE_PX,
        zoom_px=ZOOM_PX,
        mask_px=MASK_PX,
    )


def _layer_facts(
    network: Network,
    result: PassResult,
    fields: Sequence[dict[str, Any] | None],
    top: int,
    greys: Mapping[int, NDArray[np.uint8]],
) -> list[LayerFacts]:
    after = nonlinearities(network, [layer.info.name for layer in result.layers])
    return [
        LayerFacts(
            name=layer.info.name,
            type=layer.info.type,
            unit_count=layer.info.unit_count,
            map_size=layer.info.map_size,
            after=after[layer.info.name],
            field=field,
            latents=has_latents(network, layer.info.name),
            units=layer.sample,
            near_copies=near_copies(layer.top.image[:, :top], greys),
            **LayerFiles.numbered(number)._asdict(),
        )
        for number, (layer, field) in enumerate(zip(result.layers, fields, strict=True))
    ]


def _grouped(copies: Mapping[int, int]) -> dict[int, list[int]]:
    """The copies of each image that stands for some, by place."""
    groups: dict[int, list[int]] = {}
    for place, first in copies.items():
        groups.setdefault(first, []).append(place)
    return dict(sorted(groups.items()))


def network_facts(network: Network) -> NetworkFacts:
    """The facts of a manifest on the network and its units."""
    shape, digest = network.preprocessing, directions_sha256(network.directions)
    by_directions = bool(digest) and network.condition == "trained"
    return NetworkFacts(
        spec=network.spec,
        name=network.spec,
        weights=network.weights,
        weights_sha256=network.weights_sha256,
        input_size=[shape.channels, shape.crop, shape.crop],
        resize=shape.resize,
        crop=shape.crop,
        crop_mode=shape.crop_mode,
        condition="directions" if by_directions else network.condition,
        origin=dict(network.origin),
        axes=network.axes.facts(),
        directions={"file": DIRECTIONS_FILE, "sha256": digest} if digest else None,
    )


def image_facts(images: ImageList) -> ImageFacts:
    facts = ImageFacts(source=storable(images.source), count=len(images), sha256=images.sha256)
    notes = [storable(note) for note in images.notes]
    return facts.replaced(notes=notes) if notes else facts
