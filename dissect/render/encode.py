"""Pictures as bytes, encoded so that threads can do it at the same time."""

import os
import struct
import tempfile
import zlib
from typing import IO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

QUALITY = 84  # of JPEG
LEVEL = 3  # of zlib: 6 takes twice as long for a tenth fewer bytes


def jpeg(image: Image.Image) -> bytes:
    """An image as JPEG.

    Pillow holds Python's lock while it encodes into memory, and lets go of it for a file.
    """
    with _scratch() as file:
        image.save(file, "JPEG", quality=QUALITY)
        file.seek(0)
        content: bytes = file.read()
    return content


def _scratch() -> IO[bytes]:
    """A file without a name, in memory where the system has such files."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("jpeg"), "w+b", buffering=0)
    return tempfile.TemporaryFile(buffering=0)


def bits_png(bits: NDArray[np.bool_]) -> bytes:
    """A 1-bit PNG, white where true: (height, width)."""
    height, width = bits.shape
    lines = np.zeros((height, 1 + -(-width // 8)), dtype=np.uint8)  # a filter byte, 0, leads each
    lines[:, 1:] = np.packbits(bits, axis=1)
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(lines.tobytes(), LEVEL)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    length, check = struct.pack(">I", len(content)), struct.pack(">I", zlib.crc32(kind + content))
    return length + kind + content + check
