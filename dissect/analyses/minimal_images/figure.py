"""Minimal images as a figure: pairs of an image and what is left of it, in rows by class."""

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image

from dissect.render.contact_sheets import PAPER, ContactSheet, labelled_rows

TILE_PX = 160  # side of each picture of a pair
PAIR_GAP = 2  # px between the two of a pair
PAIRS_IN_A_ROW = 4


@dataclass(frozen=True)
class Pair:
    """An image, and what is left of it when it is simplified as far as its class holds."""

    class_name: str
    original: Image.Image
    simplified: Image.Image

    def tile(self) -> Image.Image:
        size = (2 * TILE_PX + PAIR_GAP, TILE_PX)
        tile = Image.new("RGB", size, PAPER)
        for x, picture in ((0, self.original), (TILE_PX + PAIR_GAP, self.simplified)):
            tile.paste(picture.resize((TILE_PX, TILE_PX), Image.Resampling.BICUBIC), (x, 0))
        return tile


def sheet_of_pairs(pairs: Sequence[Pair]) -> ContactSheet:
    """Draw pairs (original left, simplified right) in rows by class, as Zhou et al.'s Figure 2.

    Classes keep the order of their first pair; one with many pairs takes several rows.

    Args:
        pairs: at least one.
    """
    by_class: dict[str, list[Image.Image]] = {}
    for pair in pairs:
        by_class.setdefault(pair.class_name, []).append(pair.tile())
    rows = [
        (tiles[start : start + PAIRS_IN_A_ROW], name)
        for name, tiles in by_class.items()
        for start in range(0, len(tiles), PAIRS_IN_A_ROW)
    ]
    return labelled_rows([tiles for tiles, _ in rows], [name for _, name in rows])
