"""A study in Neuronpedia's batch layout: units as features, images as one-token activations.

docs/how-to/neuronpedia.md says what each field holds, and which fields a vision study leaves empty.
"""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from annotator.models import Exemplar, Layer, Snapshot, Study, Unit
from annotator.neuronpedia_layout import (
    ACTIVATIONS,
    BATCH_SIZE,
    CREATOR_ID,
    EXPLANATIONS,
    FEATURES,
    MACHINE,
    PEOPLE,
    SIMULATED,
    Line,
    batch_name,
    encode_batch,
    encode_lines,
)
from annotator.results.loading.answers import SIMULATED as SIMULATED_WORKERS
from annotator.results.loading.machine_names import MachineNameRow, load_machine_names
from annotator.results.output.exports.neuronpedia_sources import Source, source_lines, sources
from annotator.results.output.folders import replaced_folder
from annotator.results.output.formatting import GROUP_NAMES, decimal, plural, rounded
from annotator.results.output.snapshots.stored_reports import units_in
from annotator.results.report.unit import UnitResult

# Fields of a feature that only a language model has: no logits, and no tokens promoted.
NO_TOKENS: Line = dict.fromkeys(
    ("neg_str", "neg_values", "pos_str", "pos_values")
    + ("logits_hist_data_bar_heights", "logits_hist_data_bar_values"),
    [],
)
TYPE_WORDS = {
    PEOPLE: "The consensus of people who were shown the unit's top images.",
    SIMULATED: f"The consensus of {SIMULATED_WORKERS}: no person answered.",
    MACHINE: "The name that a method gives the unit.",
}


def write_neuronpedia(study: Study, snapshot: Snapshot, folder: Path) -> int:
    """Write a study in Neuronpedia's batch layout into a folder; returns the number of features.

    Raises:
        FolderRefused: the folder holds something else.
        OSError: a file cannot be written.
    """
    with replaced_folder(folder, "export for Neuronpedia") as empty:
        names = load_machine_names(study)
        _write_config(empty / "config", sorted({name.method for name in names}))
        count = 0
        for source in sources(study, snapshot):
            place = empty / source.model / source.id
            for kind in (FEATURES, ACTIVATIONS, EXPLANATIONS):
                (place / kind).mkdir(parents=True)
            for name, line in source_lines(source).items():
                (place / f"{name}.jsonl").write_bytes(encode_lines([line]))
            count += _write_batches(place, source, names)
        return count


def _write_batches(place: Path, source: Source, names: tuple[MachineNameRow, ...]) -> int:
    units = list(Unit.objects.filter(layer=source.layer).order_by("number"))
    results = {one.unit: one for one in units_in(source.snapshot, source.layer.pk)}
    own = [row for row in names if _is_of(row, source.layer)]
    for number, start in enumerate(range(0, len(units), BATCH_SIZE)):
        batch = units[start : start + BATCH_SIZE]
        lines = {
            FEATURES: (_feature(source, unit) for unit in batch),
            ACTIVATIONS: _activations(source, batch),
            EXPLANATIONS: _explanations(source, batch, results, own),
        }
        for kind, of_kind in lines.items():
            (place / kind / batch_name(number)).write_bytes(encode_batch(of_kind))
    return len(units)


def _feature(source: Source, unit: Unit) -> Line:
    """Export a unit to Neuronpedia as a line of features."""
    return {
        **source.of(unit.number),
        "sourceSetName": source.study.name,
        "creatorId": CREATOR_ID,
        "maxActApprox": rounded(unit.maximum),
        "hasVector": False,
        "vector": [],
        "hookName": source.layer.name,
        **NO_TOKENS,
        "unitscope": {
            **source.here(unit.number),
            "saturated": unit.saturated,
            "activity": unit.activity,
        },
    }


