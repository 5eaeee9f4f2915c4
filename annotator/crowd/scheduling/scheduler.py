"""Scheduler: which HIT a worker gets next.

Training comes first, then qualification, then one queue that interleaves all networks and layers.
Control units are mixed into the queue, more of them early on.
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
from annotator.crowd.scheduling.leases import accept, extend
from annotator.crowd.scheduling.qualification import Practice, Stage, record_stage, stage
from annotator.crowd.scheduling.redundancy import add_places
from annotator.keyed_random import KeyedPairs
from annotator.models import Assignment, Hit, KnownAnswer, Place, Worker
from annotator.models.gold import practice


def take_next(worker: Worker) -> Assignment | None:
    """Schedule a worker: the open assignment, else one of the next HIT; None when nothing is left.

    Raises:
        ConsentRequired: the worker has yet to agree to the study's newest consent text.
        MixedCrowd: simulated workers answer the worker's study.
    """
    if consent.is_required(worker):
        raise ConsentRequired(_("Please read what you agree to before you go on."))
    for assignment in worker.assignments.filter(status__in=Assignment.OPEN).order_by("-pk"):
        if extend(assignment):  # a lapsed lease too, as long as nobody has taken the place
            assignment.refresh_from_db()
            return assignment
    while hit := next_hit(worker, is_settled=True):
        try:
            return accept(worker, hit)
        except AlreadyWorked:  # accepted in another tab in the meantime
            continue
        except NoPlace:  # somebody was faster, or it is a gold unit, which everybody gets
            if KnownAnswer.objects.filter(unit=hit.unit_id).exists():
                add_places(hit, 1)
    return None


class QueuedHit(NamedTuple):
    """A HIT of the study, with what the queue needs to know of it."""

    hit: int
    unit: int
    layer: int
    kind: str
    has_room: bool
    is_training: bool | None  # None if the unit is not a gold unit
    is_qualification: bool | None
    is_control: bool | None

    @property
    def stratum(self) -> str:
        """The stratum: every block of the queue has its share of each."""
        return f"{self.layer}" if self.kind == Hit.Kind.NAMING else f"{self.layer} {self.kind}"


def next_hit(worker: Worker, is_settled: bool = False) -> Hit | None:
    """The next HIT of a worker's queue with a free place and a unit new to the worker.

    HITs of gold units need no free place: everybody gets them, and places are added as needed.
    None if the worker failed the qualification, was excluded, or has used up their share of the
    study's places, which keeps any one worker from deciding its results. Simulated workers have
    no share, no training and no controls.

    Args:
        is_settled: the worker has nothing open. Then the end of training and the result of the
            qualification are stored; looking ahead stores nothing.
    """
    if worker.excluded_at:
        return None
    past, hits = past_assignments(worker), _queued_hits(worker)
    if worker.kind == Worker.Kind.SIMULATED:
        return _hit(_first_of_queue(worker, hits, past))
    units = Practice(
        training=frozenset(hit.unit for hit in hits if hit.is_training),
        qualification=frozenset(hit.unit for hit in hits if hit.is_qualification),
    )
    now_at = stage(worker, units, past, is_settled)
    if is_settled:
        record_stage(worker, units, now_at)
    if now_at in (Stage.TRAINING, Stage.QUALIFICATION):
        return _hit(_first_of_practice(now_at, hits, past))
    if now_at == Stage.FAILED or places_left(worker, past) < 1:
        return None
    first = _first_of_queue(worker, hits, past)
    return _hit(first and (_due_control(worker, hits, past) or first))


def _queued_hits(worker: Worker) -> list[QueuedHit]:
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


def _hit(queued: QueuedHit | None) -> Hit | None:
    return queued and Hit.objects.select_related("hit_type").get(pk=queued.hit)


def _first_of_practice(
    now_at: Stage, hits: Iterable[QueuedHit], past: Iterable[PastAssignment]
) -> QueuedHit | None:
    """The next practice HIT. Everybody gets them in the order of publication."""
    units = {row.unit for row in past}
    fresh = (
        hit
        for hit in hits
        if (hit.is_training if now_at == Stage.TRAINING else hit.is_qualification)
        and hit.kind == Hit.Kind.NAMING
        and hit.unit not in units
    )
    return min(fresh, default=None)


def _due_control(
    worker: Worker, hits: Iterable[QueuedHit], past: list[PastAssignment]
) -> QueuedHit | None:
    """The worker's next control unit, if it is due."""
    units = {row.unit for row in past}
    fresh = [hit for hit in hits if hit.is_control and hit.kind == Hit.Kind.NAMING]
    fresh = [hit for hit in fresh if hit.unit not in units]
    draws = KeyedPairs(f"{worker.study.key}/{worker.key}")
    turn = control_turn(draws, sum(bool(row.is_control) for row in past))
    if not fresh or sum(not row.is_practice for row in past) < turn:
        return None
    return min(fresh, key=lambda hit: draws.pair(f"control {hit.unit}"))


def control_turn(draws: KeyedPairs, number: int) -> int:
    """After how many HITs of the queue a worker's next control unit is due.

    One is among the first 2 HITs, one among the next 3, one among the next 4, and so on. The key
    draws the place within each stretch.

    Args:
        draws: keyed for one worker.
        number: of the control unit, from 0.
    """
    start = 2 * number + number * (number - 1) // 2
    return start + draws.pair(f"turn {number}")[0] * (number + 2) // 2**64


def _first_of_queue(
    worker: Worker, hits: list[QueuedHit], past: Iterable[PastAssignment]
) -> QueuedHit | None:
    units = {row.unit for row in past}
    queue = [hit for hit in hits if not (hit.is_training or hit.is_qualification)]
    available = {hit.hit: hit for hit in queue if hit.has_room and hit.unit not in units}
    if not available:
        return None
    key = f"{worker.study.key}/{worker.key}"
    order = queue_order([(hit.hit, hit.stratum) for hit in queue], key)
    return available[next(pk for pk in order if pk in available)]


def places_left(worker: Worker, past: Iterable[PastAssignment]) -> int:
    """How many more places of the study the scheduler may give a worker; everybody gets one.

    Practice is not part of the share. Neither are the extra places of control units, which every
    worker gets.
    """
    study = worker.study
    beyond = Q(hit__unit__known__for_control=True, number__gt=study.assignments_wanted)
    places = Place.objects.filter(hit__unit__layer__network__study=study)
    count = places.exclude(practice("hit__unit__")).exclude(beyond).count()
    return max(1, math.ceil(study.worker_share * count)) - share_used(past)


def queue_order(hits: Iterable[tuple[int, object]], key: str) -> list[int]:
    """Order a worker's queue of HITs in randomised blocks, each with a share of every stratum.

    There are as many blocks as the largest stratum (a layer's HITs of one kind) has HITs. Strata
    of that size have one HIT in each block; smaller strata are spread evenly. Whatever part of the
    queue a worker completes, it has networks and layers in proportion, so fatigue and learning
    affect them alike.

    Args:
        hits: (HIT, stratum) of every HIT of the study, in any order.
        key: of one worker; another key gives another order.
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
