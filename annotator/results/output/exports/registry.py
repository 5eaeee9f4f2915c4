"""Every table that can be downloaded, by name, and what the columns of a report's tables hold."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from annotator.models import Snapshot, Study
from annotator.results.output.exports.answers import ANSWERS, MARKS, answer_rows, mark_rows
from annotator.results.output.exports.columns import Column, ExportTable, described_columns
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
from annotator.results.output.snapshots.stored_reports import full_report, report_in
from annotator.results.output.tables import (
    Table,
    agreement_columns,
    agreement_table,
    chance_columns,
    chance_table,
    group_columns,
    groups_table,
    layer_columns,
    precision_table,
    unit_columns,
    units_table,
)
from annotator.results.report.report import StudyReport
from annotator.results.report.reported_numbers.entries import ReportedNumber

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
    """A table of a report.

    Attributes:
        row: what a row is.
        columns: the entries of the registry of reported numbers that its columns come from.
        read: the part of a snapshot that it needs.
    """

    row: str
    table: Callable[[StudyReport], Table]
    columns: Callable[[], list[ReportedNumber[Any]]]
    read: Callable[[Snapshot], StudyReport]


REPORTED = {
    "units": ReportedTable(
        "a unit with an answer that counts", units_table, unit_columns, full_report
    ),
    "layers": ReportedTable("a layer", precision_table, layer_columns, report_in),
    "agreement": ReportedTable("a layer", agreement_table, agreement_columns, report_in),
    "groups": ReportedTable(
        "a layer and group, above the threshold",
        partial(groups_table, rule="groups"),
        group_columns,
        report_in,
    ),
    "chance": ReportedTable(
        "a headline number and a chance control", chance_table, chance_columns, report_in
    ),
}
SHARED = ("answers", "marks", *REPORTED, "workers", "attempts")
PRIVATE = ("people", "remarks", "audit")  # requesters alone: who people are, and who did what
TABLE_NAMES = (*SHARED, *PRIVATE)


def export_table(name: str, study: Study, snapshot: Snapshot) -> ExportTable:
    """Find an export table by name: those of a report as in the snapshot, others as stored now."""
    if name in STORED:
        row, columns, rows = STORED[name]
        return ExportTable(name, row, columns, lambda: rows(study))
    return reported_table(name, REPORTED[name].read(snapshot))


def columns_of(name: str, threshold: float = 0.75) -> tuple[Column, ...]:
    """The columns that the registry of export tables has for a table, by its name."""
    if name in STORED:
        return STORED[name][1]
    numbers = REPORTED[name].columns()
    return tuple(column for number in numbers for column in described_columns(number, threshold))


def reported_table(name: str, report: StudyReport) -> ExportTable:
    """Make an export table of a report, registered in REPORTED, with the kinds of its columns."""
    return described(name, REPORTED[name].row, REPORTED[name].table(report), report.threshold)


def described(name: str, row: str, table: Table, threshold: float = 0.75) -> ExportTable:
    """An export table made of a plain one, as those in the registry REPORTED."""
    columns = tuple(
        column for number in table.numbers for column in described_columns(number, threshold)
    )
    return ExportTable(name, row, columns, lambda: iter(table.rows))
