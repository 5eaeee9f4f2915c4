"""The tables of a report: what stands beside a figure, and what is downloaded as data."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields

from annotator.results.output.formatting import BAR_NAMES
from annotator.results.output.rounding import number
from annotator.results.report.layer import LayerResult
from annotator.results.report.report import NetworkResult, StudyReport
from annotator.results.report.unit import UnitResult
from annotator.results.stats.agreement import Agreement
from annotator.results.stats.groups import NO_MAJORITY, GroupShares
from annotator.results.stats.intervals import Interval

Cell = str | int | float | bool | None
WHAT = ("condition", "control_of")  # of a network
SIMULATED = "simulated"  # the last column of every table: whether simulated workers answered


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under named columns. Each value is a plain one; None is a missing number."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def as_dicts(self) -> list[dict[str, Cell]]:
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]

    def column(self, name: str) -> list[Cell]:
        place = self.columns.index(name)
        return [row[place] for row in self.rows]


def _table(report: StudyReport, columns: Iterable[str], rows: Iterable[tuple[Cell, ...]]) -> Table:
    """A table that says in each row whether simulated workers answered."""
    return Table((*columns, SIMULATED), tuple((*row, report.is_simulated) for row in rows))


OF_LAYER: dict[str, Callable[[LayerResult], Cell]] = {
    "unit_count": lambda layer: layer.unit_count,
    "answered_unit_count": lambda layer: layer.answered_unit_count,
    "answer_count": lambda layer: layer.answer_count,
    "mean_precision": lambda layer: number(layer.mean_precision),
    "mean_precision_low": lambda layer: ends(layer.interval)[0],
    "mean_precision_high": lambda layer: ends(layer.interval)[1],
    "mean_precision_of_one_thing": lambda layer: number(layer.mean_precision_of_one_thing),
    "share_of_units_above": lambda layer: number(layer.share_of_units_above),
    "share_of_answers_above": lambda layer: number(layer.share_of_answers_above),
    "nothing_share": lambda layer: number(layer.nothing_share),
    "two_things_share": lambda layer: number(layer.two_things_share),
    "unanimous_share": lambda layer: number(layer.unanimous_share),
    "object_detector_count": lambda layer: layer.detectors.unit_count,
    "object_class_count": lambda layer: len(layer.detectors.classes),
}


def precision_table(report: StudyReport) -> Table:
    """A row for each layer: what the precision figure shows, and what stands beside it."""
    rows = (
        (network.name, layer.name, *(of(layer) for of in OF_LAYER.values()), *_what(network))
        for network, layer in layers_of(report)
    )
    return _table(report, ("network", "layer", *OF_LAYER, *WHAT), rows)


def agreement_table(report: StudyReport) -> Table:
    """A row for each layer: every measure of agreement with both ends of its interval."""
    names = [field.name for field in fields(Agreement)]
    columns = [f"{name}{end}" for name in names for end in ("", "_low", "_high")]
    rows = []
    for network, layer in layers_of(report):
        cells: list[Cell] = []
        for name in names:
            cells.append(number(getattr(layer.agreement, name)))
            cells.extend(ends(layer.agreement_intervals.get(name)))
        rows.append((network.name, layer.name, *cells))
    return _table(report, ("network", "layer", *columns), rows)


def groups_table(report: StudyReport, rule: str) -> Table:
    """A row for each layer and group: the shares of one rule and what they are shares of.

    Args:
        rule: groups, groups_of_all_answers or groups_by_majority.
    """
    shares = ("group_number", "group", "share", "denominator", "count")
    rows = []
    for network, layer in layers_of(report):
        found: GroupShares = getattr(layer, rule)
        for group, share in found.shares.items():
            beside = (number(found.denominator), found.count)
            named = (None if group == NO_MAJORITY else group, BAR_NAMES[group])
            rows.append((network.name, layer.name, *named, number(share), *beside, *_what(network)))
    return _table(report, ("network", "layer", *shares, *WHAT), rows)


def curves_table(report: StudyReport) -> Table:
    """A row for each layer and threshold: the shares strictly above it."""
    columns = ("threshold", "share_of_units_above", "share_of_answers_above")
    rows = [
        (network.name, layer.name, *map(number, values), *_what(network))
        for network, layer in layers_of(report)
        for values in zip(
            layer.curve.thresholds, layer.curve.units, layer.curve.answers, strict=True
        )
    ]
    return _table(report, ("network", "layer", *columns, *WHAT), rows)


def flow_table(report: StudyReport) -> Table:
    """A row for each step of the flow of exclusions, and for what left before it."""
    flow = report.flow
    kept = ("accepted", "returned", "expired", "open", "submitted")
    rows: list[tuple[Cell, ...]] = [(name, "", getattr(flow, name)) for name in kept]
    rows += [("excluded", reason, n) for reason, n in flow.excluded.items()]
    return _table(report, ("step", "reason", "count"), (*rows, ("analysed", "", flow.analysed)))


OF_UNIT: dict[str, Callable[[UnitResult], Cell]] = {
    "unit": lambda unit: unit.unit,
    "precision": lambda unit: number(unit.precision),
    "precision_low": lambda unit: ends(unit.interval)[0],
    "precision_high": lambda unit: ends(unit.interval)[1],
    "answer_count": lambda unit: unit.answer_count,
    "concept": lambda unit: unit.named.concept,
    "has_consensus": lambda unit: unit.named.consensus is not None,
    "precision_under_consensus": lambda unit: number(unit.named.precision),
    "concepts": lambda unit: "; ".join(f"{word} ({n})" for word, n in unit.named.votes),
    "group": lambda unit: unit.group,
    "nothing_count": lambda unit: unit.nothing_count,
    "two_things_count": lambda unit: unit.two_things_count,
}


def units_table(report: StudyReport) -> Table:
    """A row for each answered unit."""
    rows = (
        (network.name, layer.name, *(of(unit) for of in OF_UNIT.values()))
        for network, layer in layers_of(report)
        for unit in layer.units
    )
    return _table(report, ("network", "layer", *OF_UNIT), rows)


def ends(interval: Interval | None) -> tuple[float | None, float | None]:
    """Low and high of an interval, for two columns."""
    if interval is None:
        return None, None
    return number(interval.low), number(interval.high)


def layers_of(report: StudyReport) -> Iterator[tuple[NetworkResult, LayerResult]]:
    """(network, layer) of a report, in its order."""
    for network in report.networks:
        for layer in network.layers:
            yield network, layer


def _what(network: NetworkResult) -> tuple[str, str | None]:
    return network.condition, network.control_of
