"""Tables as CSV, Parquet and plain text.

A cell that a spreadsheet would take for a formula gets an apostrophe before it: workers write
the concepts, and a table is opened by somebody else.
"""

import csv
import io
from collections.abc import Iterable, Iterator

from annotator.results.tables import Cell, Table
from annotator.results.words import NONE

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_lines(table: Table) -> Iterator[str]:
    """The lines of a CSV file, the header first; a missing number is empty."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    for row in (table.columns, *table.rows):
        writer.writerow([guarded(value) for value in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def guarded(value: Cell) -> Cell:
    """A cell that no spreadsheet takes for a formula. Numbers are left as they are."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return value


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
        return NONE
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _line(row: Iterable[str], widths: Iterable[int], is_text: Iterable[bool]) -> str:
    cells = (
        value.ljust(width) if left else value.rjust(width)
        for value, width, left in zip(row, widths, is_text, strict=True)
    )
    return "  ".join(cells).rstrip()
