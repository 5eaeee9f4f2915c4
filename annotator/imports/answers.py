"""Writes another campaign's answers as rows of a study: all of a table, or nothing.

Every answer fills a new place of its HIT, so that it never fills one that annotators were offered.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from annotator.imports.answer_table import ForeignAnswer, read_answers
from annotator.imports.tables import ImportRefused
from annotator.models import (
    Answer,
    Assignment,
    Hit,
    HitType,
    Layer,
    Network,
    Place,
    Study,
    Unit,
    Worker,
)

Workers = Literal["places", "persons"]
UnitName = tuple[str, str, int]  # network, layer, number


@dataclass(frozen=True, slots=True)
class ImportedAnswers:
    """What was written."""

    study: str
    answer_count: int
    unit_count: int


def import_answers(path: Path, study_name: str, workers: Workers = "places") -> ImportedAnswers:
    """Import a table of answers into a study, which is created if it does not exist.

    Args:
        workers: whether the table's workers are persons, or only the places of a unit's answers
            (the first, the second...), which say nothing about any worker.

    Raises:
        ImportRefused: nothing was written.
    """
    answers = read_answers(path)
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    source = {"file": path.name, "sha256": sha256, "workers": workers}
    with transaction.atomic():
        study = study_named(study_name)
        if study.pk is None:
            study = Study.get_or_add(study_name)
        units = _units(study, answers, source)
        _write(study, answers, units)
    return ImportedAnswers(study_name, len(answers), len(units))


def study_named(name: str) -> Study:
    """The study of a name that answers are imported into; a new one is not saved.

    Raises:
        ImportRefused: a study cannot have that name.
    """
    study = Study.objects.filter(name=name).first()
    if study is None:
        study = Study(name=name)
        try:
            study.full_clean()
        except ValidationError as error:
            raise ImportRefused(f"{name!r}: {' '.join(error.messages)}") from error
    return study


def _units(
    study: Study, answers: Iterable[ForeignAnswer], source: Mapping[str, str]
) -> dict[UnitName, Unit]:
    """The unit of every answer, by name; units that the study lacks are made, in table order.

    Args:
        source: stored with each network: the file, its SHA-256, and what its workers are.

    Raises:
        ImportRefused: the table was imported before, or names a layer or unit that a dissected
            network does not have.
    """
    first_lines: dict[UnitName, int] = {}
    for answer in answers:
        first_lines.setdefault((answer.network, answer.layer, answer.unit), answer.line)
    networks = _networks(study, dict.fromkeys(name[0] for name in first_lines), source)
    layers = _layers(networks, first_lines)
    existing = Unit.objects.filter(layer__in=layers.values()).select_related("layer__network")
    units = {_name(unit): unit for unit in existing}
    new = []
    for name, line in first_lines.items():
        if name not in units:
            _check_not_dissected(networks[name[0]], f"unit {name[2]} of {name[1]}", line)
            layer = layers[name[0], name[1]]
            new.append(Unit(layer=layer, number=name[2], maximum=0, threshold=0, saturated=False))
    units |= {_name(unit): unit for unit in Unit.objects.bulk_create(new)}
    for layer in {unit.layer_id: unit.layer for unit in new}.values():
        layer.unit_count = layer.units.count()
        layer.save(update_fields=["unit_count"])
    return {name: units[name] for name in first_lines}


def _name(unit: Unit) -> UnitName:
    return unit.layer.network.name, unit.layer.name, unit.number


def _networks(study: Study, names: Iterable[str], source: Mapping[str, str]) -> dict[str, Network]:
    networks = {network.name: network for network in study.networks.all()}
    position = study.next_position()
    for name in names:
        if name not in networks:
            networks[name] = Network(study=study, name=name, spec="imported", position=position)
            position += 1
        network = networks[name]
        sources = network.manifest.setdefault("imported", [])
        if any(earlier["sha256"] == source["sha256"] for earlier in sources):
            raise ImportRefused(f"{source['file']} is already in study {study.name!r}.")
        sources.append(dict(source))
        network.save()
    return networks


def _layers(
    networks: Mapping[str, Network], first_lines: Mapping[UnitName, int]
) -> dict[tuple[str, str], Layer]:
    existing = Layer.objects.filter(network__in=networks.values()).select_related("network")
    layers = {(layer.network.name, layer.name): layer for layer in existing}
    for (network, name, _), line in first_lines.items():
        if (network, name) not in layers:
            _check_not_dissected(networks[network], f"layer {name!r}", line)
            positions = [layer.position for key, layer in layers.items() if key[0] == network]
            position = max(positions, default=-1) + 1
            layers[network, name] = Layer.objects.create(
                network=networks[network], name=name, position=position,
                unit_count=0, map_height=0, map_width=0,
            )  # fmt: skip
    return layers


def _check_not_dissected(network: Network, missing: str, line: int) -> None:
    """Refuse to make a layer or unit of a dissected network: it has all that it will have."""
    if network.dissection:
        raise ImportRefused(
            f"Line {line}: {network.name} was dissected in this study and has no {missing}."
        )


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
    columns = ("says", "concept", "group", "shown", "fitting")
    Answer.objects.bulk_create(
        Answer(assignment=assignment, **{name: getattr(answer, name) for name in columns})
        for answer, assignment in zip(answers, assignments, strict=True)
    )


def _workers(study: Study, answers: Iterable[ForeignAnswer]) -> dict[str, Worker]:
    names = list(dict.fromkeys(answer.worker for answer in answers))
    existing = {worker.key: worker for worker in study.workers.all() if worker.key in set(names)}
    kind = Worker.Kind.IMPORTED
    for worker in existing.values():
        if worker.kind != kind:
            raise ImportRefused(
                f"Worker {worker.key!r} of the table is the name of {worker.get_kind_display()} "
                "in this study: give the table's workers other names."
            )
    new = [Worker(study=study, key=name, kind=kind) for name in names if name not in existing]
    return existing | {worker.key: worker for worker in Worker.objects.bulk_create(new)}


def _check_new(
    answers: Iterable[ForeignAnswer], units: Iterable[Unit], workers: dict[str, Worker]
) -> None:
    """Refuse answers that the study already holds, naming the first line of them."""
    assignments = Assignment.objects.filter(worker__in=[worker.pk for worker in workers.values()])
    existing = set(assignments.values_list("worker", "unit"))
    for answer, unit in zip(answers, units, strict=True):
        if (workers[answer.worker].pk, unit.pk) in existing:
            raise ImportRefused(
                f"Line {answer.line}: worker {answer.worker!r} has already answered unit "
                f"{answer.unit} of {answer.layer} in this study."
            )


def _hits(study: Study, units: Iterable[Unit]) -> dict[int, Hit]:
    """The HIT of each unit, by the unit's key; a HIT made here is not offered to annotators."""
    units = list(units)
    layers = {unit.layer_id for unit in units}
    existing = {hit.unit_id: hit for hit in Hit.objects.filter(unit__layer__in=layers)}
    hit_type, _ = HitType.objects.get_or_create(
        study=study,
        publisher="imported",
        defaults={
            "title": "Imported answers",
            "description": "Answers that were given in another campaign.",
            "reward_cents": 0,
        },
    )
    new = Hit.objects.bulk_create(
        Hit(unit=unit, hit_type=hit_type, masks="", status=Hit.Status.DISPOSED)
        for unit in units
        if unit.pk not in existing
    )
    return existing | {hit.unit_id: hit for hit in new}


def _places(units: Sequence[Unit], hits: dict[int, Hit]) -> list[Place]:
    """One filled place for each answer, numbered after those that its HIT has."""
    existing = Place.objects.filter(hit__unit__layer__in={unit.layer_id for unit in units})
    numbers = Counter(dict(existing.values_list("hit").annotate(last=Max("number"))))
    places = []
    for unit in units:
        hit = hits[unit.pk]
        numbers[hit.pk] += 1
        places.append(Place(hit=hit, number=numbers[hit.pk], claim_number=1, is_filled=True))
    return Place.objects.bulk_create(places)
