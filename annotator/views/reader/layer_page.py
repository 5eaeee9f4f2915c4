"""The units of a layer, in the order and with the filters that a reader asks for."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from annotator.models import Layer, Unit
from annotator.results.report.unit import UnitResult

Key = Callable[[UnitResult], float | str | None]

# Column: (what the list says, its value in ranking order; units without one come last).
ORDERS: dict[str, tuple[str, Key]] = {
    "shrunken": ("precision, shrunken", lambda unit: -_shrunken(unit)),
    "precision": ("precision", lambda unit: -unit.precision),
    "consensus": ("precision under the consensus", lambda unit: _down(unit.named.precision)),
    "verified": ("verified precision", lambda unit: _down(_verified(unit))),
    "concept": ("concept", lambda unit: unit.named.concept),
    "group": ("group", lambda unit: unit.group),
    "answers": ("answers", lambda unit: -unit.answer_count),
    "returns": ("return rate", lambda unit: _down(unit.assignments.return_rate)),
    "nothing": ("answers that see nothing in common", lambda unit: -unit.nothing_count),
    "unit": ("number", lambda unit: unit.unit),
}
USUAL = "shrunken"


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
        asked: `order` (one of ORDERS), `reversed`, `group` (1..6) and `q`, a part of a concept.
    """
    results = {unit.unit: unit for unit in answered}
    there = Unit.objects.filter(layer=layer).values_list("pk", "number")
    rows = [UnitRow(pk, number, results.get(number)) for pk, number in there]
    rows = [row for row in rows if _matches(row, asked.get("group", ""), asked.get("q", ""))]
    _, key = ORDERS.get(asked.get("order", ""), ORDERS[USUAL])
    is_reversed = bool(asked.get("reversed"))
    return sorted(rows, key=lambda row: _place(row, key, is_reversed))


def _matches(row: UnitRow, group: str, part: str) -> bool:
    if not (group or part):
        return True
    if row.result is None or (group and str(row.result.group) != group):
        return False
    part = part.strip().casefold()
    return not part or any(part in word for word, _ in row.result.named.votes)


def _place(row: UnitRow, key: Key, is_reversed: bool) -> tuple[bool, float | str, int]:
    value = key(row.result) if row.result else None
    if value is None:
        return True, 0.0, row.number
    if is_reversed:
        value = -value if not isinstance(value, str) else _backwards(value)
    return False, value, row.number


def _backwards(word: str) -> str:
    """A text that sorts after what the word sorts before, letter by letter."""
    return "".join(chr(0x10FFFF - ord(letter)) for letter in word) + chr(0x10FFFF)


def _shrunken(unit: UnitResult) -> float:
    """What rankings go by: few answers say little, so their extremes are drawn to the mean."""
    return unit.precision if unit.shrunken is None else unit.shrunken


def _verified(unit: UnitResult) -> float | None:
    return unit.verified[0].held_out if unit.verified else None


def _down(value: float | None) -> float | None:
    return None if value is None else -value
