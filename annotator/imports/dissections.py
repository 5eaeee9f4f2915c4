"""A table of another framework's top images, read and checked line by line.

Columns: unit, rank, image, score; `layer`, `mask`, `y` and `x` may be left out, and `role`: top
(the default), low (a candidate for catch images, without a rank) or random (an image drawn
whatever its scores). Paths are relative to the table's folder. Other columns are ignored.
"""

import hashlib
import math
from collections.abc import Iterable, Sequence
from pathlib import Path

from annotator.dissection_reader.foreign import (
    LOW,
    RANDOM,
    ROLES,
    TOP,
    ForeignDissection,
    ForeignRow,
)
from annotator.imports.errors import ImportRefused
from annotator.imports.tables import Line, read_table

NEEDED = ("unit", "rank", "image", "score")
LAYER = "layer"  # what a table's only layer is called where it does not say
ENDINGS = (".csv", ".parquet")


def read_dissection(path: Path) -> ForeignDissection:
    """Read and check a table, or the one table in a folder.

    Raises:
        ImportRefused: a file, a column or a value is missing or wrong.
    """
    table = _table_in(path) if path.is_dir() else path
    lines = read_table(table)
    if not lines:
        raise ImportRefused(f"{table} has no images: there is no line below its header.")
    if missing := [name for name in NEEDED if name not in lines[0].values]:
        raise ImportRefused(f"{table} has no column {', '.join(missing)}.")
    rows = [_row(line) for line in lines]
    layers = _by_unit(row for row in rows if row.role == TOP)
    low = _low(rows, layers)
    if not layers:
        raise ImportRefused(f"{table} has no top images.")
    for units in layers.values():
        for unit, tops in units.items():
            _check_unit(tops, low.get((tops[0].layer, unit), []))
    with table.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    random = [row for row in rows if row.role == RANDOM]
    return ForeignDissection(table, digest, layers, low, random)


def _table_in(folder: Path) -> Path:
    tables = sorted(path for path in folder.iterdir() if path.suffix.lower() in ENDINGS)
    if len(tables) != 1:
        names = ", ".join(path.name for path in tables[:5]) or "none"
        raise ImportRefused(
            f"{folder} holds no manifest.json, and not one table (.csv or .parquet) but {names}: "
            "name the file."
        )
    return tables[0]


def _row(line: Line) -> ForeignRow:
    role = line.values.get("role") or TOP
    if role not in ROLES:
        raise ImportRefused(f"Line {line.number}: role must be {', '.join(ROLES)}, got {role!r}.")
    if not line.values["image"]:
        raise ImportRefused(f"Line {line.number}: image is empty.")
    if role == RANDOM:
        return ForeignRow(line.number, role, line.values["image"])
    return ForeignRow(
        line=line.number,
        role=role,
        image=line.values["image"],
        layer=line.values.get("layer") or LAYER,
        unit=line.whole("unit"),
        rank=_rank(line) if role == TOP else None,
        score=_score(line),
        mask=line.values.get("mask", ""),
        y=line.whole("y") if line.values.get("y") else 0,
        x=line.whole("x") if line.values.get("x") else 0,
    )


def _rank(line: Line) -> int:
    if (rank := line.whole("rank")) < 1:
        raise ImportRefused(f"Line {line.number}: ranks count from 1, got {rank}.")
    return rank


def _score(line: Line) -> float:
    try:
        score = float(line.values["score"])
    except ValueError:
        score = math.nan
    if not math.isfinite(score):
        raise ImportRefused(
            f"Line {line.number}: score must be a number, got {line.values['score']!r}."
        )
    return score


def _by_unit(rows: Iterable[ForeignRow]) -> dict[str, dict[int, list[ForeignRow]]]:
    layers: dict[str, dict[int, list[ForeignRow]]] = {}
    for row in rows:
        layers.setdefault(row.layer, {}).setdefault(row.unit, []).append(row)
    for units in layers.values():
        for tops in units.values():
            tops.sort(key=lambda row: row.rank or 0)
    return layers


def _low(
    rows: Iterable[ForeignRow], layers: dict[str, dict[int, list[ForeignRow]]]
) -> dict[tuple[str, int], list[ForeignRow]]:
    low: dict[tuple[str, int], list[ForeignRow]] = {}
    for row in rows:
        if row.role == LOW:
            if row.unit not in layers.get(row.layer, {}):
                raise ImportRefused(
                    f"Line {row.line}: unit {row.unit} of {row.layer} has no top images."
                )
            low.setdefault((row.layer, row.unit), []).append(row)
    return {unit: sorted(found, key=lambda row: row.score) for unit, found in low.items()}


def _check_unit(tops: Sequence[ForeignRow], low: Sequence[ForeignRow]) -> None:
    before: ForeignRow | None = None
    for rank, row in enumerate(tops, start=1):
        unit = f"unit {row.unit} of {row.layer}"
        if row.rank != rank:
            raise ImportRefused(
                f"Line {row.line}: {unit} has rank {row.rank} where {rank} is due; ranks count "
                "1, 2, 3 without a gap."
            )
        if before is not None and row.score > before.score:
            raise ImportRefused(
                f"Line {row.line}: {unit} has score {row.score:g} at rank {rank}, above "
                f"{before.score:g} at rank {rank - 1}."
            )
        before = row
    seen: dict[str, int] = {}
    for row in (*tops, *low):
        if row.image in seen:
            raise ImportRefused(
                f"Line {row.line}: unit {row.unit} of {row.layer} has image {row.image} twice "
                f"(first in line {seen[row.image]})."
            )
        seen[row.image] = row.line
