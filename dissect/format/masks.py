"""Regions as pixels: packed eight cells a byte in memory, and many of them on one PNG sheet.

A region is a square of MASK_PX cells over the network's view of an image, true where the unit
looks. A sheet shows regions of equal size row by row; cells after the last region are empty.
"""

import io
import struct
import zlib

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dissect.errors import BadDissection

MASK_PX = 112  # side of a region
SHEET_COLUMNS = 10  # regions in a row of a dissection's sheet
COMPRESSION = 3  # of zlib: 6 takes twice as long and saves a tenth of the bytes

Regions = NDArray[np.bool_]  # (n, side, side)


def pack_regions(regions: Regions) -> NDArray[np.uint8]:
    """Pack masks (n, side, side), eight cells a byte; the side is a multiple of 8."""
    return np.packbits(regions, axis=-1)


def unpack_regions(packed: NDArray[np.uint8]) -> Regions:
    """Unpack masks in memory: the inverse of `pack_regions`."""
    return np.unpackbits(packed, axis=-1).astype(bool)


def encode_sheet(regions: Regions, columns: int = SHEET_COLUMNS) -> bytes:
    """Encode a dissection's sheet of masks: a 1-bit PNG, white where the unit looks.

    Args:
        regions: (n, side, side), at least one.
    """
    return encode_bits(_tiled(regions, columns))


def encode_overlay(regions: Regions, columns: int) -> bytes:
    """Encode a sheet of masks that a page lays over pictures: transparent outside the regions.

    Args:
        regions: (n, side, side), at least one.
    """
    return encode_bits(_tiled(regions, columns), transparent=True, compression=6)


def decode_sheet(content: bytes, columns: int = SHEET_COLUMNS) -> Regions:
    """Decode the masks of a PNG sheet of either kind, the empty cells at its end included.

    Returns:
        (n, side, side), n a multiple of `columns`.

    Raises:
        BadDissection: the bytes are no picture, or its cells are no squares.
    """
    try:
        with Image.open(io.BytesIO(content)) as picture:
            bits = np.asarray(picture) != 0
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise BadDissection(f"This is no sheet of masks: {error}.") from error
    height, width = bits.shape[:2]
    side = width // columns
    if bits.ndim != 2 or not side or width % columns or height % side:
        raise BadDissection(
            f"This is no sheet of masks: {width} x {height} pixels of {picture.mode} are not "
            f"{columns} squares in a row."
        )
    # (rows, side, columns, side) to (rows, columns, side, side)
    cells = bits.reshape(height // side, side, columns, side).swapaxes(1, 2)
    regions: Regions = cells.reshape(-1, side, side)
    return regions


def _tiled(regions: Regions, columns: int) -> NDArray[np.bool_]:
    """(n, side, side) regions as one (rows * side, columns * side) array."""
    count, side, _ = regions.shape
    rows = -(-count // columns)
    cells = np.zeros((rows * columns, side, side), dtype=bool)
    cells[:count] = regions
    # (rows, columns, side, side) to (rows, side, columns, side)
    tiled = cells.reshape(rows, columns, side, side).swapaxes(1, 2)
    return tiled.reshape(rows * side, columns * side)


def encode_bits(
    bits: NDArray[np.bool_], transparent: bool = False, compression: int = COMPRESSION
) -> bytes:
    """Encode a mask as 1-bit PNG: white where true, and elsewhere black or transparent.

    Written here because Pillow holds Python's lock while it encodes, so threads would wait.
    """
    height, width = bits.shape
    lines = np.zeros((height, 1 + -(-width // 8)), dtype=np.uint8)  # each begins with filter 0
    lines[:, 1:] = np.packbits(bits, axis=1)
    colour_type = 3 if transparent else 0  # a palette, or grey
    header = struct.pack(">IIBBBBB", width, height, 1, colour_type, 0, 0, 0)
    palette = _chunk(b"PLTE", b"\0\0\0\xff\xff\xff") + _chunk(b"tRNS", b"\0")
    return b"".join([
        b"\x89PNG\r\n\x1a\n",
        _chunk(b"IHDR", header),
        palette if transparent else b"",
        _chunk(b"IDAT", zlib.compress(lines.tobytes(), compression)),
        _chunk(b"IEND", b""),
    ])  # fmt: skip


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)
