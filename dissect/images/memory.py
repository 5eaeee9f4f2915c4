"""How much memory a picture may take while it is decoded, by its size and its format.

A header costs nothing to write: 30,000 x 30,000 pixels are a few bytes in a file. So a picture's
size is checked before it is decoded. Any one takes at most MAX_BYTES, and pictures that take more
than LARGE_BYTES are decoded one at a time, whatever the number of threads.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from dissect.errors import ImagesError

MAX_PIXELS = 178_956_970  # Pillow's limit: a larger image may be a decompression bomb
MAX_BYTES = 2 << 30  # for decoding and cropping any one picture
LARGE_BYTES = MAX_BYTES // 4
MAX_FILE_BYTES = 1 << 30  # of an image inside a tar or a bucket, which is read as a whole
# Bytes a pixel at the peak of decoding, measured with benchmarks/decoding.py and rounded up.
BYTES_PER_PIXEL = {"WEBP": 22, "AVIF": 20, "JPEG2000": 20, "HEIF": 20}  # by format
OF_OTHER_FORMATS = 12
OF_SIXTEEN_BITS = 32  # colors of 16 bits that are decoded twice

_one_large = Lock()


def check_size(width: int, height: int, bytes_per_pixel: float = OF_OTHER_FORMATS) -> None:
    """Refuse a picture that would take too much memory.

    Args:
        bytes_per_pixel: at the peak of its decoding.

    Raises:
        ImagesError: it has more than MAX_PIXELS, or would take more than MAX_BYTES.
    """
    if width * height > MAX_PIXELS:
        raise ImagesError(f"{width} x {height} is above {MAX_PIXELS:,} pixels")
    if width * height * bytes_per_pixel > MAX_BYTES:
        most = int(MAX_BYTES / bytes_per_pixel)
        raise ImagesError(f"{width} x {height} is above {most:,} pixels, the limit of its kind")


@contextmanager
def room_for(width: int, height: int, form: str | None) -> Iterator[None]:
    """Keep memory free for a picture while it is decoded; a large one waits for the others.

    Raises:
        ImagesError: it would take too much memory.
    """
    of_each = BYTES_PER_PIXEL.get(form or "", OF_OTHER_FORMATS)
    check_size(width, height, of_each)
    if width * height * of_each <= LARGE_BYTES:
        yield
        return
    with _one_large:
        yield


def check_file_size(size: int) -> None:
    """Refuse a file that would be read as a whole and is too large for a picture.

    Raises:
        ImagesError: it has more than MAX_FILE_BYTES.
    """
    if size > MAX_FILE_BYTES:
        raise ImagesError(f"its file of {size:,} bytes is above {MAX_FILE_BYTES:,}")
