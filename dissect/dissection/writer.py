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

from dissect import __version__
from dissect.dissection.settings import Settings
from dissect.format.manifest import (
    DIRECTIONS_FILE,
    MANIFEST_FILE,
    ImageFacts,
    LayerFacts,
    LayerFiles,
    Manifest,
    NetworkFacts,
    SettingsFacts,
    SkippedImage,
    encode_manifest,
)
from dissect.format.masks import MASK_PX, Regions, encode_sheet
from dissect.format.names import storable
from dissect.format.picture_list import (
    PICTURES_FILE,
    TILE_PX,
    ZOOM_PX,
    PictureRow,
    encode_pictures,
)
from dissect.format.tables import LayerTable, encode_table
from dissect.images.image_list import ImageList
from dissect.networks.device import select_device
from dissect.networks.direction_files.files import directions_sha256, directions_to_bytes
from dissect.networks.layers import layer_infos
from dissect.networks.registry import Network
from dissect.receptive_fields.measure import WHOLE, StageProgress, layer_diameters
from dissect.receptive_fields.nonlinearities import nonlinearities
from dissect.receptive_fields.theoretical import Field, peak_shares, theoretical_fields
from dissect.render.near_copies import near_copies
from dissect.render.pictures import PictureStore, PictureWriter
from dissect.segmentation.regions import (
    Segmenter,
    field_segmenter,
    quantile_segmenter,
    unit_regions,
    whole_segmenter,
)
from dissect.segmentation.upsample import coverage_of
from dissect.storage.background import BoundedExecutor
from dissect.storage.store import Store
from dissect.topk.batches import fingerprint
from dissect.topk.collect import collect
from dissect.topk.layer_state import QUANTILE
from dissect.topk.results import CollectedLayer, PassResult
from dissect.topk.sampling import RANDOM_IMAGES, in_random_order
from dissect.topk.unit_sample import UnitSample, has_latents, with_sample


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
    manifest = _manifest(network, result, fields, images, settings, device, writer.greys)
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
    with BoundedExecutor(store.threads) as executor:
        for number, layer in enumerate(result.layers):
            segmenter = _segmenter(network, layer, theory[layer.info.name], fields[number])
            regions = unit_regions(network, layer, segmenter, images, device)
            peaks = peak_shares(theory[layer.info.name], layer.top, network.preprocessing.crop)
            for _ in _write_layer(layer, number, regions, peaks, store, executor):
                done += 1
                progress("segmenting units", done, unit_count)


def _segmenter(
    network: Network, layer: CollectedLayer, theoretical: Field, field: dict[str, Any] | None
) -> Segmenter:
    if field is None:
        return quantile_segmenter(layer)
    if field["how"] == WHOLE:
        return whole_segmenter
    return field_segmenter(field["px"], theoretical, network.preprocessing.crop)


def _write_layer(
    layer: CollectedLayer,
    number: int,
    unit_regions: Callable[[int], torch.Tensor],
    peaks: NDArray[np.float32],
    store: Store,
    executor: BoundedExecutor,
) -> Iterator[int]:
    """Write the masks and the table of a layer; yields each unit once its masks are made."""
    files = LayerFiles.numbered(number)
    coverage = np.zeros(layer.top.score.shape, dtype=np.float32)  # (units, ranks)
    for unit in layer.units:
        regions = unit_regions(unit)  # (ranks, side, side)
        coverage[unit] = coverage_of(regions)
        name = files.masks.format(unit=unit)
        executor.submit(partial(_put_sheet, store, name, regions.numpy()))
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


def _put_sheet(store: Store, name: str, regions: Regions) -> None:
    store.put(name, encode_sheet(regions))


def _shown_places(result: PassResult, images: ImageList) -> list[int]:
    """The places of the images that any unit may show."""
    layers = [np.r_[layer.top.image.ravel(), layer.low.image.ravel()] for layer in result.layers]
    places = np.unique(np.concatenate([*layers, random_images(result, images)]))
    return [int(place) for place in places if place >= 0]


def write_picture_list(
    pictures: Iterable[PictureRow], count: int, store: Store, progress: StageProgress
) -> None:
    """Write a dissection's list of pictures, as they are drawn."""
    rows = []
    for row in pictures:
        rows.append(row)
        progress("drawing pictures", len(rows), count)
    store.put(PICTURES_FILE, encode_pictures(rows))


def _manifest(
    network: Network,
    result: PassResult,
    fields: Sequence[dict[str, Any] | None],
    images: ImageList,
    settings: Settings,
    device: torch.device,
    greys: Mapping[int, NDArray[np.uint8]],
) -> Manifest:
    after = nonlinearities(network, [layer.info.name for layer in result.layers])
    skipped = [SkippedImage(image=images.paths[p], reason=r) for p, r in result.bad.items()]
    return Manifest(
        created_by=f"unitscope {__version__}",
        network=network_facts(network),
        images=image_facts(images).replaced(skipped=skipped, copies=_grouped(result.copies)),
        settings=SettingsFacts(
            **settings.facts(),
            collected=settings.collected,
            quantile=QUANTILE,
            tile_px=TILE_PX,
            zoom_px=ZOOM_PX,
            mask_px=MASK_PX,
        ),
        fingerprint=fingerprint(device, network.numerics, dtype=network.dtype),
        pictures=PICTURES_FILE,
        random_images=random_images(result, images),
        layers=[
            LayerFacts(
                name=layer.info.name,
                type=layer.info.type,
                unit_count=layer.info.unit_count,
                map_size=layer.info.map_size,
                after=after[layer.info.name],
                field=field,
                latents=has_latents(network, layer.info.name),
                units=layer.sample,
                near_copies=near_copies(layer.top.image[:, : settings.top], greys),
                **LayerFiles.numbered(number)._asdict(),
            )
            for number, (layer, field) in enumerate(zip(result.layers, fields, strict=True))
        ],
    )


def _grouped(copies: Mapping[int, int]) -> dict[int, list[int]]:
    """The copies of each image that stands for some, by place."""
    groups: dict[int, list[int]] = {}
    for place, first in copies.items():
        groups.setdefault(first, []).append(place)
    return dict(sorted(groups.items()))


def random_images(result: PassResult, images: ImageList) -> list[int]:
    """Choose the random images that a dissection is written with: places, in the order drawn.

    The image list alone decides the order, so the networks of a study share the sample.
    """
    order = in_random_order(len(images), images.sha256).tolist()
    left_out = result.bad.keys() | result.copies.keys()
    return [place for place in order if place not in left_out][:RANDOM_IMAGES]


def network_facts(network: Network) -> NetworkFacts:
    """What the writer of a dissection says in its manifest of the network and its units."""
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
