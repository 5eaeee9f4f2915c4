"""Writes dissections: what a pass over the images gave, with its pictures and masks.

The service reads them without this package; docs/seam.md describes every file. The manifest is
written last: without one there is no dissection.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from dissect.background import Background
from dissect.dissection.manifest_facts import manifest_of
from dissect.dissection.settings import Settings
from dissect.format.manifest import (
    DIRECTIONS_FILE,
    MANIFEST_FILE,
    LayerFiles,
    Manifest,
    encode_manifest,
)
from dissect.format.masks import PackedRegions, coverage_of, encode_packed_sheet
from dissect.format.picture_list import PICTURES_FILE, PictureRow, encode_pictures
from dissect.format.tables import LayerTable, encode_table
from dissect.images.image_list import ImageList
from dissect.networks.device import select_device
from dissect.networks.direction_files.files import directions_to_bytes
from dissect.networks.layers import layer_infos
from dissect.networks.registry import Network
from dissect.receptive_fields.disc_diameters import WHOLE, layer_diameters
from dissect.receptive_fields.theoretical import Field, peak_shares, theoretical_fields
from dissect.render.pictures import PictureStore, PictureWriter
from dissect.segmentation.field_discs import FieldDiscs
from dissect.segmentation.regions import (
    Segmenter,
    quantile_segmenter,
    unit_regions,
    whole_segmenter,
)
from dissect.storage.store import Store
from dissect.topk.batches import StageProgress
from dissect.topk.collect import collect
from dissect.topk.results import CollectedLayer, PassResult
from dissect.topk.unit_sample import UnitSample, with_sample


class SharedPictures(PictureStore, Protocol):
    """A folder of pictures that several dissections share.

    Attributes:
        folder: its path seen from the manifest, such as ../../../pictures.
    """

    folder: str


def dissect(
    network: Network,
    layers: Sequence[str],
    images: ImageList,
    store: Store,
    settings: Settings,
    device: str = "auto",
    progress: StageProgress | None = None,
    sample: UnitSample | None = None,
) -> Manifest:
    """Make a whole dissection: collect top images, segment, draw, write; returns the manifest.

    Args:
        sample: the units of each layer to show; None: all.

    Raises:
        DissectError: no manifest is written then, so there is no dissection.
    """
    chosen, report = select_device(device), progress or (lambda *_: None)
    infos = layer_infos(network, layers)
    settings.check(network, infos, images)
    if sample:
        sample.check(infos)
    result = collect(
        network, layers, images, settings.collected, settings.top, chosen,
        progress=lambda done, total: report("forwarding images", done, total), by=settings.by,
        keep_duplicates=settings.keep_duplicates,
    )  # fmt: skip
    if sample:
        result = with_sample(result, sample, network)
    return write_dissection(network, result, images, store, settings, chosen, report)


def write_dissection(
    network: Network,
    result: PassResult,
    images: ImageList,
    store: Store,
    settings: Settings,
    device: torch.device,
    progress: StageProgress,
    shared: SharedPictures | None = None,
    diameters: Mapping[str, dict[str, Any]] | None = None,
) -> Manifest:
    """Write a dissection from what a pass gave: masks, tables, pictures, at last the manifest.

    Args:
        shared: where the pictures are put; None: into the dissection's own folder.
        diameters: of the layers that a control controls, as `layer_diameters` gives them.
    """
    fields: Sequence[dict[str, Any] | None] = [None] * len(result.layers)
    if settings.field:
        fields = layer_diameters(
            network, result.layers, images, store, settings.field, device, progress, diameters
        )
    if network.directions:
        store.put(DIRECTIONS_FILE, directions_to_bytes(network.directions.values()))
    places = _shown_places(result, images)
    writer = PictureWriter(images, places, network.preprocessing, shared or store)
    with writer as pictures:
        _write_layers(network, result, fields, images, store, device, progress)
        write_picture_list(pictures, len(places), store, progress)
    manifest = manifest_of(network, result, fields, images, settings, device, writer.greys)
    if shared:
        manifest = manifest.replaced(picture_folder=shared.folder)
    store.put(MANIFEST_FILE, encode_manifest(manifest))
    return manifest


def _write_layers(
    network: Network,
    result: PassResult,
    fields: Sequence[dict[str, Any] | None],
    images: ImageList,
    store: Store,
    device: torch.device,
    progress: StageProgress,
) -> None:
    unit_count = sum(len(layer.units) for layer in result.layers)
    theory = theoretical_fields(network, [layer.info.name for layer in result.layers])
    done = 0
    with Background(store.threads) as background:
        for number, layer in enumerate(result.layers):
            segmenter = _segmenter(network, layer, theory[layer.info.name], fields[number])
            regions = unit_regions(network, layer, segmenter, images, device)
            peaks = peak_shares(theory[layer.info.name], layer.top, network.preprocessing.crop)
            for _ in _write_layer(layer, number, regions, peaks, store, background):
                done += 1
                progress("segmenting units", done, unit_count)


def _segmenter(
    network: Network, layer: CollectedLayer, theoretical: Field, field: dict[str, Any] | None
) -> Segmenter:
    if field is None:
        return quantile_segmenter(layer)
    if field["how"] == WHOLE:
        return whole_segmenter
    crop = network.preprocessing.crop
    return FieldDiscs(layer.info.map_size, field["px"], theoretical, crop)


def _write_layer(
    layer: CollectedLayer,
    number: int,
    unit_regions: Callable[[int], PackedRegions],
    peaks: NDArray[np.float32],
    store: Store,
    background: Background,
) -> Iterator[int]:
    """Write the masks and the table of a layer; yields each unit once its masks are made."""
    files = LayerFiles.numbered(number)
    coverage = np.zeros(layer.top.score.shape, dtype=np.float32)  # (units, ranks)
    for unit in layer.units:
        regions = unit_regions(unit)  # (ranks, side, side / 8)
        coverage[unit] = coverage_of(regions)
        name = files.masks.format(unit=unit)
        background.submit(partial(_put_sheet, store, name, regions))
        yield unit
    table = LayerTable(
        top=layer.top,
        low=layer.low,
        coverage=coverage,
        maximum=layer.maximum,
        threshold=layer.threshold,
        saturated=layer.saturated,
        dead=layer.activity.dead,
        firing_share=layer.activity.firing_share,
        broad_share=layer.activity.broad_share,
        peak=peaks,
    )
    store.put(files.table, encode_table(table))


def _put_sheet(store: Store, name: str, regions: PackedRegions) -> None:
    store.put(name, encode_packed_sheet(regions))


def _shown_places(result: PassResult, images: ImageList) -> list[int]:
    """The places of the images that any unit may show."""
    layers = [np.r_[layer.top.image.ravel(), layer.low.image.ravel()] for layer in result.layers]
    places = np.unique(np.concatenate([*layers, result.random_images(images)]))
    return [int(place) for place in places if place >= 0]


def write_picture_list(
    pictures: Iterable[PictureRow], count: int, store: Store, progress: StageProgress
) -> None:
    """Write what pictures a dissection has, as they are drawn, and tell the progress."""
    rows = []
    for row in pictures:
        rows.append(row)
        progress("drawing pictures", len(rows), count)
    store.put(PICTURES_FILE, encode_pictures(rows))
