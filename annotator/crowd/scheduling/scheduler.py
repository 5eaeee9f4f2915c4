"""Scheduler: which HIT a worker gets next.

Training comes first, then qualification, then one queue that interleaves all networks and layers.
Control units are mixed into the queue, more of them early on.
"""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _

from annotator.crowd.access import consent, sessions
from annotator.crowd.access.mixed_crowds import refuse_mixed
from annotator.crowd.errors import ConsentRequired
from annotator.crowd.scheduling import gates
from annotator.crowd.scheduling.gates import refuse_unpayable
from annotator.crowd.scheduling.gold_units import Practice, control_turn
from annotator.crowd.scheduling.leases import FreePlace, claim, extend, free_places
from annotator.crowd.scheduling.qualification import Stage, record_stage, stage
from annotator.crowd.scheduling.queue import (
    StudyQueue,
    first_free,
    study_queue,
    with_few_first,
)
from annotator.crowd.scheduling.redundancy import add_places
from annotator.crowd.scheduling.standing import (
    PastAssignment,
    Standing,
    past_assignments,
    places_left,
    share_used,
    standing_of,
)
from annotator.keyed_random import KeyedPairs
from annotator.models import Assignment, Hit, KnownAnswer, Worker
from annotator.pay.budget import lock_budget


def take_next(worker: Worker) -> Assignment | None:
    """Schedule a worker: the open assignment, else one of the next HIT; None when nothing is left.

    Raises:
        ConsentRequired: the worker has yet to agree to the study's newest consent text.
        SessionEnded: the worker's market session is over, or ends as there is nothing left.
        CheckDue: an attention check of the session comes first.
        MixedCrowd: simulated workers answer the worker's study.
        StudyPaused, BudgetSpent: nothing is handed out, though something is left.
    """
    session = None
    if sessions.may_have_session(worker):
        _refuse_without_consent(consent.is_required(worker))
        session = gates.refuse_next(worker)
    while taken := _take(worker):
        if isinstance(taken, Assignment):
            return taken
        if taken.place is None:
            add_places(Hit(pk=taken.hit), 1)
    if session:
        sessions.end_without_sets(worker, session)
    return None


def _refuse_without_consent(is_required: bool) -> None:
    if is_required:
        raise ConsentRequired(_("Please read what you agree to before you go on."))


def _open_assignment(worker: Worker) -> Assignment | None:
    """The worker's open assignment, its lease renewed, as long as nobody has taken the place."""
    rows = worker.assignments.select_related("hit__hit_type").order_by("-pk")
    for assignment in rows.filter(status__in=Assignment.OPEN):
        if extend(assignment):
            assignment.refresh_from_db()
            return assignment
    return None


class NextHit(NamedTuple):
    """The HIT that comes next for a worker, and a free place of it; of a gold unit's maybe none."""

    hit: int
    place: FreePlace | None


def _take(worker: Worker) -> Assignment | NextHit | None:
    """The worker's open assignment, or one of the next HIT; None when nothing is left.

    The HIT itself is returned if it has no free place, or somebody was faster: then ask again.
    """
    with transaction.atomic():
        if worker.study.budget_cents is not None:
            lock_budget(worker.study)  # before the worker, in the order that entering takes
        standing = standing_of(worker, lock=True)
        _refuse_without_consent(standing.needs_consent)
        past = past_assignments(worker)
        is_open = any(row.status in Assignment.OPEN for row in past)
        if is_open and (assignment := _open_assignment(worker)):
            return assignment
        following = _next_hit(worker, standing, past, is_settled=True)
        if following is None or following.place is None:
            return following
        refuse_mixed(worker.kind, standing.has_simulated)
        gates = (standing.paused_at, standing.budget_cents)
        refuse_unpayable(worker, following.place.reward_cents, gates)
        return claim(worker, following.place) or following


class GoldHit(NamedTuple):
    """The HIT of a gold unit, and what it is for."""

    hit: int
    unit: int
    is_training: bool
    is_qualification: bool
    is_control: bool


def next_hit(worker: Worker, is_settled: bool = False) -> Hit | None:
    """The scheduler's next HIT of a worker's queue: it has a free place, and a unit new to them.

    HITs of gold units need no free place: everybody gets them, and places are added as needed.
    None if the worker failed the qualification, was excluded, or has used up their share of the
    study's places, which keeps any one worker from deciding its results. Simulated workers have
    no share, no training and no controls.

    Args:
        is_settled: the worker has nothing open. Then the end of training and the result of the
            qualification are stored; looking ahead stores nothing.
    """
    following = _next_hit(worker, standing_of(worker), past_assignments(worker), is_settled)
    return following and Hit.objects.select_related("hit_type").get(pk=following.hit)


