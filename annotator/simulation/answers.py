"""Fills the free places of a study with simulated workers' answers.

NotSimulated: the study cannot be answered so; its text says why.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

import numpy as np
from django.db import transaction

from annotator.crowd.access.invitations import refuse_simulation
from annotator.crowd.answers.submission import submit
from annotator.crowd.answers.validation import AnswerForm
from annotator.crowd.errors import AnswerRefused, MixedCrowd
from annotator.crowd.scheduling.leases import accept
from annotator.dissection_reader.ground_truth import Label, NoGroundTruth
from annotator.models import Assignment, Hit, Place, Study, Worker
from annotator.simulation.perception import Seen
from annotator.simulation.units import eyes_of, hits_of, look_at
from annotator.simulation.words import meant_by
from annotator.simulation.workers import Ways, say, verify, ways_of

HITS_AT_ONCE = 50  # in one transaction: a commit costs as much as an answer


class NotSimulated(Exception):
    """A study cannot be answered by simulated workers."""


def simulate(
    study: Study, worker_count: int, seed: int, progress: Callable[[int], object] = int
) -> int:
    """Answer every free place of a study; returns how many there were.

    The same seed gives the same workers and answers. What was stopped goes on where it was.

    Args:
        progress: told of each answer.

    Raises:
        NotSimulated: nothing is published, there is no ground truth, there are too few workers,
            or people have answered.
    """
    hits = hits_of(study, *Hit.Kind)
    if not hits:
        raise NotSimulated(f"Study {study} has no HITs yet: run `publish {study}` first.")
    free = _free_places(hits)
    if not free:
        return 0
    try:
        eyes = eyes_of(study)
        workers = _enlist(study, worker_count, seed)
    except (NoGroundTruth, MixedCrowd) as error:
        raise NotSimulated(str(error)) from error
    duties = _duties(hits, free, workers, seed)
    wanted = [hit for hit in hits if hit.pk in duties]
    for start in range(0, len(wanted), HITS_AT_ONCE):
        looked = list(look_at(wanted[start : start + HITS_AT_ONCE], eyes))  # others may write
        with transaction.atomic():
            for hit, seen in looked:
                for number in duties[hit.pk]:
                    _answer(workers[number], hit, seen, eyes.labels, [seed, number])
                    progress(1)
    return sum(map(len, duties.values()))


def _free_places(hits: list[Hit]) -> Counter[int]:
    """HIT: its free places."""
    return Counter(Place.objects.free().filter(hit__in=hits).values_list("hit", flat=True))


def _enlist(study: Study, count: int, seed: int) -> list[Worker]:
    """The simulated workers of this seed, from number 0; made where they are missing."""
    if count < study.assignments_wanted:
        raise NotSimulated(
            f"{study.assignments_wanted} answers a unit need as many workers, got {count}."
        )
    with transaction.atomic():
        refuse_simulation(study)
        return [
            Worker.objects.get_or_create(
                study=study, key=f"simulated {seed}/{number}", kind=Worker.Kind.SIMULATED
            )[0]
            for number in range(count)
        ]


def _duties(
    hits: list[Hit], free: Counter[int], workers: list[Worker], seed: int
) -> dict[int, list[int]]:
    """HIT: numbers of the workers that answer it. All get as many, give or take one.

    Nobody gets a unit twice: who names it does not verify its concept.

    Raises:
        NotSimulated: every worker has had some unit that still has free places.
    """
    had = defaultdict(set)
    number_of = {worker.pk: number for number, worker in enumerate(workers)}
    before = Assignment.objects.filter(worker__in=workers).values_list("unit", "worker")
    for unit, worker in before:
        had[unit].add(number_of[worker])
    load = Counter(number_of[worker] for _, worker in before)
    random = np.random.default_rng([seed, len(before)])
    duties = {}
    for hit in hits:
        places = free[hit.pk]
        if not places:
            continue
        able = [number for number in number_of.values() if number not in had[hit.unit_id]]
        if len(able) < places:
            raise NotSimulated(
                f"The {len(workers)} workers have all had some unit that wants more answers: "
                f"--workers {len(workers) + places - len(able)} or more."
            )
        draw = random.random(len(workers))
        duties[hit.pk] = sorted(able, key=lambda number: (load[number], draw[number]))[:places]
        had[hit.unit_id].update(duties[hit.pk])
        load.update(duties[hit.pk])
    return duties


def _answer(worker: Worker, hit: Hit, seen: Seen, labels: Sequence[Label], seed: list[int]) -> None:
    """Accept a HIT and submit until it is taken, looking again whenever it is refused."""
    assignment = accept(worker, hit)
    random = np.random.default_rng([*seed, *seen.own_images])
    ways = ways_of(*seed)
    while True:
        try:
            submit(assignment, _said(ways, hit, seen, labels, random))
            return
        except AnswerRefused:
            continue  # at most twice


def _said(
    ways: Ways, hit: Hit, seen: Seen, labels: Sequence[Label], random: np.random.Generator
) -> AnswerForm:
    if hit.kind == Hit.Kind.NAMING:
        return say(ways, seen, labels, random)
    meant = meant_by(hit.concept, [label.name for label in labels])
    return verify(ways, seen, meant, random)
