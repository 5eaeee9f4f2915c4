"""TIFF files that Pillow does not read, or reads wrongly: floats, wide samples, separate planes.

Pillow takes 16-bit samples in separate planes for interleaved ones, wraps 32-bit numbers around,
and does not turn 16-bit negatives (WhiteIsZero) over. tifffile reads all of them, but for some
compressions it needs imagecodecs; Pillow then reads what it reads rightly.
"""

from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dissect.errors import ImagesError
from dissect.images.formats import beginning
from dissect.images.memory import check_size
from dissect.images.values import picture_of_values

MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
COLOURS = {"MINISBLACK": 1, "MINISWHITE": 1, "RGB": 3}  # photometric interpretation: bands
ALPHA = (1, 2)  # kinds of extra sample that are opacity; colors are multiplied by the first
PREMULTIPLIED = {"LA": "La", "RGBA": "RGBa"}
BITS, PHOTOMETRIC, ORIENTATION, PLANAR, SAMPLE_FORMAT = 258, 262, 274, 284, 339  # tags


class NotForTifffile(ImagesError):
    """Its colors are of another kind, or its compression needs a package that is not installed."""


def is_tiff(file: Path | BinaryIO) -> bool:
    """Whether a file starts as a TIFF does."""
    return beginning(file, 4) in MAGIC


def is_deep(tags: Any) -> bool:
    """Whether the samples of a TIFF are anything but unsigned numbers of at most 8 bits; gray and
    opacity in planes, which Pillow does not decode, count too.

    Args:
        tags: Pillow's, of an opened TIFF.
    """
    formats = np.atleast_1d(tags.get(SAMPLE_FORMAT, 1))
    bits = np.atleast_1d(tags.get(BITS, 1))
    return max(bits) > 8 or set(formats.tolist()) != {1} or (len(bits) == 2 and _in_planes(tags))


def pillow_reads_rightly(tags: Any) -> bool:
    """Whether Pillow reads the deep samples of a TIFF that it opens: one after the other, and not
    negative.
    """
    return not _in_planes(tags) and tags.get(PHOTOMETRIC) != 0


def _in_planes(tags: Any) -> bool:
    return bool(tags.get(PLANAR, 1) == 2)


def read_tiff(file: Path | BinaryIO) -> tuple[Image.Image, int]:
    """Read the first page of a TIFF with tifffile.

    Returns:
        picture, orientation: in L, LA, RGB or RGBA, not yet turned; 1 to 8 as in EXIF.

    Raises:
        NotForTifffile: Pillow may be able to read it.
        ImagesError: it is no picture of 1 to 4 channels, or cannot be read.
    """
    import tifffile  # takes a tenth of a second, and most image lists have no such file

    if not isinstance(file, Path):
        file.seek(0)
    with tifffile.TiffFile(file) as tiff:
        page: Any = tiff.pages[0]
        kind = page.photometric.name if hasattr(page.photometric, "name") else "unknown"
        if kind not in COLOURS:
            raise NotForTifffile(f"a TIFF of {page.dtype} values as {kind} is not read")
        check_size(page.imagewidth, page.imagelength, 4 + 2 * page.nbytes / max(1, _area(page)))
        values = _pixels(page, _decoded(page), COLOURS[kind])
        tag = page.tags.get(ORIENTATION)
    white = (1 << page.bitspersample) - 1 if page.bitspersample in (10, 12, 14) else None
    picture = picture_of_values(values, white, negative=kind == "MINISWHITE")
    if picture.mode in PREMULTIPLIED and page.extrasamples[0] == ALPHA[0]:
        packed = Image.frombytes(PREMULTIPLIED[picture.mode], picture.size, picture.tobytes())
        picture = packed.convert(picture.mode)
    return picture, int(tag.value) if tag else 1


def _area(page: Any) -> int:
    return int(page.imagewidth * page.imagelength)


def _decoded(page: Any) -> NDArray[Any]:
    try:
        return np.asarray(page.asarray(maxworkers=1))
    except (ValueError, KeyError, NotImplementedError) as error:
        if "imagecodecs" in str(error):
            raise NotForTifffile(
                f"{page.compression.name} compression of {page.dtype} values needs a package that "
                "is not installed: pip install imagecodecs"
            ) from error
        raise


def _pixels(page: Any, values: NDArray[Any], colours: int) -> NDArray[Any]:
    """The values as (height, width) or (height, width, bands), with opacity as the last band."""
    if page.axes == "SYX":
        values = np.moveaxis(values, 0, 2)
    elif page.axes not in ("YX", "YXS"):
        raise ImagesError(f"a TIFF with axes {page.axes} is not read: a picture has YX or YXS")
    bands = 1 if values.ndim == 2 else values.shape[2]
    has_alpha = bands == colours + 1 and page.extrasamples[:1] and page.extrasamples[0] in ALPHA
    if bands != colours and not has_alpha:
        raise ImagesError(f"it has {bands} channels of which {colours} are colors")
    return values
