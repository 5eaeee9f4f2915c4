"""A dissection: what a pass found, with its pictures and masks, written as the seam.

The other half of Unitscope reads it without this library; docs/seam.md describes every file. The
manifest is written last: without one there is no dissection.
"""

import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from dissect import __version__
from dissect.dissection.settings import Settings
from dissect.images.image_list import ImageList
from dissect.networks.directions import directions_sha256, directions_to_bytes
from dissect.networks.layers import layer_infos
from dissect.networks.registry import Network
from dissect.receptive_fields.measure import StageProgress, measure_layers
from dissect.receptive_fields.theoretical import theoretical_fields
from dissect.render.pictures import TILE_PX, ZOOM_PX, Picture, PictureWriter, mask_sheet
from dissect.segmentation.regions import (
    Segmenter,
    field_segmenter,
    quantile_segmenter,
    unit_regions,
)
from dissect.segmentation.upsample import MASK_PX, coverage_of
from dissect.storage.background import BoundedExecutor
from dissect.storage.store import Store
from dissect.topk.batches import fingerprint, select_device
from dissect.topk.collect import collect
from dissect.topk.layer_state import QUANTILE
from dissect.topk.results import CollectedLayer, PassResult
from dissect.topk.sampling import RANDOM_IMAGES, in_random_order

FORMAT, SCHEMA_VERSION = "unitscope-dissection", 1
DIRECTIONS_FILE = "directions.safetensors"


def dissect(
    network: Network,
    layers: Sequence[str],
    images: ImageList,
    store: Store,
    settings: Settings,
    device: str = "auto",
    stage: StageProgress | None = None,
) -> dict[str, Any]:
    """Collect, segment, draw and write; returns the manifest.

    Raises:
        DissectError: nothing is written as a dissection then.
    """
    on, say = select_device(device), stage or (lambda *_: None)
    settings.check(network, layer_infos(network, layers), images)
    found = collect(
        network, layers, images, settings.collected, settings.top, on,
        progress=lambda done, total: say("forwarding images", done, total), by=settings.by,
    )  # fmt: skip
    return write_dissection(network, found, images, store, settings, on, say)


def write_dissection(
    network: Network,
    found: PassResult,
    images: ImageList,
    store: Store,
    settings: Settings,
    device: torch.device,
    say: StageProgress,
) -> dict[str, Any]:
    """Segment, draw and write what a pass found; returns the manifest, which is written last."""
    fields = measure_layers(network, found.layers, images, store, settings.field, device, say)
    if network.directions:
        store.put(DIRECTIONS_FILE, directions_to_bytes(network.directions.values()))
    shown = _shown(found, images)
    with PictureWriter(images, shown, network.preprocessing, store) as pictures:
        _write_layers(network, found, fields, images, store, device, say)
        write_pictures(pictures, len(shown), store, say)
    manifest = _manifest(network, found, images, settings, device)
    for layer_facts, field in zip(manifest["layers"], fields, strict=True):
        layer_facts["field"] = field
    store.put("manifest.json", json.dumps(manifest, indent=1).encode())
    return manifest


def _write_layers(
    network: Network,
    found: PassResult,
    fields: Sequence[dict[str, Any] | None],
    images: ImageList,
    store: Store,
    device: torch.device,
    say: StageProgress,
) -> None:
    unit_count = sum(layer.info.unit_count for layer in found.layers)
    done = 0
    with BoundedExecutor(store.threads) as puts:
        for number, layer in enumerate(found.layers):
            cut = _cut(network, layer, fields[number])
            for _ in _write_layer(network, layer, number, cut, images, store, device, puts):
                done += 1
                say("segmenting units", done, unit_count)


def _cut(network: Network, layer: CollectedLayer, field: dict[str, Any] | None) -> Segmenter:
    if field is None:
        return quantile_segmenter(layer)
    theory = theoretical_fields(network, [layer.info.name])[layer.info.name]
    return field_segmenter(field["px"], theory, network.preprocessing.crop)


