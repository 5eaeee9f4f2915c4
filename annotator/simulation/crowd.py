"""Fills the free places of a study with simulated workers' answers.

NotSimulated: simulated workers cannot answer the study.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

import numpy as np
from django.db import transaction

from annotator.crowd.access.mixed_crowds import refuse_simulation
from annotator.crowd.answers.submission import submit
from annotator.crowd.answers.validation import AnswerForm
from annotator.crowd.errors import AnswerRefused, MixedCrowd, StudyPaused
from annotator.crowd.scheduling.gates import refuse_closed
from annotator.crowd.scheduling.leases import accept
from annotator.models import Assignment, Hit, Place, Study, Worker
from annotator.simulation.answers import name_unit, verify_concept
from annotator.simulation.perception import PerceivedUnit, perceive, perception_of
from annotator.simulation.words import labels_named
from annotator.simulation.workers import WorkerTraits, worker_traits
from dissect.errors import NoGroundTruth
from dissect.format.ground_truth import Concept

HITS_AT_ONCE = 50  # in one transaction, since a commit takes as long as an answer


class NotSimulated(Exception):
    """Simulated workers cannot answer the study; the message says why."""


def simulate(
    study: Study,
    worker_count: int,
    seed: int,
    progress: Callable[[int], object] = int,
    false_alarms: float = 0.0,
) -> int:
    """Answer every free place of a study by simulated workers; returns how many there were.

    The same seed gives the same workers and answers. An interrupted simulation continues where it
    stopped.

    Args:
        progress: called with 1 after each answer.
        false_alarms: probability that a worker names a theme where there is none; otherwise the
            answer is "nothing in common".

    Raises:
        NotSimulated: nothing is published, there is no ground truth, there are too few workers,
            or people have answered.
    """
    hits = hits_of(study, *Hit.Kind)
    if not hits:
        raise NotSimulated(f"Study {study} has no HITs yet: run `publish {study}` first.")
    free_places = Counter(Place.objects.free().filter(hit__in=hits).values_list("hit", flat=True))
    if not free_places:
        return 0
    try:
        refuse_closed(study)
        perception = perception_of(study)
        workers = _create_workers(study, worker_count, seed)
    except (NoGroundTruth, MixedCrowd, StudyPaused) as error:
        raise NotSimulated(str(error)) from error
    schedule = _schedule(hits, free_places, workers, seed)
    scheduled = [hit for hit in hits if hit.pk in schedule]
    for start in range(0, len(scheduled), HITS_AT_ONCE):
        # Perceived before the transaction, so that other processes can write meanwhile.
        batch = list(perceive(scheduled[start : start + HITS_AT_ONCE], perception))
        with transaction.atomic():
            for hit, unit in batch:
                for number in schedule[hit.pk]:
                    traits = worker_traits(seed, number, false_alarms)
                    _answer(workers[number], traits, hit, unit, perception.labels, [seed, number])
                    progress(1)
    return sum(map(len, schedule.values()))


def _create_workers(study: Study, count: int, seed: int) -> list[Worker]:
    """The simulated workers of a seed, from number 0. Idempotent: existing rows are used."""
    if count < study.assignments_wanted:
        raise NotSimulated(
            f"{study.assignments_wanted} answers per unit need as many workers, got {count}."
        )
    with transaction.atomic():
        refuse_simulation(study)
        return [
            Worker.objects.get_or_create(
                study=study, key=f"simulated {seed}/{number}", kind=Worker.Kind.SIMULATED
            )[0]
            for number in range(count)
        ]


def _schedule(
    hits: list[Hit], free_places: Counter[int], workers: list[Worker], seed: int
) -> dict[int, list[int]]:
    """{HIT: numbers of the workers that answer it}. Workers' loads differ by at most one.

    No worker gets a unit twice: whoever names a unit does not verify its concept.

    Raises:
        NotSimulated: too few workers are left for a unit that still has free places.
    """
    number_of = {worker.pk: number for number, worker in enumerate(workers)}
    past = Assignment.objects.filter(worker__in=workers).values_list("unit", "worker")
    workers_of = defaultdict(set)  # unit: numbers of its workers
    for unit, worker in past:
        workers_of[unit].add(number_of[worker])
    load = Counter(number_of[worker] for _, worker in past)
    random = np.random.default_rng([seed, len(past)])
    schedule = {}
    for hit in hits:
        places = free_places[hit.pk]
        if not places:
            continue
        able = [number for number in number_of.values() if number not in workers_of[hit.unit_id]]
        if len(able) < places:
            raise NotSimulated(
                f"The {len(workers)} workers have all had some unit that wants more answers: "
                f"--workers {len(workers) + places - len(able)} or more."
            )
        tie_break = random.random(len(workers))
        order = sorted(able, key=lambda number: (load[number], tie_break[number]))
        schedule[hit.pk] = order[:places]
        workers_of[hit.unit_id].update(schedule[hit.pk])
        load.update(schedule[hit.pk])
    return schedule


def _answer(
    worker: Worker,
    traits: WorkerTraits,
    hit: Hit,
    unit: PerceivedUnit,
    labels: Sequence[Concept],
    seed: list[int],
) -> None:
    """Accept a HIT and submit an answer, looking again after each refusal (two at most)."""
    assignment = accept(worker, hit)
    random = np.random.default_rng([*seed, *unit.own_images])
    while True:
        try:
            submit(assignment, _answer_form(traits, hit, unit, labels, random))
            return
        except AnswerRefused:
            continue


def _answer_form(
    traits: WorkerTraits,
    hit: Hit,
    unit: PerceivedUnit,
    labels: Sequence[Concept],
    random: np.random.Generator,
) -> AnswerForm:
    if hit.kind == Hit.Kind.NAMING:
        return name_unit(traits, unit, labels, random)
    named = labels_named(hit.concept, [label.name for label in labels])
    return verify_concept(traits, unit, named, random)


def hits_of(study: Study, *kinds: Hit.Kind) -> list[Hit]:
    """The HITs that a simulated crowd works on, not withdrawn, oldest first.

    Naming HITs by default.
    """
    kinds = kinds or (Hit.Kind.NAMING,)
    hits = Hit.objects.filter(unit__layer__network__study=study, kind__in=kinds)
    hits = hits.exclude(status=Hit.Status.DISPOSED).select_related("hit_type", "unit__layer")
    return list(hits.order_by("pk"))
