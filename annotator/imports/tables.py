"""Reads tables that other programs wrote, CSV or Parquet, and validates their lines as rows.

CSV as spreadsheets write it is read as well: with semicolons or tabs, in UTF-16 or Windows-1252,
with a byte order mark, with a comma in numbers, and with whole numbers such as 12.0.
"""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    FiniteFloat,
    ValidationError,
    ValidationInfo,
)

from annotator.free_text import tidy, whole_number_text
from annotator.imports.csv_files import Line, NotCsv, csv_lines, with_point
from annotator.validation_errors import sentence_of


class ImportRefused(ValueError):
    """A table is wrong, or does not go with what the study holds; its text is one sentence."""


class TableUnreadable(ImportRefused):
    """The file is missing, or not a table."""


def _whole_number(value: Any, info: ValidationInfo) -> Any:
    if not isinstance(value, str):
        return value
    if not (digits := whole_number_text(value)):
        raise ValueError(f"{info.field_name} must be a whole number from 0, got {value!r}.")
    return digits


WholeNumber = Annotated[int, BeforeValidator(_whole_number)]  # from 0
Number = Annotated[FiniteFloat, BeforeValidator(with_point)]
TIDY = BeforeValidator(lambda text: tidy(text) if isinstance(text, str) else text)  # people's words


class TableRow(BaseModel):
    """A line of a table, validated. A field is named like its column; other columns are ignored.

    An empty value is missing: then its field has its default.

    Attributes:
        line: where an editor shows it.
        required_columns: columns without which no line can be read.
    """

    model_config = ConfigDict(frozen=True)
    required_columns: ClassVar[tuple[str, ...]] = ()
    line: int

    @classmethod
    def missing_columns(cls, columns: set[str]) -> list[str]:
        """What a table with these columns lacks."""
        return [name for name in cls.required_columns if name not in columns]

    @classmethod
    def from_line(cls, line: Line) -> Self:
        """Validate a line.

        Raises:
            ImportRefused: a value is missing or wrong; the sentence names line, column and value.
        """
        values = {name: value for name, value in line.values.items() if value}
        try:
            return cls.model_validate(values | {"line": line.number})
        except ValidationError as error:
            sentence = sentence_of(error, lambda path: str(path[0]))
            raise ImportRefused(f"Line {line.number}: {sentence}") from error


Row = TypeVar("Row", bound=TableRow)


def read_rows(path: Path, row_type: type[Row]) -> list[Row]:
    """Read a table to import, CSV or Parquet, and validate each line as a row.

    Raises:
        ImportRefused: the file, a column or a value is missing or wrong.
    """
    lines = read_table(path)
    if not lines:
        raise ImportRefused(f"{path} is empty: there is no line below its header.")
    if missing := row_type.missing_columns(set(lines[0].values)):
        raise ImportRefused(f"{path} has no column {', '.join(missing)}.")
    return [row_type.from_line(line) for line in lines]


def read_table(path: Path) -> list[Line]:
    """Read a table to import, CSV or Parquet: its lines below the header, values as text.

    Raises:
        TableUnreadable: the file cannot be read, or is neither CSV nor Parquet.
    """
    try:
        with path.open("rb") as file:
            is_parquet = file.read(4) == b"PAR1"
        return list(_parquet(path) if is_parquet else csv_lines(path))
    except NotCsv as error:
        raise TableUnreadable(str(error)) from error
    except OSError as error:
        raise TableUnreadable(f"{path} cannot be read: {error.strerror or error}.") from error


def _parquet(path: Path) -> Iterator[Line]:
    import pyarrow as arrow
    from pyarrow import parquet

    try:
        table = parquet.read_table(path)
    except arrow.ArrowException as error:
        raise TableUnreadable(f"{path} is not a Parquet table: {error}.") from error
    for number, row in enumerate(table.to_pylist(), start=1):
        yield Line(number, {name: _text(value) for name, value in row.items()})


def _text(value: Any) -> str:
    """A value of a Parquet table as CSV would have it; a missing one is empty."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return (value.decode(errors="replace") if isinstance(value, bytes) else str(value)).strip()