def _write_layer(
    network: Network,
    layer: CollectedLayer,
    number: int,
    cut: Segmenter,
    images: ImageList,
    store: Store,
    device: torch.device,
    puts: BoundedExecutor,
) -> Iterator[int]:
    """Write the table and the masks of a layer; yields once a unit."""
    coverage = np.zeros(layer.top.score.shape, dtype=np.float32)
    regions = unit_regions(network, layer, cut, images, device)
    for unit in range(layer.info.unit_count):
        found = regions(unit)
        coverage[unit] = coverage_of(found)
        puts.submit(partial(_put_masks, store, f"masks/{number}/{unit}.png", found.numpy()))
        yield unit
    store.put(f"layers/{number}.npz", _table(layer, coverage))


def _table(layer: CollectedLayer, coverage: np.ndarray) -> bytes:
    file = io.BytesIO()
    low = {f"low_{name}": array for name, array in asdict(layer.low).items()}
    np.savez_compressed(
        file,
        allow_pickle=False,
        **asdict(layer.top),
        **low,
        coverage=coverage,
        maximum=layer.maximum,
        threshold=layer.threshold,
        saturated=layer.saturated,
    )
    return file.getvalue()


def _put_masks(store: Store, name: str, regions: NDArray[np.bool_]) -> None:
    store.put(name, mask_sheet(regions))


def _shown(found: PassResult, images: ImageList) -> list[int]:
    """The images that any unit may show."""
    ranked = [np.r_[one.top.image.ravel(), one.low.image.ravel()] for one in found.layers]
    places = np.unique(np.concatenate([*ranked, random_images(found, images)]))
    return [int(place) for place in places if place >= 0]


def write_pictures(
    pictures: Iterable[Picture], count: int, store: Store, say: StageProgress
) -> None:
    """Write down which pictures there are, when they are drawn."""
    rows = []
    for picture in pictures:
        rows.append(
            {"place": picture.place, "path": picture.path, "tile": picture.tile,
             "zoom": picture.zoom}
        )  # fmt: skip
        say("drawing pictures", len(rows), count)
    store.put("pictures.json", json.dumps(rows).encode())


def _manifest(
    network: Network, found: PassResult, images: ImageList, settings: Settings, device: torch.device
) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "schema_version": SCHEMA_VERSION,
        "created_by": f"unitscope {__version__}",
        "network": network_facts(network),
        "images": image_facts(images)
        | {"skipped": [{"image": images.paths[p], "reason": r} for p, r in found.bad.items()]},
        "settings": asdict(settings)
        | {
            "collected": settings.collected,
            "quantile": QUANTILE,
            "tile_px": TILE_PX,
            "zoom_px": ZOOM_PX,
            "mask_px": MASK_PX,
        },
        "fingerprint": fingerprint(device, network.numerics),
        "pictures": "pictures.json",
        "random_images": random_images(found, images),
        "layers": [
            {
                "name": layer.info.name,
                "type": layer.info.type,
                "unit_count": layer.info.unit_count,
                "map_size": list(layer.info.map_size),
                "table": f"layers/{number}.npz",
                "masks": f"masks/{number}/{{unit}}.png",
            }
            for number, layer in enumerate(found.layers)
        ],
    }


def random_images(found: PassResult, images: ImageList) -> list[int]:
    """Places of a sample of the readable images, in the order drawn; the list decides them."""
    drawn_order = in_random_order(len(images), images.sha256).tolist()
    return [place for place in drawn_order if place not in found.bad][:RANDOM_IMAGES]


def network_facts(network: Network) -> dict[str, Any]:
    """What a manifest tells of a network, and of what stands for its units."""
    shape, digest = network.preprocessing, directions_sha256(network.directions)
    return {
        "spec": network.spec,
        "name": network.spec,
        "weights": network.weights,
        "weights_sha256": network.weights_sha256,
        "input_size": [shape.channels, shape.crop, shape.crop],
        "resize": shape.resize,
        "crop": shape.crop,
        "condition": "directions"
        if digest and network.condition == "trained"
        else network.condition,
        "origin": dict(network.origin),
        "directions": digest and {"file": DIRECTIONS_FILE, "sha256": digest},
    }


def image_facts(images: ImageList) -> dict[str, Any]:
    return {"source": images.source, "count": len(images), "sha256": images.sha256}
