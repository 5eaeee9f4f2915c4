"""Draws tiles with Pillow: cut from a picture, with the region lit and the whole as an inset.

Pages lay a mask over a tile and draw the same by CSS (annotator/static/tiles.css), which a test
compares with the numbers here.
"""

import os
import tempfile
from collections.abc import Sequence
from typing import IO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageEnhance

from dissect.format.picture_list import TILE_PX
from dissect.format.region_parts import Region
from dissect.format.tiles import INSET_SHARE, LIT, OTHER_PART, OUTSIDE, Box

JPEG_QUALITY = 84
BRIGHTNESS = 0.6  # outside the region; 1 is as it was
SATURATION = 0.7  # outside the region
INSET_PX = 72
GAP = 4  # px between tiles of a grid
OUTLINE = (255, 255, 255)
FAINT = 0.5  # opacity of outlines around other parts than the one of the peak
_DARKER = (np.arange(256) * BRIGHTNESS).round().astype(np.uint8)  # by level
FRAME, FRAME_EDGE = (255, 255, 255), (0, 0, 0)


def jpeg(picture: Image.Image) -> bytes:
    """Encode what Pillow has drawn, such as a tile, as JPEG; a comment in its file is left out.

    It goes through a file: Pillow releases Python's lock while it writes to one, but holds it
    while it encodes into memory, so threads would wait.
    """
    with _scratch() as file:
        picture.save(file, "JPEG", quality=JPEG_QUALITY, comment=b"")
        file.seek(0)
        content: bytes = file.read()
    return content


def _scratch() -> IO[bytes]:
    """A temporary file without a name, in memory where the system offers that."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("jpeg"), "w+b", buffering=0)
    return tempfile.TemporaryFile(buffering=0)


def cut_tile(picture: Image.Image, box: Box, side: int = TILE_PX) -> Image.Image:
    """Draw the cut of a tile: the square of the picture that it shows, as side x side pixels.

    Small pictures are enlarged.
    """
    edges = _pixels(box, picture.width)
    return picture.resize((side, side), Image.Resampling.BICUBIC, box=edges, reducing_gap=3.0)


def _interpolated(mask: Region, box: Box) -> NDArray[np.float32]:
    """Enlarge a box of the view to the size of the view, (side, side), interpolating bilinearly."""
    side = len(mask)
    (rows, down), (columns, across) = (
        _positions(edge, box.side, side) for edge in (box.top, box.left)
    )
    first = columns[0]
    values = mask[:, first : columns[-1] + 2].astype(np.float32)  # the columns that are needed
    values = values[rows] + down[:, None] * (values[rows + 1] - values[rows])
    left, right = values[:, columns - first], values[:, columns - first + 1]
    result: NDArray[np.float32] = left + across * (right - left)
    return result


def _positions(
    edge: float, share: float, side: int
) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Along one axis: the view's pixel before each pixel of the tile, and the distance from it."""
    centres = (edge + share * (np.arange(side) + 0.5) / side) * side - 0.5
    centres = centres.clip(0, side - 1)
    before = np.minimum(centres.astype(np.intp), side - 2)
    return before, (centres - before).astype(np.float32)


def levels_in_frame(levels: NDArray[np.uint8], box: Box) -> NDArray[np.uint8]:
    """Resample the levels of a region's pixels to draw them in the box of a tile, (side, side).

    A pixel of the tile is lit if the value interpolated between the view's pixels is at least .5.
    """
    if box.is_whole:
        return levels
    lit = _interpolated(levels != OUTSIDE, box) >= 0.5
    if not (levels == OTHER_PART).any():
        return lit.astype(np.uint8)
    part = _interpolated(levels == LIT, box) >= 0.5
    return np.where(lit, np.where(part, LIT, OTHER_PART), OUTSIDE).astype(np.uint8)


def _pixels(box: Box, width: int) -> tuple[float, float, float, float]:
    left, top = box.left * width, box.top * width
    return left, top, min(width, left + box.side * width), min(width, top + box.side * width)


