"""Reads explanations in Neuronpedia's batch layout as names that methods gave a study's units."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from annotator.imports.tables import ImportRefused, Line, TableUnreadable
from annotator.models import Layer, Study
from annotator.neuronpedia_layout import (
    EXPLANATIONS,
    MACHINE,
    PEOPLE,
    SIMULATED,
    NotBatch,
    model_ids,
    read_batch,
    source_id,
)
from annotator.validation_errors import sentence_of

GZIP = b"\x1f\x8b"
LayerNames = tuple[str, str]  # network, layer


class ExplanationLine(BaseModel):
    """A line of a batch of explanations; other keys are ignored."""

    modelId: str
    layer: str
    index: str | int
    description: str
    typeName: str | None = None
    explanationModelName: str | None = None
    unitscope: dict[str, Any] = {}

    @property
    def method(self) -> str:
        """The method that made it; empty for what people wrote."""
        if self.typeName in (PEOPLE, SIMULATED):
            return ""
        kind = "" if self.typeName == MACHINE else self.typeName
        return ", ".join(part for part in (self.explanationModelName, kind) if part)

    @property
    def is_of_crowd(self) -> bool:
        return self.typeName in (PEOPLE, SIMULATED)


@dataclass(frozen=True, slots=True)
class Explanation:
    """What one method calls a unit: a line as those of a table of names, and where it stands.

    Attributes:
        method: the method that the line names; empty for what people wrote.
        is_of_crowd: people or simulated workers wrote it here; no method may take it over.
    """

    file: str
    line: Line
    method: str
    is_of_crowd: bool


def is_batches(path: Path) -> bool:
    """Whether a path has explanations to import: a batch of Neuronpedia, or a folder of them."""
    try:
        if path.is_dir():
            return True
        with path.open("rb") as file:
            return file.read(2) == GZIP
    except OSError:
        return False


def read_explanations(path: Path, study: Study) -> Iterator[Explanation]:
    """Read the explanations of a batch, or of all in a folder, with the study's names of units.

    Raises:
        ImportRefused: a file cannot be read, or a line is about a unit that the study lacks.
    """
    layers = _layers(study)
    for file in _files(path):
        try:
            lines = read_batch(file)
        except NotBatch as error:
            raise TableUnreadable(str(error)) from error
        for number, values in enumerate(lines, start=1):
            if values:
                yield _explanation(file.name, number, values, layers)


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    files = sorted(path.rglob("batch-*.jsonl.gz"))
    named = [file for file in files if file.parent.name == EXPLANATIONS]
    if not named:
        raise TableUnreadable(
            f"{path} has no {EXPLANATIONS}/batch-*.jsonl.gz: name a folder of Neuronpedia's layout."
        )
    return named


def _layers(study: Study) -> dict[tuple[str, str], LayerNames]:
    """(model id, source id) to the network and layer that they stand for."""
    networks = study.networks.order_by("position").values_list("slug", flat=True)
    models = model_ids(study.name, networks)
    layers = Layer.objects.filter(network__study=study).select_related("network")
    return {
        (models[layer.network.slug], source_id(layer.position, study.name)): (
            layer.network.name,
            layer.name,
        )
        for layer in layers
    }


def _explanation(
    file: str,
    number: int,
    values: dict[str, Any],
    layers: Mapping[tuple[str, str], LayerNames],
) -> Explanation:
    try:
        row = ExplanationLine.model_validate(values)
    except ValidationError as error:
        sentence = sentence_of(error, lambda path: str(path[0]))
        raise ImportRefused(f"Line {number} of {file}: {sentence}") from error
    names = layers.get((row.modelId, row.layer))
    if names is None:
        known = ", ".join(f"{model}/{source}" for model, source in layers) or "none"
        raise ImportRefused(
            f"Line {number} of {file}: the study has no source {row.modelId}/{row.layer}; "
            f"it has {known}."
        )
    score = row.unitscope.get("score")
    cells = {"network": names[0], "layer": names[1], "unit": str(row.index)}
    cells |= {"name": row.description.strip(), "score": "" if score is None else str(score)}
    return Explanation(file, Line(number, cells), row.method, row.is_of_crowd)
