"""Every table that can be downloaded, by name, and what the columns of a report's tables hold."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from annotator.models import Snapshot, Study
from annotator.results.definition_texts import definitions
from annotator.results.output.exports.answers import ANSWERS, MARKS, answer_rows, mark_rows
from annotator.results.output.exports.columns import Column, ExportTable, Kind
from annotator.results.output.exports.workers import (
    ATTEMPTS,
    AUDIT,
    PEOPLE,
    REMARKS,
    WORKERS,
    attempt_rows,
    audit_rows,
    people_rows,
    remark_rows,
    worker_rows,
)
from annotator.results.output.snapshots import full_report, report_in
from annotator.results.output.tables import (
    Cell,
    Table,
    agreement_table,
    chance_table,
    groups_table,
    precision_table,
    units_table,
)
from annotator.results.report.report import StudyReport

# Tables of what is stored: (what a row is, columns, rows).
STORED = {
    "answers": ("an answer", ANSWERS, answer_rows),
    "marks": ("an answer and an image that was shown for it", MARKS, mark_rows),
    "workers": ("a worker", WORKERS, worker_rows),
    "attempts": ("one press of submit", ATTEMPTS, attempt_rows),
    "people": ("a worker who is a person", PEOPLE, people_rows),
    "remarks": ("an answer with a remark", REMARKS, remark_rows),
    "audit": ("one thing that somebody did to the study", AUDIT, audit_rows),
}


class ReportedTable(NamedTuple):
    """A table of a report: what a row is, the table, and the part of a snapshot that it needs."""

    row: str
    table: Callable[[StudyReport], Table]
    read: Callable[[Snapshot], StudyReport]


REPORTED = {
    "units": ReportedTable("a unit with an answer that counts", units_table, full_report),
    "layers": ReportedTable("a layer", precision_table, report_in),
    "agreement": ReportedTable("a layer", agreement_table, report_in),
    "groups": ReportedTable(
        "a layer and group, above the threshold", partial(groups_table, rule="groups"), report_in
    ),
    "chance": ReportedTable("a headline number and a chance control", chance_table, report_in),
}
SHARED = ("answers", "marks", *REPORTED, "workers", "attempts")
PRIVATE = ("people", "remarks", "audit")  # requesters alone: who people are, and who did what
TABLE_NAMES = (*SHARED, *PRIVATE)

MEANINGS = {
    "network": "The network's name in the study.",
    "layer": "The layer's name: torch's dotted module path.",
    "condition": "What the network is: trained, directions, or a chance control and of which kind.",
    "control": "The chance control, by name.",
    "control_condition": "Of which kind it is: random directions, random images or untrained.",
    "number": "Which headline: mean_precision, share_of_units_above, detector_share or groups.",
    "kind": "The kind of network.",
    "other_kind": "The kind that it is compared with; empty for a number of one kind.",
    "kind_value": "The mean over training runs, or the first kind's minus the other's.",
    "freedom": "Degrees of freedom of the interval.",
    "p": "Two-sided, of a difference over training runs, by Welch; at least .000001.",
    "run_count": "Training runs of the kind.",
    "other_run_count": "Training runs of the other kind.",
    "group_number": "The group's number, 1 to 6, where the number is of one group; else empty.",
    "value": "The number of the layer itself.",
    "is_above_chance": "Whether the whole interval of the excess is above 0.",
    "control_unit_count": "Units of the control that were answered.",
    "share": "Share of the group.",
    "count": "Answers that the shares are of.",
    "control_of": "The network whose chance control it is; empty for all others.",
    "spec": "What the network was built from, for instance torchvision:alexnet.",
    "display_name": "The network's name on pages and in figures.",
    "layer_display_name": "The layer's name on pages and in figures.",
    "unit": "The unit's number in its layer, from 0.",
    "unit_count": "Units that the layer has, answered or not.",
    "answered_unit_count": "Units with an answer that counts.",
    "dead_unit_count": "Units of the layer to which all images give one score; not published.",
    "dense_unit_count": "Latents that fire on more than half of the images; not published.",
    "broad_unit_count": "Units for which most images exceed half of the highest score.",
    "activity": "dead, dense or broad, if the unit is; else empty.",
    "answer_count": "Answers that count.",
    "has_consensus": "Whether at least two answers, and more than half, share the concept.",
    "concepts": "Every merged concept with the number of answers that named it.",
    "nothing_count": "Answers that say: nothing in common.",
    "two_things_count": "Answers that say: two things.",
    "nothing_share": "Share of the answers that say: nothing in common. Their precision is 0.",
    "two_things_share": "Share of the answers that say: two things. The first one counts.",
    "object_detector_count": "Units of the layer that detect an object.",
    "object_class_count": "Different concepts of these.",
    "simulated": "Whether simulated workers answered.",
}
INTERVAL_ENDS = {"_low": "Lower", "_high": "Upper"}
# Definitions of intervals that are not called NUMBER_interval; all others are of agreement.
INTERVAL_RULES = {
    "kind_value": "runs_interval",
    "share": "share_interval",
    "detector_share": "share_interval",
    "share_of_units_above": "share_interval",
    "precision_under_consensus": "consensus_interval",
}


def export_table(name: str, study: Study, snapshot: Snapshot) -> ExportTable:
    """Find an export table by name: those of a report as in the snapshot, others as stored now."""
    if name in STORED:
        row, columns, rows = STORED[name]
        return ExportTable(name, row, columns, lambda: rows(study))
    return reported_table(name, REPORTED[name].read(snapshot))


def reported_table(name: str, report: StudyReport) -> ExportTable:
    """Make an export table of a report, registered in REPORTED, with the kinds of its columns."""
    return described(name, REPORTED[name].row, REPORTED[name].table(report), report.threshold)


def described(name: str, row: str, table: Table, threshold: float = 0.75) -> ExportTable:
    """Make an export table of a plain one, as those in REPORTED, with the kinds of its columns."""
    columns = tuple(
        Column(column, _kind_of(table.column(column)), meaning(column, threshold))
        for column in table.columns
    )
    return ExportTable(name, row, columns, lambda: iter(table.rows))


def meaning(column: str, threshold: float) -> str:
    """What a column of a registered export table of a report holds.

    Raises:
        KeyError: neither MEANINGS nor the definitions describe the column.
    """
    if column in MEANINGS:
        return MEANINGS[column]
    known = definitions(threshold)
    if column in known:
        return known[column].rule
    for suffix, end in INTERVAL_ENDS.items():
        number = column.removesuffix(suffix)
        if number != column:
            rule = INTERVAL_RULES.get(number, f"{number}_interval")
            interval = known.get(rule) or known["agreement_interval"]
            return f"{end} end of the interval of {number}. {interval.rule}"
    raise KeyError(column)


def _kind_of(values: list[Cell]) -> Kind:
    """The kind of a registered table's column by its values: number for numbers, else text."""
    kinds: dict[type, Kind] = {bool: "flag", int: "whole", float: "number", str: "text"}
    types = {type(value) for value in values if value is not None}
    if types == {int, float}:
        return "number"
    return kinds[types.pop()] if types else "text"
