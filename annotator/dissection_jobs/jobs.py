"""What a run asks for, loaded: the same for each of its shards."""

import json
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from django.conf import settings

from annotator.dissection_jobs.directions import kept_directions, turned
from annotator.models import Run
from dissect.dissection.settings import Settings
from dissect.images.image_list import ImageList, find_images
from dissect.networks.layers import layer_infos
from dissect.networks.numerics import Numerics
from dissect.networks.registry import Network, load_network
from dissect.receptive_fields.measure import FieldSettings
from dissect.storage.store import Store, store_at
from dissect.topk.batches import BATCH_SIZE, select_device
from dissect.topk.results import TopKSettings

IMAGES_A_SHARD = 2048  # minutes of work, far below any broker's patience


@dataclass(frozen=True)
class Job:
    """A run's network, images and wishes.

    Attributes:
        prefix: where the dissection will stand in the storage; `store` is the same place.
    """

    network: Network
    layers: tuple[str, ...]
    images: ImageList
    settings: Settings
    device: Any  # torch's, which this half does not name
    prefix: str
    store: Store

    @property
    def wanted(self) -> TopKSettings:
        return self.settings.wanted(self.layers)


def job_of(run: Run) -> Job:
    """Load what a run asks for; a worker that does many of its shards loads it once.

    Raises:
        DissectError: there is no such network, layer, image or device.
    """
    place = f"{run.study.name}/{run.pk}"
    kept = kept_directions(store_at(f"{settings.DISSECTIONS_URL}/{place}"), run.asked)
    return _job(json.dumps(run.asked, sort_keys=True), place, settings.DISSECTIONS_URL, kept)


@lru_cache(maxsize=1)
def _job(asked_json: str, place: str, dissections: str, kept: bytes | None) -> Job:
    asked = json.loads(asked_json)
    wanted = settings_of(asked)
    images = find_images(asked["images"])
    network = load_network(asked["network"], asked.get("weights"), asked.get("seed", 0))
    if kept is not None:
        network = turned(network, asked, kept)
    network = replace(network, numerics=Numerics(**asked.get("numerics", {})))
    device = select_device(asked["device"])
    # What cannot be done stops here, before the long part.
    wanted.check(network, layer_infos(network, asked["layers"]), images)
    return Job(
        network=network,
        layers=tuple(dict.fromkeys(asked["layers"])),
        images=images,
        settings=wanted,
        device=device,
        prefix=f"dissections/{place}",
        store=store_at(f"{dissections}/{place}"),
    )


def settings_of(asked: dict[str, Any]) -> Settings:
    """What a run asks of every network of its study alike."""
    field = asked.get("field")
    return Settings(
        top=asked["top"],
        segment=asked["segment"],
        by=asked.get("by", "max"),
        field=None if field is None else FieldSettings(**field),
    )


def ranges(count: int, shards: int | None) -> list[tuple[int, int]]:
    """Cut places 0 to count - 1 into ranges of whole blocks, as even as can be.

    Args:
        shards: how many; None: so that each has about IMAGES_A_SHARD images.

    Returns:
        (first, stop) of each; fewer than asked for where there are fewer blocks.
    """
    blocks = -(-count // BATCH_SIZE)
    wanted = shards or -(-count // IMAGES_A_SHARD)
    pieces = max(1, min(wanted, blocks))
    edges = [round(piece * blocks / pieces) * BATCH_SIZE for piece in range(pieces)] + [count]
    return list(zip(edges[:-1], edges[1:], strict=True))
