"""Pictures as bytes: the network's view of an image at display size, and sheets of masks.

An image is drawn once, whatever number of units show it; a region, its outline and the whole
image are views of that one picture and one mask, made where they are looked at.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dissect.images.image_list import ImageList
from dissect.images.preprocessing import Preprocessing
from dissect.render.encode import bits_png, jpeg
from dissect.storage.store import Store

TILE_PX = 224  # in the grid
ZOOM_PX = 448  # on demand
SHEET_COLUMNS = 10


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


def render_picture(images: ImageList, place: int, shape: Preprocessing) -> Picture:
    zoom = view_at(images.open(place), shape, ZOOM_PX)
    large, small = jpeg(zoom), None
    if zoom.width > TILE_PX:
        size = (TILE_PX, TILE_PX)
        small = jpeg(zoom.resize(size, Image.Resampling.BICUBIC, reducing_gap=3.0))
    content = {f"{hashlib.sha256(data).hexdigest()}.jpg": data for data in (large, small) if data}
    names = list(content)
    return Picture(place, images.paths[place], tile=names[-1], zoom=names[0], content=content)


class PictureWriter:
    """Pictures of many images, drawn and stored in threads beside what else goes on.

    >>> with PictureWriter(images, places, network.preprocessing, store) as pictures:
    ...     rows = [{"place": picture.place, "tile": picture.tile} for picture in pictures]

    Iterating waits for them, in order; leaving early drops those not begun.
    """

    def __init__(
        self, images: ImageList, places: Iterable[int], shape: Preprocessing, store: Store
    ) -> None:
        self.images, self.shape, self.store = images, shape, store
        threads = max(os.cpu_count() or 1, images.threads, store.threads)
        self.pool = ThreadPoolExecutor(threads, thread_name_prefix="draw")
        self.rows = [self.pool.submit(self._draw, place) for place in places]

    def _draw(self, place: int) -> Picture:
        """Its bytes are in the store then, and no longer in memory."""
        picture = render_picture(self.images, place, self.shape)
        for name, content in picture.content.items():
            self.store.put(f"pictures/{name}", content)
        return replace(picture, content={})

    def __enter__(self) -> Iterator[Picture]:
        return (row.result() for row in self.rows)

    def __exit__(self, *error: object) -> None:
        self.pool.shutdown(wait=True, cancel_futures=True)


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
    return bits_png(sheet.reshape(rows * side, columns * side))
