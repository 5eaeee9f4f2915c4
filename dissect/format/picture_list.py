"""The list of a dissection's pictures: their names, their sizes, and the view that they show.

A picture is the part of an image that the network sees, as a square JPEG named by the SHA-256 of
its bytes. It is drawn twice: as a tile for grids and as a zoom for a closer look.
"""

import hashlib
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, TypeAdapter, ValidationError

from dissect.errors import BadDissection

TILE_PX = 224  # the side of a tile at most; pictures are never enlarged
ZOOM_PX = 448  # the side of a zoom at most
PICTURES_FILE = "pictures.json"

PictureName = Annotated[str, Field(pattern=r"^[0-9a-f]{64}\.jpg$")]


@dataclass(frozen=True, slots=True)
class PictureRow:
    """The pictures of one image.

    Attributes:
        place: of the image in the image list, from 0.
        path: its path there.
        tile, zoom: the names of its pictures; the same where the image is small.
    """

    place: int
    path: str
    tile: PictureName
    zoom: PictureName


ROWS = TypeAdapter(list[PictureRow])


def content_name(content: bytes, suffix: str) -> str:
    """The name of a picture's or mask sheet's file: the SHA-256 of its content, and a suffix.

    >>> content_name(b"", ".png")[:12]
    'e3b0c44298fc'
    """
    return f"{hashlib.sha256(content).hexdigest()}{suffix}"


def encode_pictures(rows: list[PictureRow]) -> bytes:
    return ROWS.dump_json(rows)


def decode_pictures(content: bytes) -> list[PictureRow]:
    """Read a dissection's list of pictures from JSON.

    Raises:
        BadDissection: the list is no JSON, or a row lacks something.
    """
    try:
        return ROWS.validate_json(content)
    except ValidationError as error:
        raise BadDissection(first_error(error)) from error


def first_error(error: ValidationError) -> str:
    """The first thing wrong in a picture list or manifest: "layers.0.table: Field required"."""
    problem = error.errors()[0]
    place = ".".join(str(part) for part in problem["loc"])
    return f"{place}: {problem['msg']}" if place else str(problem["msg"])


@dataclass(frozen=True)
class View:
    """What a network sees of an image: the shorter side resized, then the centre cropped.

    The geometry is that of torchvision's Resize and CenterCrop on a Pillow image.

    Attributes:
        resize: pixels of the shorter side after resizing.
        crop: pixels of the side of the square that is cropped from it.
    """

    resize: int
    crop: int

    def box(self, width: int, height: int) -> tuple[float, float, float, float]:
        """The part of a width x height image that the network sees, in the image's pixels.

        Returns:
            left, top, right, bottom; outside the image where the crop is larger than the image.
        """
        resized_width = self.resize if width <= height else int(self.resize * width / height)
        resized_height = self.resize if height <= width else int(self.resize * height / width)
        left = round((resized_width - self.crop) / 2.0)
        top = round((resized_height - self.crop) / 2.0)
        x, y = width / resized_width, height / resized_height
        return (left * x, top * y, (left + self.crop) * x, (top + self.crop) * y)

    def sampled(self, cells: NDArray[Any], side: int) -> NDArray[Any]:
        """The view of an array as large as an image, by its nearest cells.

        Cells outside the image repeat its border.

        Args:
            cells: (height, width).

        Returns:
            (side, side).
        """
        height, width = cells.shape
        left, top, right, bottom = self.box(width, height)
        steps = (np.arange(side) + 0.5) / side
        rows = np.floor(top + steps * (bottom - top)).clip(0, height - 1).astype(np.intp)
        columns = np.floor(left + steps * (right - left)).clip(0, width - 1).astype(np.intp)
        view: NDArray[Any] = cells[np.ix_(rows, columns)]
        return view
