"""What a dissection of another framework says: rows of a table, checked."""

from dataclasses import dataclass
from pathlib import Path

TOP, LOW, RANDOM = "top", "low", "random"
ROLES = (TOP, LOW, RANDOM)


@dataclass(frozen=True, slots=True)
class ForeignRow:
    """An image of a unit. Of a random image only `line`, `role` and `image` count.

    Attributes:
        line: where an editor shows it. image, mask: paths; no mask is the whole image.
        rank: from 1; None for a low image.
        y, x: the peak's cell.
    """

    line: int
    role: str
    image: str
    layer: str = ""
    unit: int = 0
    rank: int | None = None
    score: float = 0.0
    mask: str = ""
    y: int = 0
    x: int = 0


@dataclass(frozen=True)
class ForeignDissection:
    """A table, checked: ranks of a unit count 1, 2, 3..., scores fall, no image comes twice.

    Attributes:
        layers: layer to unit to its top rows by rank. low: the same, of low images.
        random: images drawn at random, in the order drawn.
    """

    path: Path
    sha256: str
    layers: dict[str, dict[int, list[ForeignRow]]]
    low: dict[tuple[str, int], list[ForeignRow]]
    random: list[ForeignRow]

    @property
    def rank_count(self) -> int:
        """Ranks that every unit has."""
        return min(len(rows) for units in self.layers.values() for rows in units.values())

    def rows(self) -> list[ForeignRow]:
        """All of them, in the order of the table."""
        tops = [row for units in self.layers.values() for rows in units.values() for row in rows]
        lows = [row for rows in self.low.values() for row in rows]
        return sorted([*tops, *lows, *self.random], key=lambda row: row.line)