def draw_inset(picture: Image.Image, box: Box, side: int = INSET_PX) -> Image.Image:
    """Draw the inset of a tile with Pillow: the whole picture small, a frame around the crop."""
    inset = picture.resize((side, side), Image.Resampling.BICUBIC, reducing_gap=3.0)
    if not box.is_whole:
        left, top, right, bottom = (round(edge) for edge in _pixels(box, side))
        draw = ImageDraw.Draw(inset)
        draw.rectangle((left - 1, top - 1, right, bottom), outline=FRAME_EDGE)
        draw.rectangle((left, top, right - 1, bottom - 1), outline=FRAME, width=max(1, side // 30))
    return inset


def light_region(tile: Image.Image, levels: NDArray[np.uint8]) -> Image.Image:
    """Draw a tile with its region lit: the rest is darker and grayer, and the region outlined.

    Args:
        levels: (side, side), of the pixels of the tile; if none is lit, the tile stays as it is.
    """
    if not (levels != OUTSIDE).any():
        return tile
    return Image.fromarray(lit_pixels(np.asarray(tile), dimmed(tile), levels))


def dimmed(tile: Image.Image) -> NDArray[np.uint8]:
    """Draw the pixels of a tile outside of its region, darker and grayer: (side, side, 3)."""
    pixels: NDArray[np.uint8] = _DARKER[np.asarray(ImageEnhance.Color(tile).enhance(SATURATION))]
    return pixels


def lit_pixels(
    tile: NDArray[np.uint8], outside: NDArray[np.uint8], levels: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """Draw the pixels of a tile with its region lit.

    Args:
        tile, outside: (side, side, 3), its pixels inside and outside of the region.
        levels: of a square of any size; at least one is lit.
    """
    side = len(tile)
    if levels.shape != (side, side):
        levels = np.asarray(Image.fromarray(levels).resize((side, side), Image.Resampling.NEAREST))
    inside = levels != OUTSIDE
    pixels = np.where(inside[..., None], tile, outside)
    if (levels == OTHER_PART).any():
        edge = _grown(inside, 1) & ~inside
        pixels[edge] = (FAINT * np.array(OUTLINE) + (1 - FAINT) * pixels[edge]).round()
    pixels[_grown(levels == LIT, max(1, side // 150)) & ~inside] = OUTLINE
    return pixels


def _grown(mask: NDArray[np.bool_], by: int) -> NDArray[np.bool_]:
    """A mask with the pixels above, below, left and right of it, `by` times."""
    for _ in range(by):
        near = mask.copy()
        near[1:] |= mask[:-1]
        near[:-1] |= mask[1:]
        near[:, 1:] |= mask[:, :-1]
        near[:, :-1] |= mask[:, 1:]
        mask = near
    return mask


def draw_tile(
    picture: Image.Image, levels: NDArray[np.uint8], box: Box, side: int = TILE_PX
) -> Image.Image:
    """Draw a whole tile with Pillow from a picture: cut, the region lit, and the inset.

    Args:
        levels: (side, side), of the pixels of the view.
    """
    levels = levels_in_frame(levels, box)
    tile = light_region(cut_tile(picture, box, side), levels)
    if not box.is_whole:
        inset = draw_inset(picture, box, round(INSET_SHARE * side))
        left = (side - inset.width) * box.inset_corner
        tile.paste(inset, (left, side - inset.width))
    return tile


def tile_grid(tiles: Sequence[Image.Image], columns: int) -> Image.Image:
    """Draw several whole tiles with Pillow into one picture, row by row, on white; at least one."""
    step = tiles[0].width + GAP
    rows = -(-len(tiles) // columns)
    sheet = Image.new("RGB", (columns * step + GAP, rows * step + GAP), (255, 255, 255))
    for number, tile in enumerate(tiles):
        sheet.paste(tile, (number % columns * step + GAP, number // columns * step + GAP))
    return sheet