def _next_hit(
    worker: Worker, standing: Standing, past: list[PastAssignment], is_settled: bool
) -> NextHit | None:
    if worker.excluded_at or standing.excluded_at:
        return None
    queue = study_queue(worker.study, standing.version)
    gold = _gold_hits(queue) if standing.has_gold else []
    if worker.kind == Worker.Kind.SIMULATED:
        return _first_of_queue(worker, queue, gold, past)
    units = Practice(
        training=frozenset(hit.unit for hit in gold if hit.is_training),
        qualification=frozenset(hit.unit for hit in gold if hit.is_qualification),
    )
    now_at = stage(worker, units, past, is_settled)
    if is_settled:
        record_stage(worker, units, now_at)
    if now_at in (Stage.TRAINING, Stage.QUALIFICATION):
        return _with_place(_first_of_practice(now_at, gold, past))
    if now_at == Stage.FAILED or not _has_share_left(worker, queue, past):
        return None
    first = _first_of_queue(worker, queue, gold, past)
    return first and (_with_place(_due_control(worker, gold, past)) or first)


def _gold_hits(queue: StudyQueue) -> list[GoldHit]:
    """The HITs that name a gold unit, but those that are disposed of.

    Gold units are few: all of the installation's are read, instead of all units of the study.
    """
    columns = ("unit_id", "for_training", "for_qualification", "for_control")
    known = KnownAnswer.objects.values_list(*columns)
    rows = (row for row in known if row[0] in queue.naming)
    gold = [GoldHit(queue.naming[unit], unit, *uses) for unit, *uses in rows]
    if not gold:
        return []
    hits = Hit.objects.filter(pk__in=[each.hit for each in gold])
    open_hits = set(hits.exclude(status=Hit.Status.DISPOSED).values_list("pk", flat=True))
    return [each for each in gold if each.hit in open_hits]


def _with_place(hit: int | None) -> NextHit | None:
    return None if hit is None else NextHit(hit, free_places([hit]).get(hit))


def _first_of_practice(
    now_at: Stage, gold: Iterable[GoldHit], past: Iterable[PastAssignment]
) -> int | None:
    """The next practice HIT. Everybody gets them in the order of publication."""
    units = {row.unit for row in past}
    fresh = (
        hit.hit
        for hit in gold
        if (hit.is_training if now_at == Stage.TRAINING else hit.is_qualification)
        and hit.unit not in units
    )
    return min(fresh, default=None)


def _due_control(worker: Worker, gold: Iterable[GoldHit], past: list[PastAssignment]) -> int | None:
    """The worker's next control unit, if it is due."""
    units = {row.unit for row in past}
    fresh = [hit for hit in gold if hit.is_control and hit.unit not in units]
    draws = KeyedPairs(f"{worker.study.key}/{worker.key}")
    turn = control_turn(draws, sum(bool(row.is_control) for row in past))
    if not fresh or sum(not row.is_practice for row in past) < turn:
        return None
    return min(fresh, key=lambda hit: draws.pair(f"control {hit.unit}")).hit


def _first_of_queue(
    worker: Worker,
    queue: StudyQueue,
    gold: Iterable[GoldHit],
    past: Sequence[PastAssignment],
) -> NextHit | None:
    practice_units = {hit.unit for hit in gold if hit.is_training or hit.is_qualification}
    order = queue.order_of(f"{worker.study.key}/{worker.key}")
    new = order[~np.isin(order, [row.hit for row in past])]
    kept = [row.hit for row in past if row.status not in Assignment.GIVEN_UP]
    new = with_few_first(new, queue.strata, kept)
    place = first_free(worker.study, new, practice_units | {row.unit for row in past})
    return place and NextHit(place.hit, place)


def _has_share_left(worker: Worker, queue: StudyQueue, past: Iterable[PastAssignment]) -> bool:
    """Whether the scheduler may give a worker another HIT of the study.

    While the answers wanted stay, places are only added, so the number that the queue remembers is
    enough for a yes.
    """
    most = math.ceil(worker.study.worker_share * queue.remembered_places(worker.study))
    return share_used(past) < max(1, most) or places_left(worker, past) >= 1
