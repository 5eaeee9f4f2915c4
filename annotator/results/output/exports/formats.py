"""Tables as CSV, JSON, Parquet and plain text, in pieces, so that memory stays bounded.

In CSV, a cell that a spreadsheet would run as a formula gets a leading apostrophe: workers write
the concepts, and other people open the table.
"""

import codecs
import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from annotator.free_text import without_formula
from annotator.results.output.exports.columns import ExportTable, Row, Value
from annotator.results.output.formatting import MISSING, p_value
from annotator.results.output.tables import Cell, Table
from annotator.results.report.reported_numbers.entries import Measure
from annotator.side_process.process import SideProcess
from dissect.format.names import on_one_line

LINES_PER_PIECE = 500
ROWS_PER_GROUP = 50_000  # of Parquet


def csv_lines(table: Table) -> Iterator[str]:
    """Format rows of an export as lines of CSV, the header first; a missing number is empty."""
    return _csv(table.columns, table.rows)


def _csv_cell(value: Value) -> Value:
    """Format a cell of CSV, so that no spreadsheet runs it; numbers stay as they are."""
    if isinstance(value, str):
        return without_formula(value)
    return value.isoformat() if isinstance(value, datetime) else value


def as_csv(table: ExportTable) -> Iterator[bytes]:
    """Format an export table as CSV, some hundred lines at a time."""
    lines = _csv([column.name for column in table.columns], table.rows())
    while piece := "".join(islice(lines, LINES_PER_PIECE)):
        yield piece.encode()


def for_excel(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """CSV with the byte order mark by which Excel knows that it is UTF-8."""
    yield codecs.BOM_UTF8
    yield from pieces


def as_json_lines(table: ExportTable) -> Iterator[bytes]:
    """Format an export table as one JSON array, an object a line; words are not escaped."""
    names = [column.name for column in table.columns]
    rows = table.rows()
    separator = "[\n"
    while batch := list(islice(rows, LINES_PER_PIECE)):
        objects = (json.dumps(_plain(names, row), ensure_ascii=False) for row in batch)
        yield (separator + ",\n".join(objects)).encode()
        separator = ",\n"
    yield b"[]\n" if separator == "[\n" else b"\n]\n"


def as_parquet(table: ExportTable) -> Iterator[bytes]:
    """Format an export table as Parquet, a row group at a time; words are not escaped.

    A process of its own writes it: the library takes more memory than all pages.
    """
    rows = table.rows()
    with SideProcess("parquet") as writer:
        writer.ask([(column.name, column.kind) for column in table.columns], ROWS_PER_GROUP)
        while batch := [tuple(row) for row in islice(rows, LINES_PER_PIECE)]:
            if piece := writer.ask(batch):
                yield piece
        yield writer.ask(None)


WRITERS = {"csv": as_csv, "json": as_json_lines, "parquet": as_parquet}
MEDIA_TYPES = {
    "csv": "text/csv",
    "json": "application/json",
    "parquet": "application/vnd.apache.parquet",
}


def _csv(names: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(names)
    yield buffer.getvalue()
    for row in rows:
        buffer.seek(0)
        buffer.truncate()
        writer.writerow([_csv_cell(value) for value in row])
        yield buffer.getvalue()


def _plain(names: Sequence[str], row: Row) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in zip(names, row, strict=True)
    }


def plain_text(table: Table) -> str:
    """Format an export table as plain text for a terminal: numbers right, three decimals.

    A p is never 0: a small one is "< .0001".
    """
    measures = [number.measure for number in table.numbers for _ in number.columns]
    rows = [[_cell(*pair) for pair in zip(measures, row, strict=True)] for row in table.rows]
    widths = [max(map(len, column)) for column in zip(table.columns, *rows, strict=True)]
    is_text = [all(isinstance(v, str) for v in table.column(name)) for name in table.columns]
    lines = (_line(row, widths, is_text) for row in [list(table.columns), *rows])
    return "".join(f"{line}\n" for line in lines)


def _cell(measure: Measure, value: Cell) -> str:
    if value is None:
        return MISSING
    if measure == "p" and isinstance(value, float):
        return p_value(value)
    return f"{value:.3f}" if isinstance(value, float) else on_one_line(str(value))


def _line(row: Iterable[str], widths: Iterable[int], is_text: Iterable[bool]) -> str:
    cells = (
        value.ljust(width) if left else value.rjust(width)
        for value, width, left in zip(row, widths, is_text, strict=True)
    )
    return "  ".join(cells).rstrip()
