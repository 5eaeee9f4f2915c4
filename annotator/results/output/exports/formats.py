"""Tables as CSV, JSON, Parquet and plain text; in pieces, so that memory stays flat.

A cell that a spreadsheet would take for a formula gets an apostrophe before it: workers write
the concepts, and a table is opened by somebody else.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from annotator.results.output.exports.columns import ExportTable, Row, Value
from annotator.results.output.formatting import MISSING
from annotator.results.output.tables import Cell, Table

LINES_AT_ONCE = 500
ROWS_A_GROUP = 50_000
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_lines(table: Table) -> Iterator[str]:
    """The lines of a CSV file, the header first; a missing number is empty."""
    return _csv(table.columns, table.rows)


def without_formula(value: Value) -> Value:
    """A cell that no spreadsheet takes for a formula. Numbers are left as they are."""
    if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA_STARTS):
        return f"'{value}"
    return value.isoformat() if isinstance(value, datetime) else value


def as_csv(sheet: ExportTable) -> Iterator[bytes]:
    """A sheet as CSV, some hundred lines at a time."""
    lines = _csv([column.name for column in sheet.columns], sheet.rows())
    while piece := "".join(islice(lines, LINES_AT_ONCE)):
        yield piece.encode()


def as_json_lines(sheet: ExportTable) -> Iterator[bytes]:
    """A sheet as one JSON array, an object a line, words unguarded."""
    names = [column.name for column in sheet.columns]
    rows = sheet.rows()
    before = "[\n"
    while some := list(islice(rows, LINES_AT_ONCE)):
        objects = (json.dumps(_plain(names, row), ensure_ascii=False) for row in some)
        yield (before + ",\n".join(objects)).encode()
        before = ",\n"
    yield b"[]\n" if before == "[\n" else b"\n]\n"


def as_parquet(sheet: ExportTable) -> Iterator[bytes]:
    """A sheet as a Parquet file, a row group at a time, words unguarded."""
    import pyarrow as arrow
    from pyarrow.parquet import ParquetWriter

    types = {
        "text": arrow.string(),
        "whole": arrow.int64(),
        "number": arrow.float64(),
        "flag": arrow.bool_(),
        "time": arrow.timestamp("us", tz="UTC"),
    }
    schema = arrow.schema([(column.name, types[column.kind]) for column in sheet.columns])
    rows, sink = sheet.rows(), _Pieces()
    with ParquetWriter(sink, schema) as writer:
        while some := list(islice(rows, ROWS_A_GROUP)):
            values = zip(*some, strict=True)
            columns = [arrow.array(*pair) for pair in zip(values, schema.types, strict=True)]
            writer.write_table(arrow.table(columns, schema=schema))
            yield sink.taken()
    yield sink.taken()


WRITERS = {"csv": as_csv, "json": as_json_lines, "parquet": as_parquet}
MEDIA_TYPES = {
    "csv": "text/csv",
    "json": "application/json",
    "parquet": "application/vnd.apache.parquet",
}


class _Pieces(io.RawIOBase):
    """A file that is written and taken away piece by piece."""

    def __init__(self) -> None:
        self._piece, self._place = bytearray(), 0

    def writable(self) -> bool:
        return True

    def write(self, some: Any) -> int:
        self._piece += bytes(some)
        self._place += len(some)
        return len(some)

    def tell(self) -> int:
        return self._place

    def taken(self) -> bytes:
        piece, self._piece = bytes(self._piece), bytearray()
        return piece


def _csv(names: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(names)
    yield buffer.getvalue()
    for row in rows:
        buffer.seek(0)
        buffer.truncate()
        writer.writerow([without_formula(value) for value in row])
        yield buffer.getvalue()


def _plain(names: Sequence[str], row: Row) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in zip(names, row, strict=True)
    }


def parquet(table: Table) -> bytes:
    """A table as a Parquet file, words unguarded."""
    import pyarrow as arrow
    from pyarrow.parquet import write_table

    columns = {name: table.column(name) for name in table.columns}
    buffer = io.BytesIO()
    write_table(arrow.table(columns), buffer)
    return buffer.getvalue()


def text(table: Table) -> str:
    """A table to read in a terminal: numbers to the right, three decimals."""
    rows = [[written(value) for value in row] for row in table.rows]
    widths = [max(map(len, column)) for column in zip(table.columns, *rows, strict=True)]
    is_text = [all(isinstance(v, str) for v in table.column(name)) for name in table.columns]
    lines = (_line(row, widths, is_text) for row in [list(table.columns), *rows])
    return "".join(f"{line}\n" for line in lines)


def written(value: Cell) -> str:
    if value is None:
        return MISSING
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _line(row: Iterable[str], widths: Iterable[int], is_text: Iterable[bool]) -> str:
    cells = (
        value.ljust(width) if left else value.rjust(width)
        for value, width, left in zip(row, widths, is_text, strict=True)
    )
    return "  ".join(cells).rstrip()
