"""Writes another campaign's answers as rows of a study, in one transaction.

They take places of their own, so that they never fill one that a study's annotators were offered.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from annotator.imports.answer_table import ForeignAnswer, read_answers
from annotator.imports.errors import ImportRefused
from annotator.imports.units import UnitName, units_of
from annotator.models import Answer, Assignment, Hit, HitType, Place, Study, Unit, Worker

Workers = Literal["places", "persons"]


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of a table."""

    study: str
    answer_count: int
    unit_count: int


def import_answers(path: Path, study_name: str, workers: Workers = "places") -> Imported:
    """Add a table of answers to a study, which is made if there is none of that name.

    Args:
        workers: whether the table's workers are persons, or only the places of a unit's answers
            (the first, the second...), so that nothing may be said about any worker.

    Raises:
        ImportRefused: nothing was written.
    """
    answers = read_answers(path)
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    source = {"file": path.name, "sha256": sha256, "workers": workers}
    with transaction.atomic():
        study = _study(study_name)
        units = units_of(study, answers, source)
        _write(study, answers, units)
    return Imported(study_name, len(answers), len(units))


def _study(name: str) -> Study:
    study = Study.objects.filter(name=name).first()
    if study is None:
        study = Study(name=name)
        try:
            study.full_clean()
        except ValidationError as error:
            raise ImportRefused(" ".join(error.messages)) from error
        study.save()
    return study


def _write(study: Study, answers: Sequence[ForeignAnswer], units: dict[UnitName, Unit]) -> None:
    workers = _workers(study, answers)
    of_answers = [units[answer.network, answer.layer, answer.unit] for answer in answers]
    _check_new(answers, of_answers, workers)
    places = _places(of_answers, _hits(study, units.values()))
    assignments = Assignment.objects.bulk_create(
        Assignment(
            hit_id=place.hit_id,
            unit=unit,
            worker=workers[answer.worker],
            place=place,
            claim_number=1,
            status=Assignment.Status.APPROVED,
        )
        for answer, unit, place in zip(answers, of_answers, places, strict=True)
    )
    Answer.objects.bulk_create(
        Answer(
            assignment=assignment,
            says=answer.says,
            concept=answer.concept,
            group=answer.group,
            shown=answer.shown,
            fitting=answer.fitting,
        )
        for answer, assignment in zip(answers, assignments, strict=True)
    )


def _workers(study: Study, answers: Iterable[ForeignAnswer]) -> dict[str, Worker]:
    names = list(dict.fromkeys(answer.worker for answer in answers))
    there = {worker.key: worker for worker in study.workers.all() if worker.key in set(names)}
    for worker in there.values():
        if worker.kind != Worker.Kind.IMPORTED:
            raise ImportRefused(
                f"Worker {worker.key!r} of the table is the name of {worker.get_kind_display()} "
                "in this study: give the table's workers other names."
            )
    kind = Worker.Kind.IMPORTED
    new = [Worker(study=study, key=name, kind=kind) for name in names if name not in there]
    return there | {worker.key: worker for worker in Worker.objects.bulk_create(new)}


def _check_new(
    answers: Iterable[ForeignAnswer], units: Iterable[Unit], workers: dict[str, Worker]
) -> None:
    """Refuse what the study already holds, naming the first line of it."""
    theirs = Assignment.objects.filter(worker__in=[worker.pk for worker in workers.values()])
    there = set(theirs.values_list("worker", "unit"))
    for answer, unit in zip(answers, units, strict=True):
        if (workers[answer.worker].pk, unit.pk) in there:
            raise ImportRefused(
                f"Line {answer.line}: worker {answer.worker!r} has already answered unit "
                f"{answer.unit} of {answer.layer} in this study."
            )


def _hits(study: Study, units: Iterable[Unit]) -> dict[int, Hit]:
    """The HIT of each unit, by the unit's key; those made here are offered to nobody."""
    units = list(units)
    layers = {unit.layer_id for unit in units}
    there = {hit.unit_id: hit for hit in Hit.objects.filter(unit__layer__in=layers)}
    terms, _ = HitType.objects.get_or_create(
        study=study,
        publisher="imported",
        defaults={
            "title": "Imported answers",
            "description": "Answers that were given in another campaign.",
            "reward_cents": 0,
        },
    )
    made = Hit.objects.bulk_create(
        Hit(unit=unit, hit_type=terms, masks="", status=Hit.Status.DISPOSED)
        for unit in units
        if unit.pk not in there
    )
    return there | {hit.unit_id: hit for hit in made}


def _places(units: Iterable[Unit], hits: dict[int, Hit]) -> list[Place]:
    """One filled place for each answer, numbered after those that its HIT has."""
    units = list(units)
    there = Place.objects.filter(hit__unit__layer__in={unit.layer_id for unit in units})
    last = there.values_list("hit").annotate(last=Max("number"))
    numbers = Counter(dict(last))
    places = []
    for unit in units:
        hit = hits[unit.pk]
        numbers[hit.pk] += 1
        places.append(Place(hit=hit, number=numbers[hit.pk], claim_number=1, is_filled=True))
    return Place.objects.bulk_create(places)
