"""Chooses the next HIT for a worker: one queue of all networks and layers, interleaved."""

import hashlib
import math
import struct
from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Exists, OuterRef

from annotator.crowd.errors import AlreadyWorked, NoPlace
from annotator.crowd.leases import OPEN, accept, extend
from annotator.models import Assignment, Hit, Place, Worker

GIVEN_UP = (Assignment.Status.RETURNED, Assignment.Status.EXPIRED)


def take_next(worker: Worker) -> Assignment | None:
    """What the worker has open, else a place of the next HIT; None when there is nothing to do.

    Raises:
        MixedCrowd: simulated workers answer the worker's study.
    """
    for assignment in worker.assignments.filter(status__in=OPEN).order_by("-pk"):
        if extend(assignment):  # a lapsed one too, as long as nobody has taken its place
            assignment.refresh_from_db()
            return assignment
    while hit := next_hit(worker):
        try:
            return accept(worker, hit)
        except (NoPlace, AlreadyWorked):  # taken since we looked
            continue
    return None


def next_hit(worker: Worker) -> Hit | None:
    """The first HIT of the worker's queue that has a free place and a unit new to the worker.

    None as well when the worker has had their share of the study's places, which keeps any one
    worker from deciding its results. Simulated workers have no share: there is nobody to spare.
    """
    hits = Hit.objects.filter(unit__layer__network__study=worker.study_id)
    hits = hits.exclude(status=Hit.Status.DISPOSED)
    if worker.kind != Worker.Kind.SIMULATED and places_left(worker) < 1:
        return None
    had = set(worker.assignments.values_list("unit_id", flat=True))
    free = Exists(Place.objects.free().filter(hit=OuterRef("pk")))
    offered = hits.annotate(has_room=free).values_list(
        "pk", "unit_id", "unit__layer_id", "has_room"
    )
    rows = list(offered)
    wanted = {hit for hit, unit, _, has_room in rows if has_room and unit not in had}
    if not wanted:
        return None
    order = queue([(hit, layer) for hit, _, layer, _ in rows], f"{worker.study.key}/{worker.key}")
    return Hit.objects.select_related("hit_type").get(pk=next(h for h in order if h in wanted))


def places_left(worker: Worker) -> int:
    """How many more places of the study the worker may take, at least one in all."""
    places = Place.objects.filter(hit__unit__layer__network__study=worker.study_id).count()
    most = max(1, math.ceil(worker.study.worker_share * places))
    return most - worker.assignments.exclude(status__in=GIVEN_UP).count()


def queue(hits: Iterable[tuple[int, int]], key: str) -> list[int]:
    """Order HITs in blocks, each with every layer's share in it, drawn anew for each key.

    There are as many blocks as the largest layer has HITs. Layers of equal size have one HIT in
    each block; a smaller layer's are spread evenly over them. So whatever part of the queue a
    worker gets through, it holds networks and layers in proportion, and being tired, or having
    learned, is no difference between them.

    Args:
        hits: (HIT, layer) for every HIT of the study, in any order.
        key: whose queue; another key is another order.
    """
    chances = Chances(key)
    layers: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for hit, layer in hits:
        layers[layer].append((*chances.two(f"hit {hit}"), hit))
    block_count = max(map(len, layers.values()), default=0)
    ordered = []
    for layer, members in layers.items():
        start = chances.two(f"layer {layer}")[0] / 2**64
        for rank, (_, within, hit) in enumerate(sorted(members)):
            block = math.floor((rank + start) * block_count / len(members))
            ordered.append((block, within, hit))
    return [hit for _, _, hit in sorted(ordered)]


class Chances:
    """Pairs of numbers, from 0 to 2**64, that a key and a name decide."""

    def __init__(self, key: str) -> None:
        self._keyed = hashlib.blake2b(f"{key}\0".encode(), digest_size=16)

    def two(self, name: str) -> tuple[int, int]:
        keyed = self._keyed.copy()
        keyed.update(name.encode())
        return struct.unpack("<QQ", keyed.digest())
