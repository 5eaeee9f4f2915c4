"""Draws the tiles of units once, from stored pictures and masks: one JPEG strip a unit.

A strip holds a unit's best tiles side by side, so that a page loads one file a unit. Strips are
drawn a group of units at a time: each picture of a group is decoded once, whichever units show it.
This module does not import models, because other processes import it before Django is set up.
"""

import io
import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from annotator.storage import read
from dissect.errors import BadDissection
from dissect.format.masks import decode_sheet, pack_regions, unpack_regions
from dissect.format.tile_drawing import cut_tile, light_region
from dissect.format.tiles import WHOLE, Box

TILES = 5  # of a unit
TILE_PX = 96
QUALITY = 75  # of JPEG: 11 KB for five tiles of photographs
UNITS_AT_ONCE = 500  # 69 MB of strips
MIN_UNITS_OF_A_PROCESS = 500  # fewer are drawn before another process has started


@dataclass(frozen=True, slots=True)
class TileSource:
    """One tile: the stored picture, and the place of its region on the unit's sheet.

    Attributes:
        mask: None where the picture is shown whole.
        box: the square of the picture that the tile shows.
    """

    picture: str
    mask: int | None
    box: Box = WHOLE


@dataclass(frozen=True, slots=True)
class Strip:
    """The strip of one unit: where it is written, and what is on it, best image first.

    Attributes:
        sheet: the file of the unit's masks in the storage; empty where there is none.
    """

    path: str
    sheet: str
    tiles: tuple[TileSource, ...]


def draw_tile(
    picture: Image.Image, region: NDArray[np.bool_] | None, box: Box = WHOLE
) -> Image.Image:
    """Draw one tile of the static site: cut to TILE_PX, the region lit, the rest dimmed.

    Args:
        picture: the network's view of the image, square.
        region: (side, side), true where the unit looks; None shows the picture whole.
        box: the square of the picture that the tile shows.
    """
    tile = cut_tile(picture, box, TILE_PX)
    if region is None:
        return tile
    first = [round(edge * len(region)) for edge in (box.top, box.left)]
    rows, columns = (slice(edge, edge + round(box.side * len(region))) for edge in first)
    return light_region(tile, region[rows, columns].astype(np.uint8))


@contextmanager
def drawing(strips: Sequence[Strip]) -> Iterator[Iterator[int]]:
    """Draw the tiles of a site in strips while the block lasts, in other processes if many.

    Yields an iterator that waits for the rest: it gives how many strips each step has drawn.

    Raises:
        BadDissection: a picture or a sheet of masks is missing or damaged.
    """
    starts = range(0, len(strips), UNITS_AT_ONCE)
    groups = [strips[start : start + UNITS_AT_ONCE] for start in starts]
    processes = min(os.cpu_count() or 1, len(strips) // MIN_UNITS_OF_A_PROCESS)
    if not processes:
        yield map(_draw_group, groups)
        return
    pool = ProcessPoolExecutor(processes, get_context("spawn"), _set_up)
    try:
        yield pool.map(_draw_group, groups)
    finally:
        pool.shutdown(cancel_futures=True)


def _set_up() -> None:
    import django

    django.setup()


def _draw_group(strips: Sequence[Strip]) -> int:
    """Draw and write the strips of some units; returns their number. See drawing."""
    canvases = [Image.new("RGB", (TILE_PX * TILES, TILE_PX)) for _ in strips]
    for name, uses in _uses_by_picture(strips).items():
        picture = _picture(name)
        for number, position, region, box in uses:
            bits = None if region is None else unpack_regions(region)
            canvases[number].paste(draw_tile(picture, bits, box), (TILE_PX * position, 0))
    for strip, canvas in zip(strips, canvases, strict=True):
        shown = canvas.crop((0, 0, TILE_PX * len(strip.tiles), TILE_PX))
        shown.save(Path(strip.path), "JPEG", quality=QUALITY)
    return len(strips)


# Strip, position on it, packed region, and the square of the picture.
Use = tuple[int, int, NDArray[np.uint8] | None, Box]


def _uses_by_picture(strips: Sequence[Strip]) -> dict[str, list[Use]]:
    uses: dict[str, list[Use]] = defaultdict(list)
    for number, strip in enumerate(strips):
        regions = _regions(strip)
        for position, tile in enumerate(strip.tiles):
            region = None if tile.mask is None else regions[tile.mask]
            uses[tile.picture].append((number, position, region, tile.box))
    return uses


def _regions(strip: Strip) -> dict[int, NDArray[np.uint8]]:
    """The packed regions of a strip's tiles, by their place on the sheet."""
    places = [tile.mask for tile in strip.tiles if tile.mask is not None]
    if not places:
        return {}
    try:
        sheet = decode_sheet(read(strip.sheet), first=1 + max(places))
        return {place: pack_regions(sheet[place]) for place in places}
    except (OSError, BadDissection, IndexError) as error:
        raise BadDissection(f"The masks in {strip.sheet} cannot be drawn: {error}") from error


def _picture(name: str) -> Image.Image:
    try:
        return Image.open(io.BytesIO(read(name))).convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise BadDissection(f"The picture {name} cannot be drawn: {error}") from error
