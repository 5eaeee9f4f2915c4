"""Writes image files of any kind into memory, byte by byte where no library writes them."""

import io
import struct
import zlib

import numpy as np
import tifffile
from PIL import Image

COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}  # bands of a PNG: its color type


def tiff(values, **options):
    """A TIFF of numbers of any type."""
    file = io.BytesIO()
    tifffile.imwrite(file, values, **options)
    return file


def by_pillow(image, form, **options):
    file = io.BytesIO()
    image.save(file, form, **options)
    return file


def png(values, bits=16, transparent=b""):
    """A PNG of (height, width) or (height, width, bands) whole numbers."""
    height, width = values.shape[:2]
    bands = 1 if values.ndim == 2 else values.shape[2]
    rows = values.astype(">u2" if bits == 16 else np.uint8)
    head = struct.pack(">IIBBBBB", width, height, bits, COLOUR_TYPES[bands], 0, 0, 0)
    body = zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows))
    chunks = [(b"IHDR", head), (b"IDAT", body), (b"IEND", b"")]
    if transparent:
        chunks.insert(1, (b"tRNS", transparent))
    return io.BytesIO(b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks))


def one_bit_png(width, height):
    """A white PNG of one bit a pixel, small in a file whatever its size."""
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    packer, row = zlib.compressobj(9), b"\0" + b"\xff" * -(-width // 8)
    body = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    chunks = [(b"IHDR", head), (b"IDAT", body), (b"IEND", b"")]
    return io.BytesIO(b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks))


def _chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def grey_image(shades, mode="L"):
    return Image.fromarray(shades.astype(np.uint8)).convert(mode)


def cmyk_profile(lab_of_ink):
    """An ICC profile of a printer, from the CIE Lab color of each of its 16 full mixtures of ink.

    Args:
        lab_of_ink: called with cyan, magenta, yellow and black, each 0 or 1.
    """
    inks = [[number >> bit & 1 for bit in (3, 2, 1, 0)] for number in range(16)]
    nodes = bytes(round(value) for ink in inks for value in _lab_bytes(*lab_of_ink(*ink)))
    straight = bytes(range(256))
    matrix = struct.pack(">9i", *(65536 * (n % 4 == 0) for n in range(9)))
    table = b"mft1\0\0\0\0" + bytes([4, 3, 2, 0]) + matrix + straight * 4 + nodes + straight * 3
    white = b"XYZ \0\0\0\0" + struct.pack(">3i", 63190, 65536, 54061)
    words = b"text\0\0\0\0none\0"
    desc = b"desc\0\0\0\0" + struct.pack(">I", 5) + b"test\0" + bytes(78)
    tags, content, offset = [], b"", 128 + 4 + 12 * 4
    for name, data in ((b"A2B0", table), (b"wtpt", white), (b"cprt", words), (b"desc", desc)):
        padded = data + bytes(-len(data) % 4)
        tags.append(name + struct.pack(">II", offset + len(content), len(data)))
        content += padded
    size = offset + len(content)
    head = struct.pack(
        ">I4sI4s4s4s12x4s28x3i48x", size, b"lcms", 0x02400000, b"prtr", b"CMYK", b"Lab ", b"acsp",
        63190, 65536, 54061,
    )  # fmt: skip
    assert len(head) == 128, len(head)
    return head + struct.pack(">I", 4) + b"".join(tags) + content


def _lab_bytes(light, a, b):
    return light * 2.55, a + 128, b + 128
