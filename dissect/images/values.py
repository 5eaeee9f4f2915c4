"""From numbers of any depth to the 8 bits of a picture: which number is white.

| numbers | white |
|---|---|
| whole, not below 0 | the least of 255, 4,095 (12 bits) and 65,535 that none is above; \
signed 16 bits end at 32,767 |
| fractions from 0 to 1 | 1 |
| fractions from 0, the largest of them 64 to 255 | 255 |
| all others | stretched: the least number is black, the largest is white |

A file that says which number is white has the last word. A number that is not finite has no
brightness, and its picture is refused.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dissect.errors import ImagesError

WHITES = (255, 4_095, 65_535)  # of 8, 12 and 16 bits
STRIP_VALUES = 1 << 20  # converted at a time: the temporaries stay small


def picture_of_values(
    values: NDArray[Any], white: int | None = None, negative: bool = False
) -> Image.Image:
    """Turn numbers of any depth into a picture of 8 bits: L, LA, RGB or RGBA.

    Args:
        values: (height, width) or (height, width, bands); of 2 and 4 bands the last is opacity.
        white: the number that the file says is white; by default as the table above says.
        negative: whether the colors are turned over, as where 0 is white.

    Raises:
        ImagesError: a number is not finite, or there are more than 4 bands.
    """
    bands = 1 if values.ndim == 2 else values.shape[2]
    if bands not in (1, 2, 3, 4):
        raise ImagesError(f"it has {bands} channels; a picture has 1 to 4")
    colours, opacity = values, None
    if bands in (2, 4):
        colours, opacity = values[..., :-1], values[..., -1:]
    black, brightest = (0.0, float(white)) if white else black_and_white(colours)
    shades = eight_bits(colours, black, brightest)
    if negative:
        shades = 255 - shades
    if opacity is not None:
        opaque = eight_bits(opacity, 0, _opaque_number(opacity, brightest))
        shades = np.concatenate([shades, opaque], axis=2)
    return Image.fromarray(shades)


def eight_bits(values: NDArray[Any], black: float, white: float) -> NDArray[np.uint8]:
    """Scale the numbers of a picture to 8 bits, 0 to 255, rounded and cut; the shape stays.

    >>> eight_bits(np.array([0, 2048, 4095], dtype=np.uint16), 0, 4095)
    array([  0, 128, 255], dtype=uint8)
    """
    if values.dtype == np.uint8 and (black, white) == (0, 255):
        return values
    shades = np.empty(values.shape, dtype=np.uint8)
    for rows in _strips(values):
        scaled = (values[rows].astype(np.float64) - black) * (255 / (white - black))
        shades[rows] = scaled.round().clip(0, 255)
    return shades


def black_and_white(values: NDArray[Any]) -> tuple[float, float]:
    """The numbers that are black and white in a picture that does not say so.

    Raises:
        ImagesError: a number is NaN or infinite; nothing says what is black.
    """
    least, largest = _range(values)
    if values.dtype.kind == "b":
        return 0, 1
    if least >= 0:
        fractions = values.dtype.kind == "f"
        if fractions and largest <= 1:
            return 0, 1
        if fractions and not _is_whole(values):
            if 64 <= largest <= WHITES[0]:
                return 0, WHITES[0]
        elif white := next((white for white in _whites(values) if largest <= white), None):
            return 0, white
    if least == largest:
        raise ImagesError(
            f"all of its values are {least:g}, so nothing says which are black and which are white"
        )
    return least, largest


def _opaque_number(opacity: NDArray[Any], white: float) -> float:
    """The number that is opaque: as many bits as the colors have, unless it has more.

    Raises:
        ImagesError: a number is NaN or infinite.
    """
    _, largest = _range(opacity)
    if opacity.dtype.kind == "b" or (opacity.dtype.kind == "f" and largest <= 1):
        return 1
    if opacity.dtype.kind == "f":
        return next((number for number in WHITES if largest <= number), largest)
    most = (*_whites(opacity), int(np.iinfo(opacity.dtype).max))
    return next((number for number in most if max(largest, white) <= number), most[-1])


def _whites(values: NDArray[Any]) -> tuple[int, ...]:
    return (*WHITES[:2], 32_767) if values.dtype == np.int16 else WHITES


def _range(values: NDArray[Any]) -> tuple[float, float]:
    """The least and the largest of numbers, all of which must be finite."""
    with np.errstate(invalid="ignore"):
        least, largest = float(values.min()), float(values.max())
    if np.isfinite(least) and np.isfinite(largest):
        return least, largest
    count = sum(int((~np.isfinite(values[rows])).sum()) for rows in _strips(values))
    raise ImagesError(
        f"{count:,} of its {values.size:,} values are NaN or infinite, which have no "
        "brightness: replace them, or leave the picture out"
    )


def _is_whole(values: NDArray[Any]) -> bool:
    return all(bool((values[rows] == np.floor(values[rows])).all()) for rows in _strips(values))


def _strips(values: NDArray[Any]) -> Iterator[slice]:
    """Rows of about STRIP_VALUES numbers."""
    height = len(values)
    step = max(1, STRIP_VALUES * height // max(1, values.size))
    return (slice(first, first + step) for first in range(0, height, step))
