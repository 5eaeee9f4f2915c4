"""A table of another framework's top images, read and validated line by line.

Columns: unit, rank, image, score; `layer`, `mask`, `y` and `x` may be left out, and `role`: top
(the default), low (a candidate for catch images, without a rank) or random (an image drawn
whatever its scores). Paths are relative to the table's folder. Other columns are ignored.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from annotator.imports.tables import TIDY, ImportRefused, Number, TableRow, WholeNumber, read_rows

SUFFIXES = (".csv", ".parquet")
UnitRows = dict[int, list["TopImageRow"]]  # unit to its rows, the best first


class TopImageRow(TableRow):
    """An image of a unit. A random image has a path alone.

    Attributes:
        image, mask: paths; an empty mask is the whole image.
        layer: what the table's only layer is called where it has no such column: "layer".
        rank: from 1; only of a top image.
        y, x: the peak's cell of the map.
    """

    required_columns: ClassVar = ("unit", "rank", "image", "score")
    role: Literal["top", "low", "random"] = "top"
    image: str
    layer: Annotated[str, TIDY] = "layer"
    unit: WholeNumber = 0
    rank: Annotated[WholeNumber | None, Field(ge=1)] = None
    score: Number = 0.0
    mask: str = ""
    y: WholeNumber = 0
    x: WholeNumber = 0

    @model_validator(mode="before")
    @classmethod
    def _has_what_its_role_needs(cls, values: dict[str, Any]) -> dict[str, Any]:
        role = values.get("role", "top")
        if role == "random":
            return {name: values[name] for name in ("line", "role", "image") if name in values}
        if role == "low":
            values = {name: value for name, value in values.items() if name != "rank"}
        for name in ("unit", "rank", "score") if role == "top" else ("unit", "score"):
            if name not in values:
                raise ValueError(f"{name} is missing.")
        return values

    @property
    def unit_name(self) -> str:
        return f"unit {self.unit} of {self.layer}"


@dataclass(frozen=True)
class TopImageTable:
    """A table whose ranks of a unit count 1, 2, 3..., whose scores fall, without an image twice.

    Attributes:
        layers: layer to unit to its top rows by rank.
        low: (layer, unit) to its low rows, the lowest score first.
        random: random images, in the order drawn.
    """

    path: Path
    sha256: str
    layers: Mapping[str, UnitRows]
    low: Mapping[tuple[str, int], list[TopImageRow]]
    random: list[TopImageRow]

    @property
    def rank_count(self) -> int:
        """Ranks that every unit has."""
        return min(len(rows) for units in self.layers.values() for rows in units.values())

    def rows(self) -> list[TopImageRow]:
        """All rows, in the order of the table."""
        top = [row for units in self.layers.values() for rows in units.values() for row in rows]
        low = [row for rows in self.low.values() for row in rows]
        return sorted([*top, *low, *self.random], key=lambda row: row.line)


def read_top_images(path: Path) -> TopImageTable:
    """Read and validate a table of another framework's top images, or a folder's one table.

    Raises:
        ImportRefused: a file, a column or a value is missing or wrong.
    """
    table = _table_in(path) if path.is_dir() else path
    rows = read_rows(table, TopImageRow)
    with table.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return top_image_table(table, rows, digest)


def top_image_table(table: Path, rows: Sequence[TopImageRow], sha256: str) -> TopImageTable:
    """Put rows of another framework's top images together and check them, by unit.

    Args:
        table: what they were read from. sha256: of its content.

    Raises:
        ImportRefused: there are none, or those of a unit do not fit together.
    """
    layers = _by_unit(row for row in rows if row.role == "top")
    if not layers:
        raise ImportRefused(f"{table} has no top images.")
    low = _low_images((row for row in rows if row.role == "low"), layers)
    for layer, units in layers.items():
        for unit, top in units.items():
            _check_ranks(top)
            _check_images_differ([*top, *low.get((layer, unit), [])])
    random = [row for row in rows if row.role == "random"]
    return TopImageTable(table, sha256, layers, low, random)


def _table_in(folder: Path) -> Path:
    tables = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    if len(tables) != 1:
        names = ", ".join(path.name for path in tables[:5]) or "none"
        raise ImportRefused(
            f"{folder} has no manifest.json, and not one table (.csv or .parquet) but {names}: "
            "name the file."
        )
    return tables[0]


def _by_unit(rows: Iterable[TopImageRow]) -> dict[str, UnitRows]:
    layers: dict[str, UnitRows] = {}
    for row in rows:
        layers.setdefault(row.layer, {}).setdefault(row.unit, []).append(row)
    for units in layers.values():
        for top in units.values():
            top.sort(key=lambda row: row.rank or 0)
    return layers


def _low_images(
    rows: Iterable[TopImageRow], layers: Mapping[str, UnitRows]
) -> dict[tuple[str, int], list[TopImageRow]]:
    low: dict[tuple[str, int], list[TopImageRow]] = {}
    for row in sorted(rows, key=lambda row: row.score):
        if row.unit not in layers.get(row.layer, {}):
            raise ImportRefused(f"Line {row.line}: {row.unit_name} has no top images.")
        low.setdefault((row.layer, row.unit), []).append(row)
    return low


def _check_ranks(top: Sequence[TopImageRow]) -> None:
    """Refuse ranks of a unit with a gap, and scores that rise."""
    for rank, row in enumerate(top, start=1):
        if row.rank != rank:
            raise ImportRefused(
                f"Line {row.line}: {row.unit_name} has rank {row.rank} where {rank} is due; ranks "
                "count 1, 2, 3 without a gap."
            )
        if rank > 1 and row.score > top[rank - 2].score:
            raise ImportRefused(
                f"Line {row.line}: {row.unit_name} has score {row.score:g} at rank {rank}, above "
                f"{top[rank - 2].score:g} at rank {rank - 1}."
            )


def _check_images_differ(rows: Sequence[TopImageRow]) -> None:
    lines: dict[str, int] = {}
    for row in rows:
        if row.image in lines:
            raise ImportRefused(
                f"Line {row.line}: {row.unit_name} has image {row.image} twice "
                f"(first in line {lines[row.image]})."
            )
        lines[row.image] = row.line
