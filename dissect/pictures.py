"""Pictures as bytes: the network's view of an image at display size, and sheets of masks.

An image is drawn once, whatever number of units show it; a region, its outline and the whole
image are views of that one picture and one mask, made where they are looked at.
"""

import hashlib
import io
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dissect.images import ImageList
from dissect.preprocessing import Preprocessing

TILE_PX = 224  # in the grid
ZOOM_PX = 448  # on demand
SHEET_COLUMNS = 10
QUALITY = {TILE_PX: 82, ZOOM_PX: 85}  # of JPEG


@dataclass(frozen=True)
class Picture:
    """One image as the network sees it, twice, each named by the SHA-256 of its bytes."""

    place: int
    path: str
    tile: str
    zoom: str
    content: dict[str, bytes]


def view_at(image: Image.Image, shape: Preprocessing, side: int) -> Image.Image:
    """The part of an image that the network sees, at most side x side pixels, never enlarged."""
    box = shape.box(image.width, image.height)
    side = min(side, round(box[2] - box[0]))
    return image.resize((side, side), Image.Resampling.BICUBIC, box=box, reducing_gap=3.0)


def picture_of(images: ImageList, place: int, shape: Preprocessing) -> Picture:
    zoom = view_at(images.open(place), shape, ZOOM_PX)
    tile = zoom
    if zoom.width > TILE_PX:
        tile = zoom.resize((TILE_PX, TILE_PX), Image.Resampling.BICUBIC, reducing_gap=3.0)
    content = {}
    names = []
    for size, view in ((TILE_PX, tile), (ZOOM_PX, zoom)):
        data = jpeg(view, QUALITY[size])
        names.append(f"{hashlib.sha256(data).hexdigest()}.jpg")
        content[names[-1]] = data
    return Picture(place, images.paths[place], names[0], names[1], content)


def drawn(
    images: ImageList, places: Iterable[int], shape: Preprocessing, threads: int
) -> Iterator[Picture]:
    """Pictures of many images, in order, drawn in threads."""
    with ThreadPoolExecutor(threads, thread_name_prefix="draw") as pool:
        yield from pool.map(lambda place: picture_of(images, place, shape), places)


def jpeg(image: Image.Image, quality: int) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return file.getvalue()


def mask_sheet(regions: NDArray[np.bool_], columns: int = SHEET_COLUMNS) -> bytes:
    """A unit's regions as one 1-bit PNG, row by row, white where the unit looks.

    Args:
        regions: (n, side, side).
    """
    count, side, _ = regions.shape
    rows = -(-count // columns)
    cells = np.zeros((rows * columns, side, side), dtype=bool)
    cells[:count] = regions
    sheet = cells.reshape(rows, columns, side, side).swapaxes(1, 2)
    file = io.BytesIO()
    Image.fromarray(sheet.reshape(rows * side, columns * side)).save(file, "PNG", compress_level=6)
    return file.getvalue()
