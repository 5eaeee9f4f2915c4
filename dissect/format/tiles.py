"""Tiles: the square of a picture that a HIT shows of an image, cut around the unit's region.

A region is (side, side) bool over the network's view of an image. It consists of parts, and the
tile is centered on the part that contains the peak of the unit's map. Boxes and peaks are in shares
of the view, so that they apply to a mask and to a picture of any size.

`draw_tile` draws one with Pillow alone: cut from a picture, with the region lit and the whole as an
inset. Pages lay a mask over a tile and draw the same by CSS (annotator/static/tiles.css), which a
test compares with the numbers here.
"""

import os
import tempfile
from collections.abc import Sequence
from typing import IO, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageEnhance

from dissect.format.parts import Parts, Peak, Region, parts_of
from dissect.format.picture_list import TILE_PX

MARGIN = 2.5  # side of a tile, as a multiple of the longer side of its part
MIN_SIDE = 1 / 3  # of the view
MAX_CROPPED_SHARE = 0.4  # a region that covers more of the view shows the whole picture
INSET_SHARE = 0.3  # side of the inset, which shows the whole picture, as a share of the tile's
MANY_PARTS = 4  # with as many parts or more, only the part with the peak is fully lit

OUTSIDE, LIT, OTHER_PART = 0, 1, 2  # the levels of a tile's pixels
JPEG_QUALITY = 84
BRIGHTNESS = 0.6  # outside the region; 1 is as it was
SATURATION = 0.7  # outside the region
INSET_PX = 72
GAP = 4  # px between tiles of a grid
OUTLINE = (255, 255, 255)
FAINT = 0.5  # opacity of outlines around other parts than the one of the peak
_DARKER = (np.arange(256) * BRIGHTNESS).round().astype(np.uint8)  # by level
FRAME, FRAME_EDGE = (255, 255, 255), (0, 0, 0)


class Box(NamedTuple):
    """A square of the view: its left and top edge and its side, in shares of the view."""

    left: float
    top: float
    side: float

    @property
    def is_whole(self) -> bool:
        return self.side >= 1

    @property
    def inset_corner(self) -> int:
        """The lower corner of the tile for an inset of INSET_SHARE: 0 left, 1 right.

        In this corner the inset hides nothing of the part that the tile is cut around. The part
        takes at most the middle 1 / MARGIN of the tile, or lies in another corner if the tile was
        moved inside the view.
        """
        return int(self.left <= 0 and self.top + self.side >= 1 - 1e-9)

    @property
    def mirrored(self) -> "Box":
        """The same square in the picture mirrored left to right."""
        return Box(max(0.0, 1 - self.left - self.side), self.top, self.side)


WHOLE = Box(0.0, 0.0, 1.0)


def crop_box(region: Region, peak: Peak) -> Box:
    """The square of the view that a tile shows.

    The square is centered on the part of the region that contains the peak. Its side is MARGIN
    times the longer side of the part, and at least MIN_SIDE. It is moved inside the view. The tile
    of an empty region, or of one that covers more than MAX_CROPPED_SHARE of the view, shows the
    whole picture.
    """
    return _box_around(parts_of(region), peak) if _is_cropped(region) else WHOLE


def _is_cropped(region: Region) -> bool:
    return bool(0 < np.count_nonzero(region) <= MAX_CROPPED_SHARE * region.size)


def _box_around(parts: Parts, peak: Peak) -> Box:
    """The box around the part that contains the peak."""
    edges = parts.edges(parts.of_peak(peak))
    top, bottom, left, right = (edge / parts.shape[0] for edge in edges)
    side = min(1.0, max(MIN_SIDE, MARGIN * max(bottom - top, right - left)))
    return Box(_inside((left + right) / 2, side), _inside((top + bottom) / 2, side), side)


def _inside(centre: float, side: float) -> float:
    """The lower edge of a square around a center, moved inside the view."""
    return min(max(0.0, centre - side / 2), 1 - side)


def lit_levels(region: Region, peak: Peak) -> NDArray[np.uint8]:
    """The levels of a tile's pixels, (side, side): OUTSIDE, LIT or OTHER_PART.

    Of MANY_PARTS parts or more only the one with the peak is LIT; of fewer, all parts are.
    """
    return _levels(region, parts_of(region), peak)


def _levels(region: Region, parts: Parts, peak: Peak) -> NDArray[np.uint8]:
    levels = region.astype(np.uint8)
    if parts.count >= MANY_PARTS:
        labels = parts.labels()
        levels[region & (labels != parts.of_peak(peak))] = OTHER_PART
    return levels


def crop_and_levels(region: Region, peak: Peak) -> tuple[Box, NDArray[np.uint8]]:
    """Compute `crop_box` and `lit_levels` of a region together: its parts are found only once."""
    parts = parts_of(region)
    box = _box_around(parts, peak) if _is_cropped(region) else WHOLE
    return box, _levels(region, parts, peak)


def levels_in_frame(levels: NDArray[np.uint8], box: Box) -> NDArray[np.uint8]:
    """Resample the levels of a view into the box of a tile, (side, side).

    A pixel of the tile is lit if the value interpolated between the view's pixels is at least .5.
    """
    if box.is_whole:
        return levels
    lit = _interpolated(levels != OUTSIDE, box) >= 0.5
    if not (levels == OTHER_PART).any():
        return lit.astype(np.uint8)
    part = _interpolated(levels == LIT, box) >= 0.5
    return np.where(lit, np.where(part, LIT, OTHER_PART), OUTSIDE).astype(np.uint8)


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


def lit_share(levels: NDArray[np.uint8], box: Box) -> float:
    """The share of a tile's pixels that is not OUTSIDE, from 0 to 1."""
    return float((levels_in_frame(levels, box) != OUTSIDE).mean())


def jpeg(picture: Image.Image) -> bytes:
    """Encode a drawn tile, or another Pillow picture, as JPEG; a comment in its file is left out.

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
    """Cut the square of a picture that a tile shows, side x side; small pictures are enlarged."""
    edges = _pixels(box, picture.width)
    return picture.resize((side, side), Image.Resampling.BICUBIC, box=edges, reducing_gap=3.0)


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
    """Draw a tile with its region lit: the rest is darker and greyer, and the region outlined.

    Args:
        levels: (side, side), of the pixels of the tile; if none is lit, the tile stays as it is.
    """
    if not (levels != OUTSIDE).any():
        return tile
    return Image.fromarray(lit_pixels(np.asarray(tile), dimmed(tile), levels))


def dimmed(tile: Image.Image) -> NDArray[np.uint8]:
    """The pixels of a tile outside of its region, darker and greyer: (side, side, 3)."""
    pixels: NDArray[np.uint8] = _DARKER[np.asarray(ImageEnhance.Color(tile).enhance(SATURATION))]
    return pixels


def lit_pixels(
    tile: NDArray[np.uint8], outside: NDArray[np.uint8], levels: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """The pixels of a tile with its region lit.

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
    """Draw a whole tile with Pillow: cut, the region lit, and the picture as an inset.

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
    """Draw several tiles of one size as one picture, row by row, on white; at least one tile."""
    step = tiles[0].width + GAP
    rows = -(-len(tiles) // columns)
    sheet = Image.new("RGB", (columns * step + GAP, rows * step + GAP), (255, 255, 255))
    for number, tile in enumerate(tiles):
        sheet.paste(tile, (number % columns * step + GAP, number // columns * step + GAP))
    return sheet
