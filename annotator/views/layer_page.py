"""The units of a layer, in the order and with the filters that a reader asks for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from annotator.models import Layer, Unit
from annotator.results.units import UnitResult

ORDERS = {
    "precision": "most precise first",
    "unit": "by number",
    "answers": "most answers first",
    "concept": "by concept",
}


@dataclass(frozen=True)
class UnitRow:
    """A unit of a layer, with its result if it has answers."""

    pk: int
    number: int
    result: UnitResult | None


def layer_units(
    layer: Layer, answered: Iterable[UnitResult], asked: Mapping[str, str]
) -> list[UnitRow]:
    """The units that a reader asks for, unanswered ones last.

    Args:
        answered: the layer's units that have answers.
        asked: `order` (one of ORDERS, precision where it is none), `group` (1..6) and `q`, a
            part of a concept.
    """
    results = {unit.unit: unit for unit in answered}
    there = Unit.objects.filter(layer=layer).values_list("pk", "number")
    rows = [UnitRow(pk, number, results.get(number)) for pk, number in there]
    rows = [row for row in rows if _matches(row, asked.get("group", ""), asked.get("q", ""))]
    order = asked.get("order", "")
    return sorted(rows, key=lambda row: _place(row, order))


def _matches(row: UnitRow, group: str, part: str) -> bool:
    if not (group or part):
        return True
    if row.result is None or (group and str(row.result.group) != group):
        return False
    part = part.strip().casefold()
    return not part or any(part in word for word, _ in row.result.named.votes)


def _place(row: UnitRow, order: str) -> tuple[bool, float | str, int]:
    result = row.result
    if result is None or order == "unit":
        return order != "unit", 0.0, row.number
    if order == "answers":
        return False, -result.answer_count, row.number
    if order == "concept":
        return False, result.named.concept or "\uffff", row.number
    return False, -result.precision, row.number
