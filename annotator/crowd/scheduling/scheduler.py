"""Chooses the next HIT for a worker: training, qualification, then one queue of all networks and
layers, interleaved, with control units mixed in, early ones first.
"""

import math
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from annotator.crowd.access import consent
from annotator.crowd.errors import AlreadyWorked, ConsentRequired, NoPlace
from annotator.crowd.scheduling.history import PastAssignment, past_assignments, share_used
from annotator.crowd.scheduling.leases import accept, add_places, extend
from annotator.crowd.scheduling.qualification import Practice, Stage, record_stage, stage
from annotator.keyed_random import KeyedPairs
from annotator.models import Assignment, Hit, KnownAnswer, Place, Worker
from annotator.models.gold import practice


def take_next(worker: Worker) -> Assignment | None:
    """What the worker has open, else a place of the next HIT; None when there is nothing to do.

    Raises:
        ConsentRequired: the worker has yet to agree to the study's newest consent text.
        MixedCrowd: simulated workers answer the worker's study.
    """
    if consent.is_required(worker):
        raise ConsentRequired(_("Please read what you agree to before you go on."))
    for assignment in worker.assignments.filter(status__in=Assignment.OPEN).order_by("-pk"):
        if extend(assignment):  # a lapsed one too, as long as nobody has taken its place
            assignment.refresh_from_db()
            return assignment
    while hit := next_hit(worker, is_settled=True):
        try:
            return accept(worker, hit)
        except AlreadyWorked:  # in another tab, since we looked
            continue
        except NoPlace:  # somebody was quicker, or it is one that everybody gets
            if KnownAnswer.objects.filter(unit=hit.unit_id).exists():
                add_places(hit, 1)
    return None


class QueuedHit(NamedTuple):
    """A HIT of the study: what the queue needs of it."""

    hit: int
    unit: int
    layer: int
    kind: str
    has_room: bool
    is_training: bool | None  # None as well where nothing is known of the unit
    is_qualification: bool | None
    is_control: bool | None

    @property
    def stratum(self) -> str:
        """What the blocks of the queue hold in proportion."""
        return f"{self.layer}" if self.kind == Hit.Kind.NAMING else f"{self.layer} {self.kind}"


def next_hit(worker: Worker, is_settled: bool = False) -> Hit | None:
    """The first HIT of the worker's queue that has a free place and a unit new to the worker.

    HITs of known units need no free place: everybody gets them, and places are made as needed.
    None as well when the worker has failed the qualification, was excluded, or has had their
    share of the study's places, which keeps any one worker from deciding its results. Simulated
    workers have no share, no training and no controls: there is nobody to spare or to test.

    Args:
        is_settled: the worker has nothing open any more. What that decides, that training is over
            and how the qualification went, is written down; looking ahead writes nothing.
    """
    if worker.excluded_at:
        return None
    had, offers = past_assignments(worker), _offers(worker)
    if worker.kind == Worker.Kind.SIMULATED:
        return _hit(_first_of_queue(worker, offers, had))
    units = Practice(
        training=frozenset(one.unit for one in offers if one.is_training),
        qualification=frozenset(one.unit for one in offers if one.is_qualification),
    )
    found = stage(worker, units, had, is_settled)
    if is_settled:
        record_stage(worker, units, found)
    if found in (Stage.TRAINING, Stage.QUALIFICATION):
        return _hit(_first_of_practice(found, offers, had))
    if found == Stage.FAILED or places_left(worker, had) < 1:
        return None
    first = _first_of_queue(worker, offers, had)
    return _hit(first and (_due_control(worker, offers, had) or first))


def _offers(worker: Worker) -> list[QueuedHit]:
    free = Place.objects.free().filter(hit=OuterRef("pk"))
    hits = Hit.objects.filter(unit__layer__network__study=worker.study_id)
    rows = hits.exclude(status=Hit.Status.DISPOSED).values_list(
        "pk",
        "unit_id",
        "unit__layer_id",
        "kind",
        Exists(free),
        "unit__known__for_training",
        "unit__known__for_qualification",
        "unit__known__for_control",
    )
    return [QueuedHit(*row) for row in rows]


