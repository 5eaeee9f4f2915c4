"""The queue: in which order each worker is offered the HITs of a study.

What all queues of a study have in common is read once in a process, and again when HITs are
published. A worker's order stays the same, so a process remembers those of the last workers, and
draws the others again. The first HIT of it with a free place is looked for from its start.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field

import numpy as np
from django.db.models import CharField, Count, Max, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from annotator.crowd.scheduling.leases import FreePlace, free_places
from annotator.keyed_random import keyed_number
from annotator.models import Hit, Place, Study
from annotator.models.gold import practice
from annotator.models.hit import hits_of

DRAW_BITS = np.uint64(40)  # that order the HITs of a block; the others number the block
FIRST_CHUNK, CHUNK_GROWTH = 8, 8
MAX_UNFILLED = 1000  # HITs: while there are more, one comes soon in any order
MIN_OF_NETWORK = 4  # HITs of each network that a worker gets first, where there is room
MAX_STUDIES = 32  # whose queues a process remembers
MAX_REMEMBERED = 200_000  # HITs in the orders of a study's workers that it remembers
ORDER_OVERHEAD = 32  # numbers, as which an order counts besides its own
_studies: dict[str, "StudyQueue"] = {}  # by the study's key


@dataclass(frozen=True)
class Stratum:
    """A layer's HITs of one kind, by pk: every block of the queue has its share of each stratum.

    Attributes:
        hits: (HITs,) int64.
        network: the one whose units they name, by position; None where they verify concepts.
    """

    name: str
    hits: np.ndarray
    network: int | None = None


@dataclass
class StudyQueue:
    """What the queues of a study's workers have in common.

    Attributes:
        version: as `queue_version` gave it.
        naming: {unit: HIT that names it}.
        place_count: `shared_places` when somebody last counted; None before.
        counted_at: the answers wanted then: while they are the same, places are only added.
        orders: of some workers, by their keys.
    """

    version: str | None
    strata: list[Stratum]
    naming: dict[int, int]
    place_count: int | None = None
    counted_at: int = 0
    orders: dict[str, np.ndarray] = field(default_factory=dict)

    def order_of(self, key: str) -> np.ndarray:
        """`queue_order` of one worker, by their key."""
        order = self.orders.get(key)
        if order is None:
            order = queue_order(self.strata, key)
            order.setflags(write=False)  # threads share it
            if (len(self.orders) + 1) * (len(order) + ORDER_OVERHEAD) > MAX_REMEMBERED:
                self.orders.clear()
            self.orders[key] = order
        return order

    def remembered_places(self, study: Study) -> int:
        """`shared_places` of the study, as they were counted last."""
        if self.place_count is None or self.counted_at != study.assignments_wanted:
            self.place_count = shared_places(study)
            self.counted_at = study.assignments_wanted
        return self.place_count


def queue_version(study: Study | OuterRef) -> QuerySet:
    """The version of a study's queue, as a query: it changes when HITs are published.

    It has no row for a study without HITs.
    """
    count, highest = (Cast(each, CharField()) for each in (Count("pk"), Max("pk")))
    hits = hits_of(study).order_by().values("hit_type__study")
    return hits.annotate(version=Concat(count, Value(" "), highest)).values_list("version")


def study_queue(study: Study, version: str | None) -> StudyQueue:
    """The queue of a study, from this process's memory unless HITs were published since.

    Args:
        version: as the database has it now (`queue_version`).
    """
    queue = _studies.get(study.key)
    if queue is None or queue.version != version:
        if len(_studies) >= MAX_STUDIES:
            _studies.clear()
        queue = _studies[study.key] = _read(study, version)
    return queue


def _read(study: Study, version: str | None) -> StudyQueue:
    rows = (
        hits_of(study)
        .order_by("pk")
        .values_list(
            "pk",
            "kind",
            "unit_id",
            "unit__layer__network__position",
            "unit__layer__position",
            "unit__layer__name",
        )
    )
    strata: dict[str, list[int]] = defaultdict(list)
    naming, network_of = {}, {}
    for hit, kind, unit, network, *layer in rows:
        name = " ".join(map(str, (network, *layer, kind)))
        strata[name].append(hit)
        if kind == Hit.Kind.NAMING:
            naming[unit], network_of[name] = hit, network
    arrays = [
        Stratum(name, np.array(hits, np.int64), network_of.get(name))
        for name, hits in strata.items()
    ]
    return StudyQueue(version, arrays, naming)


def shared_places(study: Study) -> int:
    """How many places of a study the queues of its workers share out.

    Practice is not part of it. Neither are the extra places of control units, which every worker
    gets.
    """
    beyond = Q(hit__unit__known__for_control=True, number__gt=study.assignments_wanted)
    places = Place.objects.filter(hit__hit_type__study=study)
    return places.exclude(practice("hit__unit__")).exclude(beyond).count()


def queue_order(strata: Iterable[Stratum], key: str) -> np.ndarray:
    """Order a worker's queue of HITs in randomized blocks, each with a share of every stratum.

    There are as many blocks as the largest stratum (a layer's HITs of one kind) has HITs. Strata
    of that size have one HIT in each block; smaller strata are spread evenly. Whatever part of the
    queue a worker completes, it has networks and layers in proportion, so fatigue and learning
    affect them alike.

    Args:
        strata: in any order; their HITs by publication, to which new ones are only added.
        key: of one worker; another key gives another order.

    Returns:
        (HITs,) their pks.
    """
    strata = sorted(strata, key=lambda stratum: stratum.name)
    block_count = max((len(stratum.hits) for stratum in strata), default=0)
    hits, places = [np.empty(0, np.int64)], [np.empty(0, np.uint64)]
    for stratum in strata:
        count = len(stratum.hits)
        draws = _draws(f"{key}/{stratum.name}", count + 1)
        ranks = np.empty(count)
        ranks[np.argsort(draws[1:, 0])] = np.arange(count)
        start = draws[0, 0] / 2**64
        blocks = np.floor((ranks + start) * block_count / max(count, 1)).astype(np.uint64)
        hits.append(stratum.hits)
        places.append(blocks << DRAW_BITS | draws[1:, 1] >> np.uint64(64) - DRAW_BITS)
    return np.concatenate(hits)[np.argsort(np.concatenate(places), kind="stable")]


def with_few_first(
    order: np.ndarray, strata: Sequence[Stratum], past: Collection[int]
) -> np.ndarray:
    """Move up the networks of which a worker has had the fewest units, until four of each.

    Networks can be compared as far as the same workers answer about all of them, and a worker may
    leave early.

    Args:
        order: (HITs,) pks of a worker's queue.
        strata: of the study.
        past: HITs that the worker has accepted and not given up.
    """
    networks: dict[int, list[np.ndarray]] = defaultdict(list)
    for stratum in strata:
        if stratum.network is not None:
            networks[stratum.network].append(stratum.hits)
    had = np.array(sorted(past), np.int64)
    ranks = np.full(len(order), MIN_OF_NETWORK)
    for arrays in networks.values() if len(networks) > 1 else ():
        hits = np.concatenate(arrays)
        if (count := int(np.isin(had, hits).sum())) < MIN_OF_NETWORK:
            ranks[np.isin(order, hits)] = count
    return order if (ranks == MIN_OF_NETWORK).all() else order[np.argsort(ranks, kind="stable")]


def _draws(key: str, count: int) -> np.ndarray:
    """Pairs of random numbers that a key fixes: (count, 2) uint64 from 0 to 2**64 - 1.

    More of them start with the same ones, so that published HITs keep theirs. Numpy promises that
    the raw numbers of a bit generator stay the same in all its versions.
    """
    generator = np.random.Philox(key=keyed_number(key, "queue"))
    return generator.random_raw(2 * count).reshape(-1, 2)


def first_free(study: Study, order: np.ndarray, units: Set[int]) -> FreePlace | None:
    """A free place of the first HIT of a queue that has one, of a unit not among `units`.

    It reads a few HITs from the start of the queue; if they are full, those of the study that are
    not, if these are few; and else ever longer parts of the queue.
    """
    for number, chunk in enumerate(_chunks(order)):
        if (free := _first_free(chunk, units)) is not None:
            return free
        if number == 0 and (unfilled := _unfilled(study)) is not None:
            return _first_free(order[np.isin(order, unfilled)], units)
    return None


def _chunks(order: np.ndarray) -> Iterator[np.ndarray]:
    start, size = 0, FIRST_CHUNK
    while start < len(order):
        yield order[start : start + size]
        start, size = start + size, size * CHUNK_GROWTH


def _first_free(order: np.ndarray, units: Set[int]) -> FreePlace | None:
    free = free_places(order.tolist())
    hits = (free[hit] for hit in order.tolist() if hit in free)
    return next((place for place in hits if place.unit not in units), None)


def _unfilled(study: Study) -> list[int] | None:
    """The HITs of a study with a place that is not filled; None if they are many."""
    places = Place.objects.filter(hit__hit_type__study=study, is_filled=False)
    hits = list(places.values_list("hit_id", flat=True)[: MAX_UNFILLED + 1])
    return None if len(hits) > MAX_UNFILLED else hits
