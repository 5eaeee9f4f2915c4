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
from dissect.format.names import storable

TILE_PX = 224  # the side of a tile at most; pictures are never enlarged
ZOOM_PX = 448  # the side of a zoom at most
PICTURES_FILE = "pictures.json"
CENTER, SQUASH, BORDER = "center", "squash", "border"  # how a view is cut from an image

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
    """What a list of pictures calls a file: the SHA-256 of its content, and a suffix.

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
        rows = ROWS.validate_json(content)
    except ValidationError as error:
        raise BadDissection(first_error(error)) from error
    for row in rows:
        if storable(row.path) != row.path:
            raise BadDissection(f"image {row.place} has a path that cannot be stored")
    return rows


def first_error(error: ValidationError) -> str:
    """The first error in the JSON of a picture list, with its place: "0.tile: Field required"."""
    problem = error.errors()[0]
    place = ".".join(str(part) for part in problem["loc"])
    return f"{place}: {problem['msg']}" if place else str(problem["msg"])


@dataclass(frozen=True)
class View:
    """What a network sees of an image: resized, then the square in its middle.

    The geometry is that of torchvision's Resize and CenterCrop on a Pillow image, and of timm's
    crop modes.

    Attributes:
        resize: pixels of the shorter side after resizing, of both sides with SQUASH, and of the
            longer side with BORDER.
        crop: pixels of the side of the square; what it has beyond the image is filled.
        crop_mode: CENTER, SQUASH (the whole image, its shape lost) or BORDER (the whole image,
            with borders).
    """

    resize: int
    crop: int
    crop_mode: str = CENTER

    def resized(self, width: int, height: int) -> tuple[int, int]:
        """The width and height of a width x height image after resizing."""
        if self.crop_mode == SQUASH:
            return self.resize, self.resize
        if self.crop_mode == BORDER:
            ratio = max(width / self.resize, height / self.resize)
            return max(1, round(width / ratio)), max(1, round(height / ratio))
        return (
            self.resize if width <= height else int(self.resize * width / height),
            self.resize if height <= width else int(self.resize * height / width),
        )

    def corner(self, width: int, height: int) -> tuple[int, int]:
        """The left and upper edge of the square in a resized image; negative outside of it."""
        return _start(width, self.crop), _start(height, self.crop)

    def box(self, width: int, height: int) -> tuple[float, float, float, float]:
        """The part of a width x height image that the network sees, in the image's pixels.

        Returns:
            left, top, right, bottom; outside the image where the crop is larger than the image.
        """
        resized = self.resized(width, height)
        left, top = self.corner(*resized)
        x, y = width / resized[0], height / resized[1]
        return (left * x, top * y, (left + self.crop) * x, (top + self.crop) * y)

    def sampled(self, cells: NDArray[Any], side: int) -> NDArray[Any]:
        """The view of an array as large as an image, by its nearest cells.

        Cells outside the image repeat its border, but with BORDER they are 0.

        Args:
            cells: (height, width).

        Returns:
            (side, side).
        """
        height, width = cells.shape
        left, top, right, bottom = self.box(width, height)
        steps = (np.arange(side) + 0.5) / side
        rows = np.floor(top + steps * (bottom - top)).astype(np.intp)
        columns = np.floor(left + steps * (right - left)).astype(np.intp)
        view: NDArray[Any] = cells[np.ix_(rows.clip(0, height - 1), columns.clip(0, width - 1))]
        if self.crop_mode == BORDER:
            view[(rows < 0) | (rows >= height)] = 0
            view[:, (columns < 0) | (columns >= width)] = 0
        return view


def _start(size: int, crop: int) -> int:
    """Where a crop of the middle starts; torchvision rounds otherwise where it adds borders."""
    return round((size - crop) / 2.0) if size >= crop else -((crop - size) // 2)