def _hit(offer: QueuedHit | None) -> Hit | None:
    return offer and Hit.objects.select_related("hit_type").get(pk=offer.hit)


def _first_of_practice(
    found: Stage, offers: Iterable[QueuedHit], had: Iterable[PastAssignment]
) -> QueuedHit | None:
    """Practice comes in the order in which the units were published, alike for everybody."""
    units = {one.unit for one in had}
    wanted = (
        one
        for one in offers
        if (one.is_training if found == Stage.TRAINING else one.is_qualification)
        and one.kind == Hit.Kind.NAMING
        and one.unit not in units
    )
    return min(wanted, default=None)


def _due_control(
    worker: Worker, offers: Iterable[QueuedHit], had: list[PastAssignment]
) -> QueuedHit | None:
    """The worker's next control unit, if its turn has come."""
    units = {one.unit for one in had}
    fresh = [one for one in offers if one.is_control and one.kind == Hit.Kind.NAMING]
    fresh = [one for one in fresh if one.unit not in units]
    draws = KeyedPairs(f"{worker.study.key}/{worker.key}")
    turn = control_turn(draws, sum(bool(one.is_control) for one in had))
    if not fresh or sum(not one.is_practice for one in had) < turn:
        return None
    return min(fresh, key=lambda one: draws.pair(f"control {one.unit}"))


def control_turn(draws: KeyedPairs, number: int) -> int:
    """After how many HITs a worker's control of this number, from 0, is due.

    One is among the first 2 HITs, one among the next 3, one among the next 4, and so on: early
    ones are front-loaded, and where in its stretch each stands is drawn anew for every worker.
    """
    start = 2 * number + number * (number - 1) // 2
    return start + draws.pair(f"turn {number}")[0] * (number + 2) // 2**64


def _first_of_queue(
    worker: Worker, offers: list[QueuedHit], had: Iterable[PastAssignment]
) -> QueuedHit | None:
    units = {one.unit for one in had}
    queued = [one for one in offers if not (one.is_training or one.is_qualification)]
    wanted = {one.hit: one for one in queued if one.has_room and one.unit not in units}
    if not wanted:
        return None
    key = f"{worker.study.key}/{worker.key}"
    order = queue_order([(one.hit, one.stratum) for one in queued], key)
    return wanted[next(hit for hit in order if hit in wanted)]


def places_left(worker: Worker, had: Iterable[PastAssignment]) -> int:
    """How many more places of the study the worker may take, at least one in all.

    Practice is not part of the share; nor are the places beyond those wanted that control units
    get for everybody.
    """
    study = worker.study
    beyond = Q(hit__unit__known__for_control=True, number__gt=study.assignments_wanted)
    places = Place.objects.filter(hit__unit__layer__network__study=study)
    count = places.exclude(practice("hit__unit__")).exclude(beyond).count()
    return max(1, math.ceil(study.worker_share * count)) - share_used(had)


def queue_order(hits: Iterable[tuple[int, object]], key: str) -> list[int]:
    """Order HITs in blocks, each with every stratum's share in it, drawn anew for each key.

    There are as many blocks as the largest stratum (a layer's HITs of one kind) has HITs. Strata
    of equal size have one HIT in each block; a smaller one's are spread evenly over them. So
    whatever part of the queue a worker gets through, it holds networks and layers in proportion,
    and being tired, or having learned, is no difference between them.

    Args:
        hits: (HIT, stratum) for every HIT of the study, in any order.
        key: whose queue; another key is another order.
    """
    draws = KeyedPairs(key)
    strata: dict[object, list[tuple[int, int, int]]] = defaultdict(list)
    for hit, stratum in hits:
        strata[stratum].append((*draws.pair(f"hit {hit}"), hit))
    block_count = max(map(len, strata.values()), default=0)
    ordered = []
    for stratum, members in strata.items():
        start = draws.pair(f"layer {stratum}")[0] / 2**64
        for rank, (_first, within, hit) in enumerate(sorted(members)):
            block = math.floor((rank + start) * block_count / len(members))
            ordered.append((block, within, hit))
    return [hit for _, _, hit in sorted(ordered)]
