"""Writes a control: units of random images with regions borrowed from random units of a layer.

What people say about such a unit is what they would say about anything. Its images have no scores
and there are no low images, so its HITs have no catch images.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from annotator.dissection_jobs.loaded_jobs import Job
from annotator.dissection_jobs.progress import StageProgress
from annotator.dissection_reader import Dissection, SharedPictures, open_dissection
from annotator.models import Network
from dissect.dissection.writer import write_picture_list
from dissect.format.manifest import (
    MANIFEST_FILE,
    LayerFacts,
    LayerFiles,
    Manifest,
    encode_manifest,
)
from dissect.format.masks import encode_sheet
from dissect.format.tables import LayerTable, RankedImages, encode_table
from dissect.render.pictures import PictureWriter
from dissect.topk.sampling import in_random_order


@dataclass(frozen=True)
class RandomUnit:
    """What one unit of the control shows.

    Attributes:
        images: (top,), places in the image list.
        masks: (top,), which mask of the lender each image borrows.
        lender: the unit whose masks are borrowed.
    """

    images: NDArray[np.int64]
    masks: NDArray[np.int64]
    lender: int


def write_random_images(job: Job, base: Network, progress: StageProgress) -> None:
    """Write a control's units of random images, with borrowed regions, as a dissection.

    Args:
        base: the network of the study whose regions are borrowed.
    """
    lender = open_dissection(base.dissection)
    layers = [facts for facts in lender.manifest.layers if facts.name in job.layers]
    skipped = {image.image for image in lender.manifest.images.skipped}
    copies = {place for group in lender.manifest.images.copies.values() for place in group}
    paths = enumerate(job.images.paths)
    readable = [place for place, path in paths if path not in skipped and place not in copies]
    shown: set[int] = set()
    for number, facts in enumerate(layers):
        key = f"{job.images.sha256} {facts.name} {job.request.seed}"
        units = [
            random_unit(f"{key} {unit}", readable, facts.unit_count, job.settings.top)
            for unit in range(job.request.random_images or 0)
        ]
        _write_layer(job, lender, facts, number, units)
        shown |= {int(place) for unit in units for place in unit.images}
    places = sorted(shown)
    shared = SharedPictures(job.prefix)
    with PictureWriter(job.images, places, job.network.preprocessing, shared) as pictures:
        write_picture_list(pictures, len(places), job.store, progress)
    manifest = _manifest(job, lender, layers, places).replaced(picture_folder=shared.folder)
    job.store.put(MANIFEST_FILE, encode_manifest(manifest))


def random_unit(key: str, readable: Sequence[int], unit_count: int, top: int) -> RandomUnit:
    """Draw the random images of a control's unit by a key, with lender and order of its masks.

    Args:
        readable: places of the images to draw from. unit_count: units of the layer that lend.
    """
    digest = hashlib.sha256(key.encode()).hexdigest()
    order = in_random_order(len(readable), digest[:15])[:top]
    return RandomUnit(
        images=np.array(readable, dtype=np.int64)[order],
        masks=in_random_order(len(order), digest[15:30]),
        lender=int(digest[30:45], 16) % unit_count,
    )


def _write_layer(
    job: Job, lender: Dissection, facts: LayerFacts, number: int, units: list[RandomUnit]
) -> None:
    files, lent = LayerFiles.numbered(number), lender.table(facts)
    coverage = np.stack([lent.coverage[unit.lender, unit.masks] for unit in units])  # (units, top)
    for name, unit in enumerate(units):
        masks = lender.masks(facts, unit.lender)[unit.masks]
        job.store.put(files.masks.format(unit=name), encode_sheet(masks))
    top = RankedImages.empty(*coverage.shape)
    table = LayerTable(
        top=replace(top, image=np.stack([unit.images for unit in units])),
        low=RankedImages.empty(len(units), 0),
        coverage=coverage,
        maximum=np.zeros(len(units)),
        threshold=np.zeros(len(units)),
        saturated=np.zeros(len(units), dtype=bool),
        lender=np.array([unit.lender for unit in units]),
        peak=None
        if lent.peak is None
        else np.stack([lent.peak[unit.lender, unit.masks] for unit in units]),
    )
    job.store.put(files.table, encode_table(table))


def _manifest(
    job: Job, lender: Dissection, layers: list[LayerFacts], places: list[int]
) -> Manifest:
    count = job.request.random_images
    origin = {"count": count, "seed": job.request.seed, "regions_of": job.network.spec}
    return lender.manifest.replaced(
        network=lender.manifest.network.replaced(condition="random images", origin=origin),
        random_images=places,
        layers=[
            facts.replaced(unit_count=count, **LayerFiles.numbered(number)._asdict())
            for number, facts in enumerate(layers)
        ],
    )
