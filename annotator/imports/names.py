"""Names that a method gave units, such as CLIP-Dissect or MILAN, as rows of a study."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

from django.db import transaction
from pydantic import Field

from annotator.imports.explanations import is_batches, read_explanations
from annotator.imports.tables import (
    TIDY,
    ImportRefused,
    Number,
    TableRow,
    WholeNumber,
    read_rows,
)
from annotator.models import MachineName, Study, Unit

MAX_LENGTH = 100
UnitName = tuple[str, str, int]  # network, layer, number


class NameTableRow(TableRow):
    """A line of the table."""

    required_columns: ClassVar = ("network", "layer", "unit", "name")
    network: Annotated[str, TIDY]
    layer: Annotated[str, TIDY]
    unit: WholeNumber
    name: Annotated[str, Field(max_length=MAX_LENGTH), TIDY]
    score: Number | None = None


@dataclass(frozen=True, slots=True)
class GivenName:
    """A name with the method that gave it, and the words for its place in an error."""

    place: str
    method: str
    row: NameTableRow


@dataclass(frozen=True, slots=True)
class ImportedNames:
    """What was written.

    Attributes:
        replaced_count: units that a method had named otherwise before.
        skipped_count: explanations that were left out because people wrote them.
    """

    methods: tuple[str, ...]
    name_count: int
    replaced_count: int
    skipped_count: int = 0


def import_names(path: Path, study: Study, method: str = "") -> ImportedNames:
    """Import names for units: a table, or explanations in Neuronpedia's batch layout.

    A table has the columns network, layer, unit, name, perhaps score. A method names a unit once:
    another file of the same method replaces its names. What people wrote is never a machine's name.

    Args:
        method: who named the units; empty: the explanations say it, each for itself.

    Raises:
        ImportRefused: nothing was written.
    """
    skipped_count = 0
    if is_batches(path):
        given, skipped_count = _of_explanations(path, study, method)
    else:
        _check_method(method)
        rows = read_rows(path, NameTableRow)
        given = [GivenName(f"Line {row.line}", method, row) for row in rows]
    for name in {one.method for one in given}:
        _check_method(name)
    names = _names(given, study)
    replaced_count = 0
    methods = sorted({one.method for one in given})
    with transaction.atomic():
        for name in methods:
            replaced_count += _replace(name, [one for one in names if one.method == name])
    return ImportedNames(tuple(methods), len(names), replaced_count, skipped_count)


def _replace(method: str, names: Sequence[MachineName]) -> int:
    """Store the names that a method gives; returns how many units had another name before."""
    units = [name.unit_id for name in names]
    of_method = MachineName.objects.filter(method=method, unit__in=units)
    before = dict(of_method.values_list("unit", "name"))
    of_method.delete()
    MachineName.objects.bulk_create(names)
    return sum(before.get(name.unit_id, name.name) != name.name for name in names)


def _of_explanations(path: Path, study: Study, method: str) -> tuple[list[GivenName], int]:
    """The names in explanations, and how many explanations people wrote.

    An explanation that names no method is a person's, unless the caller names the method.
    """
    given, skipped_count = [], 0
    for one in read_explanations(path, study):
        by = method or one.method
        if one.is_of_crowd or not by:
            skipped_count += 1
            continue
        try:
            row = NameTableRow.from_line(one.line)
        except ImportRefused as error:
            raise ImportRefused(f"{one.file}: {error}") from error
        given.append(GivenName(f"Line {row.line} of {one.file}", by, row))
    return given, skipped_count


def _check_method(method: str) -> None:
    if not method.strip() or len(method) > MAX_LENGTH:
        raise ImportRefused(f"A method has a name of 1 to {MAX_LENGTH} characters, got {method!r}.")
    if method == "consensus":
        raise ImportRefused("`consensus` is the name for people's words; name the method.")


def _names(given: Sequence[GivenName], study: Study) -> list[MachineName]:
    units = Unit.objects.filter(layer__network__study=study)
    columns = units.values_list("layer__network__name", "layer__name", "number", "pk")
    keys = {(network, layer, number): pk for network, layer, number, pk in columns}
    places: dict[tuple[str, UnitName], str] = {}
    names = []
    for one in given:
        row, unit = one.row, (one.row.network, one.row.layer, one.row.unit)
        if unit not in keys:
            raise ImportRefused(f"{one.place}: {_why_unknown(unit, keys)}")
        if (one.method, unit) in places:
            earlier = places[one.method, unit]
            raise ImportRefused(
                f"{one.place}: unit {row.unit} of {row.layer} was named in {earlier}."
            )
        places[one.method, unit] = f"{one.place[0].lower()}{one.place[1:]}"
        names.append(
            MachineName(unit_id=keys[unit], method=one.method, name=row.name, score=row.score)
        )
    return names


def _why_unknown(unit: UnitName, keys: dict[UnitName, int]) -> str:
    """What of a unit's name the study does not have, and what it has instead."""
    network, layer, number = unit
    networks = sorted({name for name, _, _ in keys})
    if network not in networks:
        return f"the study has no network {network!r}; it has {', '.join(networks) or 'none'}."
    layers = sorted({name for of_network, name, _ in keys if of_network == network})
    if layer not in layers:
        return f"{network} has no layer {layer!r}; it has {', '.join(layers)}."
    return f"{layer} of {network} has no unit {number}."
