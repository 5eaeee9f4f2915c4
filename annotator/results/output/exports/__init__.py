"""The tables that leave the service, row by row, in three formats.

    columns     what a column holds, in words
    answers     one row for each answer, and for each answer and image
    workers     who answered, under pseudonyms; attempts to submit; the audit log
    reported    units and layers, from a snapshot
    formats     CSV, JSON and Parquet, streamed; a cell is never a formula
    dictionary  the data dictionary and the data sheet

Nothing here holds more than a few hundred units' rows in memory at a time.
"""

from annotator.results.output.exports.columns import ExportTable
from annotator.results.output.exports.formats import (
    csv_lines,
    parquet,
    text,
    without_formula,
    written,
)
from annotator.results.output.exports.registry import TABLE_NAMES, export_table

__all__ = [
    "TABLE_NAMES",
    "ExportTable",
    "csv_lines",
    "without_formula",
    "parquet",
    "export_table",
    "text",
    "written",
]
