"""Pictures of images at display size: the part of an image that the network sees.

An image is drawn once, whatever number of units show it. Its regions and their outlines are drawn
where they are looked at, from the picture and a mask.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dissect.background import Background
from dissect.format.manifest import PICTURE_FOLDER
from dissect.format.picture_list import TILE_PX, ZOOM_PX, PictureRow, content_name
from dissect.format.tile_drawing import jpeg
from dissect.images.image_list import ImageList
from dissect.images.preprocessing import Preprocessing
from dissect.machine import usable_cores
from dissect.render.near_copies import grey_of


@dataclass(frozen=True)
class Picture:
    """One image drawn.

    Attributes:
        row: its entry in the list of pictures.
        content: the bytes of its tile and its zoom by name; one entry where they are the same.
        grey: it in small and gray, to find near copies.
    """

    row: PictureRow
    content: dict[str, bytes]
    grey: NDArray[np.uint8]


def view_at(image: Image.Image, shape: Preprocessing, side: int) -> Image.Image:
    """Draw what the network sees of an image as a picture: at most side x side, never enlarged."""
    left, top, right, bottom = shape.box(image.width, image.height)
    side = max(1, min(side, round(max(right - left, bottom - top))))
    inside = (max(left, 0), max(top, 0), min(right, image.width), min(bottom, image.height))
    x, y = side / (right - left), side / (bottom - top)
    edges = [  # of the image in the picture
        round((edge - start) * scale)
        for edge, start, scale in zip(inside, (left, top) * 2, (x, y) * 2, strict=True)
    ]
    size = (max(edges[2] - edges[0], 1), max(edges[3] - edges[1], 1))
    picture = image.resize(size, Image.Resampling.BICUBIC, box=inside, reducing_gap=3.0)
    if size == (side, side):
        return picture
    square = Image.new("RGB", (side, side), shape.fill)
    square.paste(picture, (edges[0], edges[1]))
    return square


def render_picture(images: ImageList, place: int, shape: Preprocessing) -> Picture:
    """Render an image at display size: its zoom, and a tile where the image is larger than one.

    Raises:
        ImagesError: the image cannot be read.
    """
    zoom = view_at(images.open(place), shape, ZOOM_PX)
    large, small = jpeg(zoom), None
    if zoom.width > TILE_PX:
        size = (TILE_PX, TILE_PX)
        small = jpeg(zoom.resize(size, Image.Resampling.BICUBIC, reducing_gap=3.0))
    content = {content_name(data, ".jpg"): data for data in (large, small) if data}
    names = list(content)
    row = PictureRow(place, images.paths[place], tile=names[-1], zoom=names[0])
    return Picture(row, content, grey_of(zoom))


class PictureStore(Protocol):
    """Where pictures are written, as pictures/NAME. Any `Store` is one.

    Attributes:
        threads: how many writes at the same time are worthwhile.
    """

    threads: int

    def put(self, name: str, content: bytes) -> None:
        """Write bytes under a name; threads may call it at the same time.

        Raises:
            StoreError: they cannot be written.
        """


class PictureWriter:
    """Draws and stores pictures of many images in threads, while the caller does other work.

    >>> with PictureWriter(images, places, network.preprocessing, store) as rows:
    ...     ...                              # other work
    ...     content = encode_pictures(list(rows))

    Iterating waits for the pictures, in the order of the places. Leaving the block early drops
    those not begun.

    Args:
        store: pictures are written to it as pictures/NAME.

    Attributes:
        greys: each picture in small and gray, by place; about 1 KB each.
    """

    def __init__(
        self, images: ImageList, places: Iterable[int], shape: Preprocessing, store: PictureStore
    ) -> None:
        self.images, self.shape, self.store = images, shape, store
        self.greys: dict[int, NDArray[np.uint8]] = {}
        threads = max(usable_cores(), images.threads, store.threads)
        self.background = Background(threads, waiting=None, name="draw")
        self.rows = self.background.map(self._write, places)

    def _write(self, place: int) -> PictureRow:
        """Store one picture; its bytes are not kept in memory."""
        picture = render_picture(self.images, place, self.shape)
        for name, content in picture.content.items():
            self.store.put(f"{PICTURE_FOLDER}/{name}", content)
        self.greys[place] = picture.grey
        return picture.row

    def __enter__(self) -> Iterator[PictureRow]:
        return self.rows

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.background.__exit__(kind, error, trace)
