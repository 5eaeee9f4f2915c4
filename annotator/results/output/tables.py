"""The tables of a report: the numbers behind its figures, and the data that readers download.

Their columns come from the registry of reported numbers.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from annotator.results.output.formatting import BAR_NAMES, rounded
from annotator.results.report.layer import LayerResult
from annotator.results.report.report import StudyReport
from annotator.results.report.reported_numbers.chance import CHANCE
from annotator.results.report.reported_numbers.curve import CURVE_POINT, curve_points
from annotator.results.report.reported_numbers.entries import OF_AGREEMENT, ReportedNumber, in_table
from annotator.results.report.reported_numbers.groups import GROUP, OBJECT_CLASS, GroupInLayer
from annotator.results.report.reported_numbers.layer import LAYER, beside_chance
from annotator.results.report.reported_numbers.network import (
    ABOUT,
    KIND,
    NAMES,
    SIMULATED,
    ReportedLayer,
)
from annotator.results.report.reported_numbers.unit import unit_numbers, units_in_layer
from annotator.results.report.reported_numbers.who_answered import FLOW_STEP, flow_steps
from annotator.results.report.training_runs import KindStatement

Cell = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of plain values; None is a missing number.

    Attributes:
        numbers: the entries of the registry that the columns come from, in their order.
    """

    numbers: tuple[ReportedNumber[Any], ...]
    rows: tuple[tuple[Cell, ...], ...]

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(column for number in self.numbers for column in number.columns)

    def as_dicts(self) -> list[dict[str, Cell]]:
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]

    def column(self, name: str) -> list[Cell]:
        position = self.columns.index(name)
        return [row[position] for row in self.rows]


def units_table(report: StudyReport) -> Table:
    """Table of a report: a row for each answered unit."""
    rows = (
        (one, unit)
        for one in _layers(report)
        for unit in units_in_layer(one.layer, one.layer.units)
    )
    return _table(unit_columns(), rows)


def precision_table(report: StudyReport) -> Table:
    """Table of a report: a row a layer, with the numbers of the precision figure and counts."""
    return _table(layer_columns(), _with_layers(report))


def agreement_table(report: StudyReport) -> Table:
    """Table of a report: a row a layer, with every measure of agreement and its interval."""
    return _table(agreement_columns(), _with_layers(report))


def groups_table(report: StudyReport, rule: str) -> Table:
    """Table of a report: a row for each layer and group, with shares and denominator.

    Args:
        rule: groups, groups_of_all_answers or groups_by_majority.
    """
    rows = (
        (one, GroupInLayer(group, BAR_NAMES[group], shares))
        for one in _layers(report)
        for shares in (getattr(one.layer, rule),)
        for group in shares.shares
    )
    return _table(group_columns(), rows)


def curves_table(report: StudyReport) -> Table:
    """Table of a report: a row for each layer and threshold, with the shares above it."""
    rows = ((one, point) for one in _layers(report) for point in curve_points(one.layer.curve))
    return _table(_in_layer(CURVE_POINT, ABOUT), rows)


def classes_table(report: StudyReport) -> Table:
    """Table of a report: a row for each layer and object class, with the units that detect it."""
    rows = ((one, of_class) for one in _layers(report) for of_class in one.layer.detectors.classes)
    return _table(_in_layer(OBJECT_CLASS, ABOUT), rows)


def chance_table(report: StudyReport) -> Table:
    """Table of a report: a row for each headline number of a layer and each chance control."""
    conditions = {network.name: network.condition for network in report.networks}
    rows = (
        (one, level) for one in _layers(report) for level in beside_chance(one.layer, conditions)
    )
    return _table(chance_columns(), rows)


def kinds_table(statements: Iterable[KindStatement], is_simulated: bool) -> Table:
    """Table of statements about kinds of networks: a row for each, by layer and number."""
    simulated: ReportedNumber[Any] = SIMULATED.of(lambda statement: is_simulated)
    return _table([*KIND, simulated], statements)


def flow_table(report: StudyReport) -> Table:
    """Table of a report: a row for each step from accepted assignments to analyzed answers.

    Each exclusion has a row too.
    """
    simulated: ReportedNumber[Any] = SIMULATED.of(lambda step: report.is_simulated)
    return _table([*FLOW_STEP, simulated], flow_steps(report.flow))


def unit_columns() -> list[ReportedNumber[Any]]:
    """Table of a report: the columns of one of units, of (ReportedLayer, UnitInLayer)."""
    return _in_layer(unit_numbers())


def layer_columns() -> list[ReportedNumber[Any]]:
    """Table of a report: the columns of one of layers, of (ReportedLayer, LayerResult)."""
    return _in_layer(in_table(LAYER), ABOUT)


def agreement_columns() -> list[ReportedNumber[Any]]:
    """Table of a report: the columns of one of agreement, of (ReportedLayer, LayerResult)."""
    return _in_layer(in_table(LAYER, OF_AGREEMENT))


def group_columns() -> list[ReportedNumber[Any]]:
    """The columns of a report's table of groups, of (ReportedLayer, GroupInLayer)."""
    return _in_layer(GROUP, ABOUT)


def chance_columns() -> list[ReportedNumber[Any]]:
    """Table of a report: the columns of one of chance levels, of (ReportedLayer, ChanceInLayer)."""
    return _in_layer(in_table(CHANCE))


def _in_layer(
    numbers: Iterable[ReportedNumber[Any]], about: Iterable[ReportedNumber[ReportedLayer]] = ()
) -> list[ReportedNumber[Any]]:
    """The entries of a table whose rows are (ReportedLayer, what the numbers are of)."""
    return [
        *(number.of(_first) for number in NAMES),
        *(number.of(_second) for number in numbers),
        *(number.of(_first) for number in about),
        SIMULATED.of(lambda row: row[0].report.is_simulated),
    ]


def _first(row: tuple[ReportedLayer, Any]) -> ReportedLayer:
    return row[0]


def _second(row: tuple[ReportedLayer, Any]) -> Any:
    return row[1]


def _table(numbers: Iterable[ReportedNumber[Any]], rows: Iterable[Any]) -> Table:
    numbers = tuple(numbers)
    return Table(numbers, tuple(tuple(_cells(numbers, row)) for row in rows))


def _cells(numbers: Iterable[ReportedNumber[Any]], row: Any) -> Iterator[Cell]:
    for number in numbers:
        for value in number.values(row):
            yield rounded(value) if isinstance(value, float) else value


def _with_layers(report: StudyReport) -> Iterator[tuple[ReportedLayer, LayerResult]]:
    return ((one, one.layer) for one in _layers(report))


def _layers(report: StudyReport) -> Iterator[ReportedLayer]:
    return (ReportedLayer(report, *both) for both in report.all_layers())
