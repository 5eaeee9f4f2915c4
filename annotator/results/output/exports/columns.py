"""The columns of tables that readers download: their names, kinds and meanings."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from annotator.results.report.reported_numbers.entries import Measure, ReportedNumber

Kind = Literal["text", "whole", "number", "flag", "time"]
Value = str | int | float | bool | datetime | None
Row = tuple[Value, ...]
# What a column holds, by what its number is measured in; all others are numbers.
KINDS: dict[Measure, Kind] = {
    **dict.fromkeys(("count", "number"), "whole"),
    "flag": "flag",
    "text": "text",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column. A missing value is empty."""

    name: str
    kind: Kind
    meaning: str


@dataclass(frozen=True, slots=True)
class ExportTable:
    """A table that readers download.

    Attributes:
        row: what one row is, in words.
        rows: starts a new iteration over the rows with every call; they are read lazily.
    """

    name: str
    row: str
    columns: tuple[Column, ...]
    rows: Callable[[], Iterator[Row]]


def columns(*definitions: tuple[str, Kind, str]) -> tuple[Column, ...]:
    """Make the columns of an export table from (name, kind, meaning)."""
    return tuple(Column(*definition) for definition in definitions)


UNIT = columns(
    ("network", "text", "The network's name in the study."),
    ("layer", "text", "The layer's name: torch's dotted module path."),
    ("unit", "whole", "The unit's number in its layer, from 0."),
)
WORKER = columns(
    (
        "worker",
        "text",
        "A pseudonym: a keyed hash, the same in every table of this study and in no other study.",
    ),
    ("worker_kind", "text", "person, simulated, or imported from another campaign's table."),
)


def described_columns(number: ReportedNumber[Any], threshold: float = 0.75) -> Iterator[Column]:
    """The columns that exports have of a number: itself, and its interval's ends."""
    kind, (name, *ends) = KINDS.get(number.measure, "number"), number.columns
    own = number.definition.at_threshold(threshold).rule if number.definition else ""
    yield Column(name, kind, number.meaning or own)
    if number.interval:
        rule = number.interval.definition.at_threshold(threshold).rule
        for column, end in zip(ends, ("Lower", "Upper"), strict=True):
            yield Column(column, kind, f"{end} end of the interval of {name}. {rule}")
