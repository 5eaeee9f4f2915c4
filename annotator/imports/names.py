"""Names that a method gave units, such as CLIP-Dissect's or MILAN's, as rows of a study."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from annotator.imports.errors import ImportRefused
from annotator.imports.tables import Line, read_table
from annotator.models import MachineName, Study, Unit

COLUMNS = ("network", "layer", "unit", "name")
LONGEST = 100


@dataclass(frozen=True, slots=True)
class ImportedNames:
    """What came of a table. `replaced_count`: units that the method had named otherwise."""

    name_count: int
    replaced_count: int


def import_names(path: Path, study: Study, method: str) -> ImportedNames:
    """Add a table of names to a study: columns network, layer, unit, name, and perhaps score.

    A method names a unit once: another table of the same method replaces its names.

    Raises:
        ImportRefused: nothing was written.
    """
    if not method.strip() or len(method) > LONGEST:
        raise ImportRefused(f"A method has a name of 1 to {LONGEST} characters, got {method!r}.")
    if method == "consensus":
        raise ImportRefused("`consensus` is what people's names are called; name the method.")
    lines = read_table(path)
    _check_columns(path, lines)
    names = _names(lines, study, method)
    units = [name.unit_id for name in names]
    with transaction.atomic():
        old = dict(
            MachineName.objects.filter(method=method, unit__in=units).values_list("unit", "name")
        )
        MachineName.objects.filter(method=method, unit__in=units).delete()
        MachineName.objects.bulk_create(names)
    replaced = sum(old.get(name.unit_id, name.name) != name.name for name in names)
    return ImportedNames(len(names), replaced)


def _check_columns(path: Path, lines: Sequence[Line]) -> None:
    if not lines:
        raise ImportRefused(f"{path} has no names.")
    if missing := [name for name in COLUMNS if name not in lines[0].values]:
        raise ImportRefused(
            f"{path} has no column {missing[0]!r}: it needs {', '.join(COLUMNS)}, perhaps score."
        )


def _names(lines: Sequence[Line], study: Study, method: str) -> list[MachineName]:
    units = Unit.objects.filter(layer__network__study=study)
    keys = units.values_list("layer__network__name", "layer__name", "number", "pk")
    there = {(network, layer, number): pk for network, layer, number, pk in keys}
    seen: dict[int, int] = {}
    found = []
    for line in lines:
        at = (line.values["network"], line.values["layer"], line.whole("unit"))
        if at not in there:
            raise ImportRefused(f"Line {line.number}: {_unknown(at, there)}")
        unit = there[at]
        if unit in seen:
            raise ImportRefused(
                f"Line {line.number}: unit {at[2]} of {at[1]} was named in line {seen[unit]}."
            )
        seen[unit] = line.number
        found.append(MachineName(unit_id=unit, method=method, name=_name(line), score=_score(line)))
    return found


def _unknown(at: tuple[str, str, int], there: dict[tuple[str, str, int], int]) -> str:
    network, layer, unit = at
    networks = sorted({name for name, _, _ in there})
    if network not in networks:
        return f"the study has no network {network!r}; it has {', '.join(networks) or 'none'}."
    layers = sorted({name for of, name, _ in there if of == network})
    if layer not in layers:
        return f"{network} has no layer {layer!r}; it has {', '.join(layers)}."
    return f"{layer} of {network} has no unit {unit}."


def _name(line: Line) -> str:
    name = line.values["name"]
    if not 0 < len(name) <= LONGEST:
        raise ImportRefused(
            f"Line {line.number}: a name has 1 to {LONGEST} characters, got {name[:40]!r}."
        )
    return name


def _score(line: Line) -> float | None:
    if not (value := line.values.get("score", "")):
        return None
    try:
        return float(value)
    except ValueError:
        raise ImportRefused(f"Line {line.number}: score must be a number, got {value!r}.") from None
