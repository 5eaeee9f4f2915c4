"""The pictures of a dissection: their sizes, their names and the list of them.

A picture is the part of an image that the network sees, as a square JPEG named by the SHA-256 of
its bytes. It is drawn twice: as a tile for grids and as a zoom for a closer look.
"""

import hashlib
from dataclasses import dataclass
from typing import Annotated

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
    """The name of a file that is named by its content.

    >>> content_name(b"", ".png")[:12]
    'e3b0c44298fc'
    """
    return f"{hashlib.sha256(content).hexdigest()}{suffix}"


def encode_pictures(rows: list[PictureRow]) -> bytes:
    return ROWS.dump_json(rows)


def decode_pictures(content: bytes) -> list[PictureRow]:
    """
    Raises:
        BadDissection: the list is no JSON, or a row lacks something.
    """
    try:
        return ROWS.validate_json(content)
    except ValidationError as error:
        raise BadDissection(first_error(error)) from error


def first_error(error: ValidationError) -> str:
    """The first thing that is wrong with some JSON, and where: "layers.0.table: Field required"."""
    problem = error.errors()[0]
    place = ".".join(str(part) for part in problem["loc"])
    return f"{place}: {problem['msg']}" if place else str(problem["msg"])
