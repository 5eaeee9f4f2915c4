"""The directions of a run, read from a file or drawn, and stored with its dissection.

They are stored before the images are forwarded, so that every worker has the same ones and a second
try does not draw again.
"""

import os
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from annotator.dissection_jobs.progress import StageProgress
from annotator.job_requests import RunRequest
from dissect.analyses.random_directions import channel_statistics, random_directions
from dissect.format.manifest import DIRECTIONS_FILE
from dissect.images.image_list import ImageList
from dissect.networks.direction_files.files import (
    directions_from_bytes,
    directions_to_bytes,
    load_directions,
)
from dissect.networks.registry import Network
from dissect.storage.store import Store
from dissect.topk.batches import Passes


def stored_directions(store: Store, request: RunRequest) -> bytes | None:
    """The stored directions of a dissection job's run; None where it has none, or none yet."""
    if not request.has_directions or not store.has(DIRECTIONS_FILE):
        return None
    return store.get(DIRECTIONS_FILE)


def with_directions(network: Network, request: RunRequest, content: bytes) -> Network:
    """The network of a dissection job with its stored directions for units."""
    if request.directions:
        condition = "directions"
        origin: dict[str, Any] = {"source": os.path.basename(request.directions)}
        if request.sample:
            origin |= {"sample": request.sample, "seed": request.seed}
    else:
        condition = "random directions"
        origin = {"count": request.random_directions, "seed": request.seed}
    directions = directions_from_bytes(content, request.layers)
    return replace(network, directions=directions, condition=condition, origin=origin)


def store_directions(
    network: Network,
    images: ImageList,
    request: RunRequest,
    store: Store,
    device: Any,
    progress: StageProgress,
) -> None:
    """Read or draw the directions of a dissection job's run and store them; stored ones stay.

    Idempotent.

    Raises:
        DissectError: the file has none for a layer, or a layer has too few channels to draw from.
    """
    if store.has(DIRECTIONS_FILE):
        return
    if request.directions:
        directions = list(load_directions(Path(request.directions), request.layers).values())
    else:
        count, seed = request.random_directions or 0, request.seed
        passes = Passes(images, 1, device, partial(progress, "looking at channels"))
        channels = channel_statistics(network, request.layers, passes)
        directions = [
            random_directions(layer, channels[layer], count, seed) for layer in request.layers
        ]
    store.put(DIRECTIONS_FILE, directions_to_bytes(directions))
