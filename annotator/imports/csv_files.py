"""Reads CSV files, whatever their encoding, delimiter and line ends, as lines of text values.

NotCsv(ValueError): the file is not a CSV table; one sentence says what it looks like.
"""

import codecs
import csv
import io
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DELIMITERS = (",", ";", "\t")
BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
LINE_END = re.compile("\r\n?|\n")
WORKBOOK = b"PK\x03\x04"
log = logging.getLogger(__name__)
THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")  # 1,234 is read in two ways


class NotCsv(ValueError):
    """The file is not a CSV table; the text is one sentence."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table: its number in an editor, and its values; a missing one is empty."""

    number: int
    values: dict[str, str]


def csv_lines(path: Path) -> Iterator[Line]:
    """Read the lines of a CSV file below its header. Encoding and delimiter are detected.

    Raises:
        NotCsv: it is not text, or not a table.
        OSError: it cannot be read.
    """
    text = _decoded(path)
    first, _, rest = LINE_END.sub("\n", text, count=1).partition("\n")
    delimiter, skipped = _delimiter(first), 0
    if first.lower().startswith("sep=") and len(first) == 5:  # Excel's own first line
        delimiter, text, skipped = first[4], rest, 1
    reader = csv.DictReader(
        io.StringIO(text, newline=""), delimiter=delimiter, strict=True, skipinitialspace=True
    )
    try:
        reader.fieldnames = _columns(reader.fieldnames or (), path)
        for row in reader:
            yield _line(row, reader.line_num + skipped, path)
    except csv.Error as error:
        raise NotCsv(f"{path} is not a CSV table: {error}.") from error


def _decoded(path: Path) -> str:
    """The text of a file in UTF-8, UTF-16, or else Windows-1252."""
    data = path.read_bytes()
    if data.startswith(WORKBOOK):
        raise NotCsv(f"{path} is a workbook. Save its sheet as CSV.")
    marked = [name for mark, name in BYTE_ORDER_MARKS.items() if data.startswith(mark)]
    wide = "utf-16-be" if data[:1] == b"\0" else "utf-16-le"  # of ASCII, every second byte is 0
    encodings = marked or ([wide] if b"\0" in data[:2] else ["utf-8", "cp1252"])
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError as error:
            problem = f"{path} is not {encoding.upper()} text (byte {error.start})"
        else:
            if encoding == "cp1252":
                log.warning("%s is not UTF-8 text. It was read as Windows-1252.", path)
            return text
    raise NotCsv(f"{problem}. Save it as UTF-8.")


def _delimiter(header: str) -> str:
    """The delimiter that makes the most columns of a header; a comma if it has one column."""

    def columns(delimiter: str) -> int:
        return len(next(csv.reader([header], delimiter=delimiter), []))

    return max(DELIMITERS, key=columns)


def _columns(names: Any, path: Path) -> list[str]:
    columns = [name.strip() for name in names]
    for name in columns:
        if name and columns.count(name) > 1:
            raise NotCsv(f"{path} has two columns {name!r}. Remove one of them.")
    return columns


def _line(row: dict[Any, Any], number: int, path: Path) -> Line:
    if None in row or None in row.values():
        raise NotCsv(f"Line {number} of {path} does not have as many values as there are columns.")
    return Line(number, {name: value.strip() for name, value in row.items()})


def with_point(value: Any) -> Any:
    """A number from a CSV file with a decimal point: 0,85 is 0.85. What is ambiguous stays."""
    if not isinstance(value, str) or THOUSANDS.fullmatch(value) or value.count(",") != 1:
        return value
    return value.replace(",", ".")
