"""Reads features and activations in Neuronpedia's batch layout as a table of top images.

Only activations that are images can be read: those of one token, `image N`, whose `dataSource` is
the image list by its SHA-256, as `results --format neuronpedia` writes them.
"""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, Field, ValidationError

from annotator.imports import ImportRefused, TableUnreadable, TopImageRow, TopImageTable
from annotator.imports.top_images import top_image_table
from annotator.neuronpedia_layout import ACTIVATIONS, BATCHES, FEATURES, NotBatch, read_batch
from annotator.validation_errors import sentence_of
from dissect.images.image_list import ImageList

DATA_SOURCE = "unitscope:"
BatchLine = TypeVar("BatchLine", bound=BaseModel)


class FeatureLine(BaseModel):
    """A line of a batch of features; other keys are ignored."""

    index: Annotated[int, Field(ge=0)]
    hookName: str = ""


class Ours(BaseModel):
    """What only Unitscope writes of an activation.

    Attributes:
        peak: its cell of the map, (y, x).
    """

    peak: tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(ge=0)]] = (0, 0)


class ActivationLine(BaseModel):
    """A line of a batch of activations; other keys are ignored."""

    index: Annotated[int, Field(ge=0)]
    tokens: list[str]
    dataIndex: int | None = None
    dataSource: str | None = None
    maxValue: Annotated[float, Field(allow_inf_nan=False)]
    unitscope: Ours = Ours()


def read_model(folder: Path, images: ImageList) -> TopImageTable:
    """Read the units and top images of a model: its sources are layers, its features units.

    Args:
        images: the list in which the activations' images stand.

    Raises:
        ImportRefused: a file cannot be read, or is not about images of this list.
    """
    digest, rows = sha256(), list[TopImageRow]()
    for source in sorted(path.parent for path in folder.glob(f"*/{ACTIVATIONS}")):
        names, by_unit = _layer_names(source), dict[int, list[TopImageRow]]()
        for file in sorted((source / ACTIVATIONS).glob(BATCHES)):
            digest.update(file.read_bytes())
            for number, values in _lines(file):
                activation = _validated(ActivationLine, file, number, values)
                layer = names.get(activation.index, source.name)
                row = _row(activation, f"Line {number} of {file}", number, layer, images)
                by_unit.setdefault(row.unit, []).append(row)
        for of_unit in by_unit.values():
            of_unit.sort(key=lambda row: -row.score)  # Neuronpedia's own order says nothing
            rows += [row.model_copy(update={"rank": n}) for n, row in enumerate(of_unit, start=1)]
    return top_image_table(folder, rows, digest.hexdigest())


def _row(
    activation: ActivationLine, where: str, line: int, layer: str, images: ImageList
) -> TopImageRow:
    if activation.dataSource != f"{DATA_SOURCE}{images.sha256}":
        raise ImportRefused(
            f"{where} is about {activation.dataSource or 'no data set'}, not about the images of "
            f"{images.source}, {DATA_SOURCE}{images.sha256}: name their list by --images. "
            "Activations of texts cannot be taken in."
        )
    place = activation.dataIndex
    if place is None or not 0 <= place < len(images) or activation.tokens != [f"image {place}"]:
        raise ImportRefused(
            f"{where} is about image {place} with the tokens {activation.tokens[:3]}; the list has "
            f"images 0 to {len(images) - 1}, each with the one token `image N`."
        )
    y, x = activation.unitscope.peak
    return TopImageRow(
        line=line, layer=layer, unit=activation.index, rank=1, image=images.paths[place],
        score=activation.maxValue, y=y, x=x,
    )  # fmt: skip


def _layer_names(source: Path) -> Mapping[int, str]:
    """The module of each feature of a source; the source's id where features do not say it."""
    names = {}
    for file in sorted((source / FEATURES).glob(BATCHES)):
        for number, values in _lines(file):
            feature = _validated(FeatureLine, file, number, values)
            names[feature.index] = feature.hookName or source.name
    return names


def _lines(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        lines = read_batch(file)
    except NotBatch as error:
        raise TableUnreadable(str(error)) from error
    return ((number, values) for number, values in enumerate(lines, start=1) if values)


def _validated(
    kind: type[BatchLine], file: Path, number: int, values: Mapping[str, Any]
) -> BatchLine:
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        sentence = sentence_of(error, lambda path: str(path[0]))
        raise ImportRefused(f"Line {number} of {file.name}: {sentence}") from error
