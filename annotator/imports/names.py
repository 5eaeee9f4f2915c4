"""Names that a method gave units, such as CLIP-Dissect or MILAN, as rows of a study."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

from django.db import transaction
from pydantic import Field, FiniteFloat

from annotator.imports.tables import ImportRefused, TableRow, WholeNumber, read_rows
from annotator.models import MachineName, Study, Unit

MAX_LENGTH = 100
UnitName = tuple[str, str, int]  # network, layer, number


class NameTableRow(TableRow):
    """A line of the table."""

    required_columns: ClassVar = ("network", "layer", "unit", "name")
    network: str
    layer: str
    unit: WholeNumber
    name: Annotated[str, Field(max_length=MAX_LENGTH)]
    score: FiniteFloat | None = None


@dataclass(frozen=True, slots=True)
class ImportedNames:
    """What was written. `replaced_count`: units that the method had named otherwise before."""

    name_count: int
    replaced_count: int


def import_names(path: Path, study: Study, method: str) -> ImportedNames:
    """Import a table of names for units: columns network, layer, unit, name, perhaps score.

    A method names a unit once: another table of the same method replaces its names.

    Raises:
        ImportRefused: nothing was written.
    """
    if not method.strip() or len(method) > MAX_LENGTH:
        raise ImportRefused(f"A method has a name of 1 to {MAX_LENGTH} characters, got {method!r}.")
    if method == "consensus":
        raise ImportRefused("`consensus` is the name for people's words; name the method.")
    names = _names(read_rows(path, NameTableRow), study, method)
    units = [name.unit_id for name in names]
    with transaction.atomic():
        of_method = MachineName.objects.filter(method=method, unit__in=units)
        before = dict(of_method.values_list("unit", "name"))
        of_method.delete()
        MachineName.objects.bulk_create(names)
    replaced = sum(before.get(name.unit_id, name.name) != name.name for name in names)
    return ImportedNames(len(names), replaced)


def _names(rows: Sequence[NameTableRow], study: Study, method: str) -> list[MachineName]:
    units = Unit.objects.filter(layer__network__study=study)
    columns = units.values_list("layer__network__name", "layer__name", "number", "pk")
    keys = {(network, layer, number): pk for network, layer, number, pk in columns}
    lines: dict[UnitName, int] = {}
    names = []
    for row in rows:
        unit = (row.network, row.layer, row.unit)
        if unit not in keys:
            raise ImportRefused(f"Line {row.line}: {_why_unknown(unit, keys)}")
        if unit in lines:
            raise ImportRefused(
                f"Line {row.line}: unit {row.unit} of {row.layer} was named in line {lines[unit]}."
            )
        lines[unit] = row.line
        name = MachineName(unit_id=keys[unit], method=method, name=row.name, score=row.score)
        names.append(name)
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
