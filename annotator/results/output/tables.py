"""The tables of a report: the numbers behind its figures, and the data that readers download."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields

from annotator.results.output.formatting import BAR_NAMES, rounded
from annotator.results.report.controls import ChanceLevel
from annotator.results.report.layer import LayerResult
from annotator.results.report.network import NetworkResult
from annotator.results.report.report import StudyReport
from annotator.results.report.training_runs import KindStatement
from annotator.results.report.unit import UnitResult
from annotator.results.stats.agreement import Agreement
from annotator.results.stats.groups import NO_MAJORITY, GroupShares
from annotator.results.stats.intervals import Interval
from annotator.results.stats.threshold_curve import ThresholdCurve

Cell = str | int | float | bool | None
NETWORK_COLUMNS = ("condition", "control_of", "spec", "display_name", "layer_display_name")
SIMULATED_COLUMN = "simulated"  # the last one of every table


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of plain values under named columns; None is a missing number."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def as_dicts(self) -> list[dict[str, Cell]]:
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]

    def column(self, name: str) -> list[Cell]:
        position = self.columns.index(name)
        return [row[position] for row in self.rows]


def _table(report: StudyReport, columns: Iterable[str], rows: Iterable[tuple[Cell, ...]]) -> Table:
    """A table whose last column says whether the answers are simulated."""
    return Table((*columns, SIMULATED_COLUMN), tuple((*row, report.is_simulated) for row in rows))


LAYER_COLUMNS: dict[str, Callable[[LayerResult], Cell]] = {
    "unit_count": lambda layer: layer.unit_count,
    "answered_unit_count": lambda layer: layer.answered_unit_count,
    "dead_unit_count": lambda layer: layer.activity_counts["dead"],
    "dense_unit_count": lambda layer: layer.activity_counts["dense"],
    "broad_unit_count": lambda layer: layer.activity_counts["broad"],
    "answer_count": lambda layer: layer.answer_count,
    "mean_precision": lambda layer: rounded(layer.mean_precision),
    "mean_precision_low": lambda layer: interval_ends(layer.interval)[0],
    "mean_precision_high": lambda layer: interval_ends(layer.interval)[1],
    "mean_precision_of_one_thing": lambda layer: rounded(layer.mean_precision_of_one_thing),
    "share_of_units_above": lambda layer: rounded(layer.share_of_units_above),
    "share_of_units_above_low": lambda layer: interval_ends(layer.share_of_units_above_interval)[0],
    "share_of_units_above_high": lambda layer: interval_ends(layer.share_of_units_above_interval)[
        1
    ],
    "share_of_answers_above": lambda layer: rounded(layer.share_of_answers_above),
    "nothing_share": lambda layer: rounded(layer.nothing_share),
    "two_things_share": lambda layer: rounded(layer.two_things_share),
    "unanimous_share": lambda layer: rounded(layer.unanimous_share),
    "object_detector_count": lambda layer: layer.detectors.unit_count,
    "object_class_count": lambda layer: len(layer.detectors.classes),
    "detector_share": lambda layer: rounded(layer.detectors.share),
    "detector_share_low": lambda layer: interval_ends(layer.detectors.interval)[0],
    "detector_share_high": lambda layer: interval_ends(layer.detectors.interval)[1],
}


def precision_table(report: StudyReport) -> Table:
    """Table of a report: a row a layer, with the numbers of the precision figure and counts."""
    rows = (
        (
            network.name,
            layer.name,
            *(cell(layer) for cell in LAYER_COLUMNS.values()),
            *_network_cells(network, layer),
        )
        for network, layer in report_layers(report)
    )
    return _table(report, ("network", "layer", *LAYER_COLUMNS, *NETWORK_COLUMNS), rows)


def agreement_table(report: StudyReport) -> Table:
    """Table of a report: a row a layer, with every measure of agreement and its interval."""
    names = [field.name for field in fields(Agreement)]
    columns = [f"{name}{end}" for name in names for end in ("", "_low", "_high")]
    rows = []
    for network, layer in report_layers(report):
        cells: list[Cell] = []
        for name in names:
            cells.append(rounded(getattr(layer.agreement, name)))
            cells.extend(interval_ends(layer.agreement_intervals.get(name)))
        rows.append((network.name, layer.name, *cells))
    return _table(report, ("network", "layer", *columns), rows)


def groups_table(report: StudyReport, rule: str) -> Table:
    """Table of a report: a row for each layer and group, with shares and denominator.

    Args:
        rule: groups, groups_of_all_answers or groups_by_majority.
    """
    columns = ("group_number", "group", "share", "share_low", "share_high", "denominator", "count")
    rows = []
    for network, layer in report_layers(report):
        shares: GroupShares = getattr(layer, rule)
        denominator = (rounded(shares.denominator), shares.count)
        for group, share in shares.shares.items():
            label = (None if group == NO_MAJORITY else group, BAR_NAMES[group])
            ends = interval_ends(shares.intervals.get(group))
            numbers = (*label, rounded(share), *ends, *denominator)
            rows.append((network.name, layer.name, *numbers, *_network_cells(network, layer)))
    return _table(report, ("network", "layer", *columns, *NETWORK_COLUMNS), rows)


def curves_table(report: StudyReport) -> Table:
    """Table of a report: a row for each layer and threshold, with the shares above it."""
    share = "share_of_units_above"
    columns = ("threshold", share, f"{share}_low", f"{share}_high", "share_of_answers_above")
    rows = [
        (network.name, layer.name, *cells, *_network_cells(network, layer))
        for network, layer in report_layers(report)
        for cells in _curve_cells(layer.curve)
    ]
    return _table(report, ("network", "layer", *columns, *NETWORK_COLUMNS), rows)


def classes_table(report: StudyReport) -> Table:
    """Table of a report: a row for each layer and object class, with the units that detect it."""
    rows = [
        (network.name, layer.name, concept, count, *_network_cells(network, layer))
        for network, layer in report_layers(report)
        for concept, count in layer.detectors.classes
    ]
    return _table(report, ("network", "layer", "class", "unit_count", *NETWORK_COLUMNS), rows)


def chance_table(report: StudyReport) -> Table:
    """Table of a report: a row for each headline number of a layer and each chance control."""
    columns = (
        *("control", "control_condition", "number", "group_number", "value", "chance_level"),
        *("excess", "excess_low", "excess_high", "is_above_chance", "control_unit_count"),
    )
    conditions = {network.name: network.condition for network in report.networks}
    rows = [
        (network.name, layer.name, one.control, conditions[one.control], one.number, one.group)
        + (rounded(headline_value(layer, one)), rounded(one.level), rounded(one.excess))
        + (*interval_ends(one.interval), one.is_above_chance, one.unit_count)
        for network, layer in report_layers(report)
        for one in layer.chance
    ]
    return _table(report, ("network", "layer", *columns), rows)


def headline_value(layer: LayerResult, chance: ChanceLevel) -> float | None:
    """The layer's own number in a row of the chance table, beside a chance level."""
    if chance.group is not None:
        return layer.groups.shares[chance.group]
    value: float | None = {
        "mean_precision": layer.mean_precision,
        "share_of_units_above": layer.share_of_units_above,
        "detector_share": layer.detectors.share,
    }[chance.number]
    return value


