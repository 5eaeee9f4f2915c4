"""Colors of 16 bits: Pillow keeps the upper 8, which are dark where only 12 bits are used.

The lower 8 come from decoding the file once more with its bytes exchanged.
"""

import sys
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dissect.images.memory import OF_SIXTEEN_BITS, check_size
from dissect.images.values import WHITES, black_and_white, eight_bits, picture_of_values

EXCHANGED = {"B": "L", "L": "B", "N": "B" if sys.byteorder == "little" else "L"}
SIXTEEN = tuple(f";16{order}" for order in EXCHANGED)  # the ends of Pillow's raw modes
MAX_UPPER = WHITES[1] >> 8  # the upper bits of the largest 12-bit number


def has_sixteen_bits(image: Image.Image) -> bool:
    """Whether an opened image that is not decoded yet has colors (or gray and opacity) of 16
    bits.
    """
    raw = _raw_mode(image)
    return raw.endswith(SIXTEEN) and not raw.startswith("I")


def read_sixteen_bits(image: Image.Image, file: Path | BinaryIO) -> Image.Image:
    """Decode an opened image with colors of 16 bits.

    Args:
        file: what the image was opened from.

    Returns:
        RGB, RGBA or CMYK; the upper 8 bits as Pillow gives them, unless no color needs more than
        12 bits or a transparent color is named, which has 16 bits.

    Raises:
        ImagesError: all 16 bits are needed, and would take too much memory.
    """
    raw, key = _raw_mode(image), image.info.get("transparency")
    if raw.startswith("LA"):
        check_size(*image.size, OF_SIXTEEN_BITS)
        return picture_of_values(_grey_and_opacity(file, image.format))
    image.load()
    colours = image.getextrema()[:3]
    if key is None and max(band[1] for band in colours) > MAX_UPPER:  # type: ignore[index]
        return image
    check_size(*image.size, OF_SIXTEEN_BITS)
    lower = np.asarray(_decoded_as(file, image.format, raw[:-1] + EXCHANGED[raw[-1]]))
    values = np.asarray(image).astype(np.uint16) << 8 | lower
    if image.mode == "CMYK":
        return Image.frombytes(
            "CMYK", image.size, eight_bits(values, *black_and_white(values)).tobytes()
        )
    if key is None:
        return picture_of_values(values)
    seen = (values != np.array(key, dtype=np.uint16)).any(axis=2)
    return picture_of_values(np.dstack([values, np.where(seen, 65_535, 0).astype(np.uint16)]))


def _raw_mode(image: Image.Image) -> str:
    """How Pillow's decoder unpacks the file, such as "RGB;16B"; empty where it does not say."""
    tiles: list[Any] = getattr(image, "tile", [])
    args = tiles[0].args if tiles else ""
    raw = args[0] if isinstance(args, tuple) and args else args
    return raw if isinstance(raw, str) else ""


def _decoded_as(file: Path | BinaryIO, kind: str | None, raw: str) -> Image.Image:
    """The image decoded as if its pixels were packed in another raw mode of as many bits."""
    if not isinstance(file, Path):
        file.seek(0)
    with Image.open(file, formats=[kind or ""]) as image:
        tiles: Any = image.tile
        image.tile = [
            tile._replace(args=(raw, *tile.args[1:]) if isinstance(tile.args, tuple) else raw)
            for tile in tiles
        ]
        image.load()
        return image


def _grey_and_opacity(file: Path | BinaryIO, kind: str | None) -> NDArray[np.uint16]:
    """(height, width, 2), from the 4 bytes of each pixel: upper and lower, of gray and opacity."""
    four = np.asarray(_decoded_as(file, kind, "RGBA")).astype(np.uint16)
    return np.stack([four[..., 0] << 8 | four[..., 1], four[..., 2] << 8 | four[..., 3]], axis=2)
