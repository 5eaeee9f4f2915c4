"""Reads tables that other programs wrote: CSV, or Parquet. Every value comes as text."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from annotator.imports.errors import ImportRefused, TableUnreadable


@dataclass(frozen=True, slots=True)
class Line:
    """One line: `number` is where an editor shows it; a missing value is the empty text."""

    number: int
    values: dict[str, str]

    def whole(self, name: str) -> int:
        """A value as a whole number from 0.

        Raises:
            ImportRefused: it is anything else.
        """
        value = self.values[name]
        if not (value.isascii() and value.isdigit() and len(value) < 10):
            raise ImportRefused(
                f"Line {self.number}: {name} must be a whole number from 0, got {value!r}."
            )
        return int(value)


def read_table(path: Path) -> list[Line]:
    """The lines of a table below its header.

    Raises:
        TableUnreadable: the file cannot be read, or is neither CSV nor Parquet.
    """
    try:
        with path.open("rb") as file:
            is_parquet = file.read(4) == b"PAR1"
        return list(_parquet(path) if is_parquet else _csv(path))
    except OSError as error:
        raise TableUnreadable(f"{path} cannot be read: {error.strerror or error}.") from error


def _csv(path: Path) -> Iterator[Line]:
    try:
        # utf-8-sig: spreadsheets put a byte order mark before the first column's name.
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            for row in reader:
                yield _line(row, reader.line_num, path)
    except UnicodeDecodeError as error:
        raise TableUnreadable(f"{path} is not UTF-8 text (byte {error.start}).") from error
    except csv.Error as error:
        raise TableUnreadable(f"{path} is not a CSV table: {error}.") from error


def _line(row: dict[Any, Any], number: int, path: Path) -> Line:
    if None in row or None in row.values():
        raise TableUnreadable(
            f"Line {number} of {path} has not as many values as there are columns."
        )
    return Line(number, {name: value.strip() for name, value in row.items()})


def _parquet(path: Path) -> Iterator[Line]:
    import pyarrow as arrow
    from pyarrow import parquet

    try:
        table = parquet.read_table(path)
    except arrow.ArrowException as error:
        raise TableUnreadable(f"{path} is not a Parquet table: {error}.") from error
    for number, row in enumerate(table.to_pylist(), start=1):
        texts = {name: "" if value is None else str(value).strip() for name, value in row.items()}
        yield Line(number, texts)
