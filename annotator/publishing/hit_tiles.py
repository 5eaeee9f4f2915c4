"""The tiles of HITs: what is lit of each picture and where it is cropped, and the cutting of files.

Tiles are cut from stored pictures, and their insets are drawn.
"""

import io
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from annotator import storage
from annotator.models import Exemplar
from annotator.publishing.catch.sharpness import sharpness_of
from dissect.background import Background
from dissect.format.picture_list import content_name
from dissect.format.region_parts import Peak
from dissect.format.tile_drawing import cut_tile, jpeg
from dissect.format.tiles import LIT, Box, crop_and_levels

THREADS = 8  # reading from the storage; Pillow decodes and encodes outside of Python's lock
Cut = tuple[str, Box]  # the file of a picture, and the square of it that a tile shows
BORROWED = (Exemplar.Role.CATCH, Exemplar.Role.RANDOM)  # roles whose regions are other images'


@dataclass(frozen=True)
class TileFile:
    """A tile that is cut from a picture.

    Attributes:
        name: of its file, a hash of its content.
        size: of its file, in bytes.
        source_px: side of the square of the picture that it shows, in pixels of the picture; the
            fewer, the more it is enlarged.
        sharpness: as `sharpness_of` measures it.
    """

    name: str
    size: int
    source_px: float
    sharpness: tuple[float, float]


def cut_tiles(cuts: Iterable[Cut], is_stored: bool = True) -> dict[Cut, TileFile]:
    """Cut the tiles of HITs in threads; each picture is read and decoded once.

    Args:
        is_stored: whether the tiles are stored, unless they are there; otherwise they are only
            measured.
    """
    boxes: dict[str, set[Box]] = defaultdict(set)
    for picture, box in cuts:
        boxes[picture].add(box)

    def cut(name: str) -> dict[Cut, TileFile]:
        with Pillow.open(io.BytesIO(storage.read(f"pictures/{name}"))) as picture:
            picture.load()
            squares = {box: cut_tile(picture, box) for box in boxes[name]}
            width = picture.width
        tiles = {box: (jpeg(square), sharpness_of(square)) for box, square in squares.items()}
        return {
            (name, box): TileFile(
                name=_stored(tile) if is_stored else content_name(tile, ".jpg"),
                size=len(tile),
                source_px=box.side * width,
                sharpness=sharpness,
            )
            for box, (tile, sharpness) in tiles.items()
        }

    with Background(THREADS, name="tiles") as background:
        results = list(background.map(cut, sorted(boxes)))
    return {key: tile for result in results for key, tile in result.items()}


def _stored(tile: bytes) -> str:
    name = content_name(tile, ".jpg")
    storage.keep(f"pictures/{name}", lambda: tile)
    return name


class Frame(NamedTuple):
    """A picture of a HIT: the level of each pixel of the view, (side, side), and the crop."""

    levels: NDArray[np.uint8]
    box: Box


def frame_of(exemplar: Exemplar, masks: NDArray[np.bool_], peaks: NDArray[np.float32]) -> Frame:
    """What a HIT lights of a picture, and where it is cropped.

    Region, parts, peak and crop come together from one image: for a catch image and a random one,
    from the image that lends its region, which is resized to the coverage of the exemplar. The
    frame of a repeat is mirrored like its picture. An empty region is lit whole, because a picture
    that is dimmed all over shows nothing.

    Args:
        masks: (regions, side, side), the unit's regions by mask number.
        peaks: (regions, 2), the peak of each, (y, x) in shares of the view.
    """
    region, (y, x) = masks[exemplar.mask], peaks[exemplar.mask].tolist()
    if exemplar.role == Exemplar.Role.REPEAT:
        region, x = region[:, ::-1], 1 - x
    elif exemplar.role in BORROWED:
        region = resized(region, exemplar.coverage)
    return frame(region, (y, x))


def frame(region: NDArray[np.bool_], peak: Peak) -> Frame:
    """The frame of a HIT's tile: what is lit, by a region and its peak, and where it crops."""
    box, levels = crop_and_levels(region, peak)
    return Frame(levels if region.any() else np.full_like(levels, LIT), box)


def resized(region: NDArray[np.bool_], share: float) -> NDArray[np.bool_]:
    """Resize at its edge the region of a HIT's tile, until it covers a share of the picture.

    A pixel belongs to the result by its distance from the region's edge, so discs stay discs, and
    only pixels of one distance make the share inexact. A region that has the area already, to the
    pixel, is returned as it is.

    Args:
        region: (side, side) bool.
        share: from 0 (empty) to 1 (whole).
    """
    if abs(region.mean() - share) <= 1 / region.size:
        return region
    if share <= 0 or share >= 1 or not region.any() or region.all():
        return np.full_like(region, share >= 1 or region.all())
    from scipy.ndimage import distance_transform_edt  # here: most commands cut no region

    inward = distance_transform_edt(region) - distance_transform_edt(~region)
    count = max(1, round(share * region.size))
    cut = np.partition(inward, -count, axis=None)[-count]
    larger, smaller = inward >= cut, inward > cut
    nearer = smaller if abs(smaller.mean() - share) < abs(larger.mean() - share) else larger
    return nearer if nearer.any() else larger
