"""Reads the regions of another framework's top images, each a mask in a file of its own."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from annotator.dissection_reader import DissectionError
from annotator.dissection_reader.foreign import ForeignDissection, ForeignRow
from dissect.format.masks import MASK_PX
from dissect.images.image_list import MAX_PIXELS, ImageList
from dissect.images.preprocessing import Preprocessing

ALIKE = 0.02  # a mask is of the whole image if the ratios of their sides differ by no more


def region(
    found: ForeignDissection,
    row: ForeignRow,
    images: ImageList,
    place: dict[str, int],
    view: Preprocessing,
) -> NDArray[np.bool_]:
    """A region in the network's view, (MASK_PX, MASK_PX); all of it where the table has none."""
    if not row.mask:
        return np.ones((MASK_PX, MASK_PX), dtype=bool)
    try:
        with Pillow.open(found.path.parent / row.mask) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise OSError(f"{picture.width} x {picture.height} is too large")
            cells = np.asarray(picture)
    except (OSError, ValueError, Pillow.DecompressionBombError) as error:
        raise DissectionError(
            f"Line {row.line}: mask {row.mask} cannot be read: {error}."
        ) from error
    if cells.ndim != 2:
        raise DissectionError(f"Line {row.line}: mask {row.mask} must have one channel.")
    image = images.open(place[row.image])
    return _seen(cells > 0, (image.width, image.height), view, row)


def _seen(
    mask: NDArray[np.bool_], image: tuple[int, int], view: Preprocessing, row: ForeignRow
) -> NDArray[np.bool_]:
    """The network's view of a mask of the whole image; a square one is of the view already."""
    height, width = mask.shape
    box: tuple[float, float, float, float]
    if abs(width / height / (image[0] / image[1]) - 1) <= ALIKE:
        box = view.box(width, height)
    elif width == height:
        box = (0, 0, width, height)
    else:
        raise DissectionError(
            f"Line {row.line}: mask {row.mask} is {width} x {height}, its image "
            f"{image[0]} x {image[1]}: it must have the image's shape, or be square."
        )
    picture = Pillow.fromarray(mask.astype(np.uint8))
    size = (MASK_PX, MASK_PX)
    return np.asarray(picture.resize(size, Pillow.Resampling.NEAREST, box=box)) > 0
