"""Writes a control: units of random images with regions borrowed from random units of a layer.

What people say about such a unit is what they would say about anything. Its images have no scores
and there are no low images, so its HITs have no catch images.
"""

import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.dissection_jobs.jobs import Job
from annotator.dissection_jobs.progress import StageProgress
from annotator.dissection_reader import Dissection, open_dissection
from annotator.models import Network
from dissect.dissection.writer import write_pictures
from dissect.render.pictures import PictureWriter, mask_sheet
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
    """Write the dissection of a control of random images.

    Args:
        base: the network of the study whose regions are borrowed.
    """
    lender = open_dissection(base.dissection)
    layers = [facts for facts in lender.manifest["layers"] if facts["name"] in job.layers]
    skipped = {bad["image"] for bad in lender.manifest["images"]["skipped"]}
    readable = [place for place, path in enumerate(job.images.paths) if path not in skipped]
    shown: set[int] = set()
    for number, facts in enumerate(layers):
        key = f"{job.images.sha256} {facts['name']} {job.request.seed}"
        units = [
            random_unit(f"{key} {unit}", readable, facts["unit_count"], job.settings.top)
            for unit in range(job.request.random_images or 0)
        ]
        _write_layer(job, lender, facts, number, units)
        shown |= {int(place) for unit in units for place in unit.images}
    places = sorted(shown)
    with PictureWriter(job.images, places, job.network.preprocessing, job.store) as pictures:
        write_pictures(pictures, len(places), job.store, progress)
    manifest = _manifest(job, lender, layers, places)
    job.store.put("manifest.json", json.dumps(manifest, indent=1).encode())


def random_unit(key: str, readable: Sequence[int], unit_count: int, top: int) -> RandomUnit:
    """Draw the images, the lender and the order of its masks, all decided by a key.

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
    job: Job, lender: Dissection, facts: dict[str, Any], number: int, units: list[RandomUnit]
) -> None:
    table = lender.table(facts)
    coverage = np.stack([table["coverage"][unit.lender, unit.masks] for unit in units])
    for name, unit in enumerate(units):
        masks = lender.masks(facts, unit.lender)[unit.masks]
        job.store.put(f"masks/{number}/{name}.png", mask_sheet(masks))
    zeros = np.zeros(coverage.shape, dtype=np.float32)  # (units, top)
    cells = zeros.astype(np.int32)
    no_low = np.zeros((len(units), 0))
    file = io.BytesIO()
    np.savez_compressed(
        file,
        allow_pickle=False,
        score=zeros, sum=zeros, image=np.stack([unit.images for unit in units]),
        y=cells, x=cells, coverage=coverage,
        low_score=no_low.astype(np.float32), low_sum=no_low.astype(np.float32),
        low_image=no_low.astype(np.int64), low_y=cells[:, :0], low_x=cells[:, :0],
        maximum=zeros[:, 0], threshold=zeros[:, 0],
        saturated=np.zeros(len(units), dtype=bool),
        lender=np.array([unit.lender for unit in units]),
    )  # fmt: skip
    job.store.put(f"layers/{number}.npz", file.getvalue())


def _manifest(
    job: Job, lender: Dissection, layers: list[dict[str, Any]], places: list[int]
) -> dict[str, Any]:
    origin = {
        "count": job.request.random_images,
        "seed": job.request.seed,
        "regions_of": job.network.spec,
    }
    network = lender.manifest["network"] | {"condition": "random images", "origin": origin}
    return lender.manifest | {
        "network": network,
        "random_images": places,
        "layers": [
            facts
            | {
                "unit_count": job.request.random_images,
                "table": f"layers/{number}.npz",
                "masks": f"masks/{number}/{{unit}}.png",
            }
            for number, facts in enumerate(layers)
        ],
    }