def _activations(source: Source, units: list[Unit]) -> Iterator[Line]:
    """Export top images to Neuronpedia as lines of activations: a token each, with its score."""
    numbers = {unit.pk: unit.number for unit in units}
    rows = Exemplar.objects.filter(
        unit__in=numbers, role=Exemplar.Role.TOP, rank__lte=source.study.top_count
    )
    fields = ("unit", "rank", "score", "peak_y", "peak_x", "coverage")
    image = ("image__place", "image__tile", "image__path")
    for unit, rank, score, *peak, coverage, place, tile, path in (
        rows.order_by("unit__number", "rank").values_list(*fields, *image).iterator()
    ):
        own = {"rank": rank, "peak": peak, "region_share": rounded(coverage)}
        own |= {"picture_sha256": tile.removesuffix(".jpg")}
        if source.study.may_publish_pictures:
            own["path"] = path
        yield {
            "id": _id(source, numbers[unit], f"image {place}"),
            **source.of(numbers[unit]),
            "creatorId": CREATOR_ID,
            "dataSource": f"unitscope:{source.study.image_list_sha256}",
            "dataIndex": str(place),
            "tokens": [f"image {place}"],
            "values": [rounded(score)],
            "maxValue": rounded(score),
            "minValue": rounded(score),
            "maxValueTokenIndex": 0,
            "dfaValues": [],
            "unitscope": {**source.here(numbers[unit]), **own},
        }


def _explanations(
    source: Source,
    units: list[Unit],
    results: dict[int, UnitResult],
    names: list[MachineNameRow],
) -> Iterator[Line]:
    """Export names of units to Neuronpedia as lines of explanations: consensus, machines' names."""
    named: dict[int, list[MachineNameRow]] = {}
    for row in names:
        named.setdefault(row.unit, []).append(row)
    for unit in units:
        result = results.get(unit.number)
        if result and result.named.consensus:
            yield _explanation(source, unit.number, source.type_name, result.named.consensus) | {
                "notes": _notes(result, source.type_name),
                "unitscope": {**source.here(unit.number), **_numbers(result)},
            }
        for row in named.get(unit.number, ()):
            yield _explanation(source, unit.number, MACHINE, row.name, row.method) | {
                "notes": None,
                "unitscope": {**source.here(unit.number), "score": row.score},
            }


def _explanation(
    source: Source, number: int, type_name: str, description: str, method: str | None = None
) -> Line:
    return {
        "id": _id(source, number, f"{type_name} {method}"),
        **source.of(number),
        "authorId": CREATOR_ID,
        "description": description,
        "embedding": None,
        "typeName": type_name,
        "explanationModelName": method,
    }


def _notes(result: UnitResult, type_name: str) -> str:
    who = "simulated answer" if type_name == SIMULATED else "answer"
    return (
        f"Consensus of {plural(result.answer_count, who)}; consensus precision "
        f"{decimal(result.named.precision)}, precision {decimal(result.precision)}."
    )


def _numbers(result: UnitResult) -> Line:
    return {
        "answer_count": result.answer_count,
        "precision": rounded(result.precision),
        "consensus_precision": rounded(result.named.precision),
        "group": GROUP_NAMES[result.group] if result.group else None,
        "concepts": dict(result.named.votes),
    }


def _id(source: Source, number: int, what: str) -> str:
    """An id in the form of Neuronpedia's, 25 letters from c; the same for the same content."""
    key = f"{source.model}/{source.id}/{number}/{what}"
    return f"c{sha256(key.encode()).hexdigest()[:24]}"


def _is_of(row: MachineNameRow, layer: Layer) -> bool:
    return (row.network, row.layer) == (str(layer.network.name), str(layer.name))


def _write_config(folder: Path, methods: list[str]) -> None:
    """Write the kinds of explanations and the methods, which Neuronpedia must know beforehand."""
    folder.mkdir()
    by: Line = {"creatorName": "Unitscope", "featured": False, "url": None}
    kinds = [
        {"name": name, "displayName": name, "description": words, "creatorId": CREATOR_ID, **by}
        for name, words in TYPE_WORDS.items()
    ]
    models: list[dict[str, Any]] = [
        {"name": name, "displayName": name, "description": TYPE_WORDS[MACHINE], **by}
        for name in methods
    ]
    (folder / "explanation_type.jsonl").write_bytes(encode_lines(kinds))
    (folder / "explanation_model_type.jsonl").write_bytes(encode_lines(models))
