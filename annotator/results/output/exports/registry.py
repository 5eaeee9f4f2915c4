"""Every table that can be taken away, by name."""

from collections.abc import Callable
from typing import NamedTuple

from annotator.models import Snapshot, Study
from annotator.results.output.exports.answers import ANSWERS, MARKS, answer_rows, mark_rows
from annotator.results.output.exports.columns import ExportTable
from annotator.results.output.exports.reported import report_table
from annotator.results.output.exports.workers import (
    ATTEMPTS,
    AUDIT,
    WORKERS,
    attempt_rows,
    audit_rows,
    worker_rows,
)
from annotator.results.output.snapshots import full_report, report_in
from annotator.results.output.tables import Table, agreement_table, precision_table, units_table
from annotator.results.report.report import StudyReport

# Table: (what a row is, columns, rows).
STORED = {
    "answers": ("an answer", ANSWERS, answer_rows),
    "marks": ("an answer and an image that was shown for it", MARKS, mark_rows),
    "workers": ("a worker", WORKERS, worker_rows),
    "attempts": ("one press of submit", ATTEMPTS, attempt_rows),
    "audit": ("one thing that somebody did to the study", AUDIT, audit_rows),
}


class Reported(NamedTuple):
    row: str
    table: Callable[[StudyReport], Table]
    report: Callable[[Snapshot], StudyReport]


REPORTED = {
    "units": Reported("a unit with an answer that counts", units_table, full_report),
    "layers": Reported("a layer", precision_table, report_in),
    "agreement": Reported("a layer", agreement_table, report_in),
}
TABLE_NAMES = ("answers", "marks", "units", "layers", "agreement", "workers", "attempts", "audit")
PRIVATE = {"audit"}  # what was done by whom is the requesters' to see


def export_table(name: str, study: Study, snapshot: Snapshot) -> ExportTable:
    """One exported table: units, layers, agreement as in the snapshot, others as stored now."""
    if name in STORED:
        row, columns, rows = STORED[name]
        return ExportTable(name, row, columns, lambda: rows(study))
    found = REPORTED[name]
    return report_table(name, found.row, found.table(found.report(snapshot)), study.threshold)
