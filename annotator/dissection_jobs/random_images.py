"""Units of pure chance: random images, with regions borrowed from a random unit of a layer.

What people say of such a unit is what they would say of anything. A dissection of these has no
scores and no low images, so its HITs have no catch images.
"""

import hashlib
import io
import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.dissection_jobs.jobs import Job
from annotator.dissection_jobs.progress import Progress
from annotator.dissection_reader import Dissection, open_dissection
from annotator.models import Network
from dissect.dissection.settings import Settings
from dissect.dissection.writer import write_pictures
from dissect.render.pictures import PictureWriter, mask_sheet
from dissect.topk.sampling import in_random_order


@dataclass(frozen=True)
class Draw:
    """What one unit of chance shows.

    Attributes:
        images: (top,), places in the list. masks: (top,), which of the lending unit's.
        lender: the unit that lends its regions.
    """

    images: NDArray[np.int64]
    masks: NDArray[np.int64]
    lender: int


def write_random_images(job: Job, of: Network, count: int, seed: int, progress: Progress) -> None:
    """Write a dissection of `count` units of chance for each layer asked for.

    Args:
        of: the network of the study whose regions are lent.
    """
    base = open_dissection(of.dissection)
    layers = [facts for facts in base.manifest["layers"] if facts["name"] in job.layers]
    skipped = {bad["image"] for bad in base.manifest["images"]["skipped"]}
    good = [place for place, path in enumerate(job.images.paths) if path not in skipped]
    shown: set[int] = set()
    for number, facts in enumerate(layers):
        key = f"{job.images.sha256} {facts['name']} {seed}"
        draws = [draw_of(f"{key} {unit}", good, facts, job.settings) for unit in range(count)]
        _write_layer(job, base, facts, number, draws)
        shown |= {int(place) for draw in draws for place in draw.images}
    places = sorted(shown)
    with PictureWriter(job.images, places, job.network.preprocessing, job.store) as pictures:
        write_pictures(pictures, len(places), job.store, progress)
    manifest = _manifest(base, layers, count, seed, places, job)
    job.store.put("manifest.json", json.dumps(manifest, indent=1).encode())


def draw_of(key: str, good: list[int], facts: dict[str, Any], wanted: Settings) -> Draw:
    """Images, a lender and the order of its masks, all decided by a key."""
    digest = hashlib.sha256(key.encode()).hexdigest()
    order = in_random_order(len(good), digest[:15])[: wanted.top]
    return Draw(
        images=np.array(good, dtype=np.int64)[order],
        masks=in_random_order(len(order), digest[15:30]),
        lender=int(digest[30:45], 16) % facts["unit_count"],
    )


def _write_layer(
    job: Job, base: Dissection, facts: dict[str, Any], number: int, draws: list[Draw]
) -> None:
    table = base.table(facts)
    coverage = np.stack([table["coverage"][draw.lender, draw.masks] for draw in draws])
    for unit, draw in enumerate(draws):
        masks = base.masks(facts, draw.lender)[draw.masks]
        job.store.put(f"masks/{number}/{unit}.png", mask_sheet(masks))
    nothing = np.zeros(coverage.shape, dtype=np.float32)
    no_low = np.zeros((len(draws), 0))
    cells = nothing.astype(np.int32)
    file = io.BytesIO()
    np.savez_compressed(
        file,
        allow_pickle=False,
        score=nothing, sum=nothing, image=np.stack([draw.images for draw in draws]),
        y=cells, x=cells, coverage=coverage,
        low_score=no_low.astype(np.float32), low_sum=no_low.astype(np.float32),
        low_image=no_low.astype(np.int64), low_y=cells[:, :0], low_x=cells[:, :0],
        maximum=nothing[:, 0], threshold=nothing[:, 0],
        saturated=np.zeros(len(draws), dtype=bool),
        lender=np.array([draw.lender for draw in draws]),
    )  # fmt: skip
    job.store.put(f"layers/{number}.npz", file.getvalue())


def _manifest(
    base: Dissection,
    layers: list[dict[str, Any]],
    count: int,
    seed: int,
    places: list[int],
    job: Job,
) -> dict[str, Any]:
    network = base.manifest["network"] | {
        "condition": "random images",
        "origin": {"count": count, "seed": seed, "regions_of": job.network.spec},
    }
    return base.manifest | {
        "network": network,
        "random_images": places,
        "layers": [
            facts
            | {
                "unit_count": count,
                "table": f"layers/{number}.npz",
                "masks": f"masks/{number}/{{unit}}.png",
            }
            for number, facts in enumerate(layers)
        ],
    }