def kinds_table(statements: Iterable[KindStatement], is_simulated: bool) -> Table:
    """Table of statements about kinds of networks: a row for each, by layer and number."""
    columns = (
        *("layer", "number", "kind", "other_kind", "kind_value", "kind_value_low"),
        *("kind_value_high", "freedom", "p", "run_count", "other_run_count"),
    )
    rows = (
        (one.layer, one.number, one.kind, one.other, rounded(one.value))
        + (*interval_ends(one.interval), rounded(one.freedom), rounded(one.p))
        + (one.runs, one.other_runs, is_simulated)
        for one in statements
    )
    return Table((*columns, SIMULATED_COLUMN), tuple(rows))


def _curve_cells(curve: ThresholdCurve) -> Iterator[tuple[Cell, ...]]:
    """(threshold, share of units, both ends of its interval, share of answers)"""
    for at, units, answers, interval in zip(
        curve.thresholds, curve.units, curve.answers, curve.intervals, strict=True
    ):
        yield rounded(at), rounded(units), *interval_ends(interval), rounded(answers)


def flow_table(report: StudyReport) -> Table:
    """Table of a report: a row for each step from accepted assignments to analysed answers.

    Each exclusion has a row too.
    """
    flow = report.flow
    steps = ("accepted", "returned", "expired", "open", "submitted")
    rows: list[tuple[Cell, ...]] = [(name, "", getattr(flow, name)) for name in steps]
    rows += [("excluded", reason, n) for reason, n in flow.excluded.items()]
    rows += [("excluded", "of these not blind", flow.opened)] if flow.opened else []
    return _table(report, ("step", "reason", "count"), (*rows, ("analysed", "", flow.analysed)))


UNIT_COLUMNS: dict[str, Callable[[UnitResult], Cell]] = {
    "unit": lambda unit: unit.unit,
    "precision": lambda unit: rounded(unit.precision),
    "precision_low": lambda unit: interval_ends(unit.interval)[0],
    "precision_high": lambda unit: interval_ends(unit.interval)[1],
    "answer_count": lambda unit: unit.answer_count,
    "concept": lambda unit: unit.named.concept,
    "has_consensus": lambda unit: unit.named.consensus is not None,
    "precision_under_consensus": lambda unit: rounded(unit.named.precision),
    "precision_under_consensus_low": lambda unit: interval_ends(unit.consensus_interval)[0],
    "precision_under_consensus_high": lambda unit: interval_ends(unit.consensus_interval)[1],
    "concepts": lambda unit: "; ".join(f"{word} ({n})" for word, n in unit.named.votes),
    "group": lambda unit: unit.group,
    "nothing_count": lambda unit: unit.nothing_count,
    "two_things_count": lambda unit: unit.two_things_count,
}


def units_table(report: StudyReport) -> Table:
    """Table of a report: a row for each answered unit."""
    rows = (
        (network.name, layer.name, *(cell(unit) for cell in UNIT_COLUMNS.values()), word)
        for network, layer in report_layers(report)
        for unit, word in _with_activity(layer)
    )
    return _table(report, ("network", "layer", *UNIT_COLUMNS, "activity"), rows)


def _with_activity(layer: LayerResult) -> Iterator[tuple[UnitResult, str]]:
    words = layer.activity_by_unit
    return ((unit, words.get(unit.unit, "")) for unit in layer.units)


def interval_ends(interval: Interval | None) -> tuple[float | None, float | None]:
    """The low and the high end of an interval, for two columns of a table."""
    if interval is None:
        return None, None
    return rounded(interval.low), rounded(interval.high)


def report_layers(report: StudyReport) -> Iterator[tuple[NetworkResult, LayerResult]]:
    """Every (network, layer) of a report, in the order of its tables' rows."""
    for network in report.networks:
        for layer in network.layers:
            yield network, layer


def _network_cells(network: NetworkResult, layer: LayerResult) -> tuple[str | None, ...]:
    """The cells under NETWORK_COLUMNS."""
    names = (network.spec, network.display_name, layer.display_name)
    return network.condition, network.control_of, *names
