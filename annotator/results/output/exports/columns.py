"""What a table that leaves the service holds, in words and in types."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Kind = Literal["text", "whole", "number", "flag", "time"]
Value = str | int | float | bool | datetime | None
Row = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """One column. An empty value is a missing one."""

    name: str
    kind: Kind
    meaning: str


@dataclass(frozen=True, slots=True)
class ExportTable:
    """A table as it is taken away.

    Attributes:
        row: what one row is.
        rows: makes them anew with every call, a few at a time.
    """

    name: str
    row: str
    columns: tuple[Column, ...]
    rows: Callable[[], Iterator[Row]]


def columns(*told: tuple[str, Kind, str]) -> tuple[Column, ...]:
    return tuple(Column(*one) for one in told)


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
