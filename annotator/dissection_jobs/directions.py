"""The directions of a run: brought in a file or drawn, and kept beside its dissection.

Kept first, so that every worker has the same ones and a second try does not draw again.
"""

import os
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from annotator.dissection_jobs.progress import Progress
from dissect.analyses.random_directions import channel_statistics, random_directions
from dissect.dissection.writer import DIRECTIONS_FILE
from dissect.images.image_list import ImageList
from dissect.networks.directions import (
    Directions,
    directions_from_bytes,
    directions_to_bytes,
    load_directions,
)
from dissect.networks.registry import Network
from dissect.storage.store import Store
from dissect.topk.batches import Passes


def wants_directions(asked: dict[str, Any]) -> bool:
    return bool(asked.get("directions") or asked.get("random_directions"))


def kept_directions(store: Store, asked: dict[str, Any]) -> bytes | None:
    """The directions of a run as bytes; None where it has none, or none yet."""
    if not wants_directions(asked) or not store.has(DIRECTIONS_FILE):
        return None
    return store.get(DIRECTIONS_FILE)


def turned(network: Network, asked: dict[str, Any], kept: bytes) -> Network:
    """The network with its kept directions for units."""
    layers = tuple(dict.fromkeys(asked["layers"]))
    if asked.get("directions"):
        condition = "directions"
        origin: dict[str, Any] = {"source": os.path.basename(asked["directions"])}
    else:
        condition = "random directions"
        origin = {"count": asked["random_directions"], "seed": asked["seed"]}
    return replace(
        network, directions=directions_from_bytes(kept, layers), condition=condition, origin=origin
    )


def keep_directions(
    network: Network,
    images: ImageList,
    asked: dict[str, Any],
    store: Store,
    device: Any,
    progress: Progress,
) -> None:
    """Put the directions that a run asks for beside its dissection; those that are there stay.

    Raises:
        DissectError: the file has none for a layer, or a layer has too few channels to draw from.
    """
    if store.has(DIRECTIONS_FILE):
        return
    layers = tuple(dict.fromkeys(asked["layers"]))
    if asked.get("directions"):
        found: Sequence[Directions] = list(
            load_directions(Path(asked["directions"]), layers).values()
        )
    else:
        passes = Passes(images, 1, device, partial(progress, "looking at channels"))
        channels = channel_statistics(network, layers, passes)
        count, seed = asked["random_directions"], asked["seed"]
        found = [random_directions(layer, channels[layer], count, seed) for layer in layers]
    store.put(DIRECTIONS_FILE, directions_to_bytes(found))
