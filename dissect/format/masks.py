"""Regions as pixels: packed eight cells a byte in memory, and many of them on one PNG sheet.

A region is a square of MASK_PX cells over the network's view of an image, true where the unit
looks. A sheet shows regions of equal size row by row; cells after the last region are empty.
"""

import io
import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dissect.errors import BadDissection

MASK_PX = 224  # side of a region; a reader takes the side from the sheet, and older ones have 112
SHEET_COLUMNS = 10  # regions in a row of a dissection's sheet
OTHER_PART_ALPHA = 140  # of 255: parts beside the one of the peak, where there are many
FILTER_UP = 2  # each line as its difference to the one above, which is mostly 0 in masks

Regions = NDArray[np.bool_]  # (n, side, side)
PackedRegions = NDArray[np.uint8]  # (n, side, side / 8, rounded up): eight cells a byte


def pack_regions(regions: Regions) -> PackedRegions:
    """Pack masks (n, side, side), eight cells a byte."""
    return np.packbits(regions, axis=-1)


def unpack_regions(packed: PackedRegions) -> Regions:
    """Unpack masks in memory: the inverse of `pack_regions`."""
    regions: Regions = np.unpackbits(packed, axis=-1, count=packed.shape[-2]).view(bool)
    return regions


def encode_sheet(regions: Regions, columns: int = SHEET_COLUMNS) -> bytes:
    """Encode a dissection's sheet of masks: a 1-bit PNG, white where the unit looks.

    Args:
        regions: (n, side, side), at least one.
    """
    if regions.shape[-1] % 8:
        return encode_bits(_tiled(regions, columns))
    return encode_packed_sheet(pack_regions(regions), columns)


def encode_packed_sheet(packed: PackedRegions, columns: int = SHEET_COLUMNS) -> bytes:
    """Encode packed masks as a dissection's sheet: a 1-bit PNG; their side is a multiple of 8."""
    sheet = _tiled(packed, columns)
    return _png((len(sheet), columns * packed.shape[-2]), 1, sheet)


def encode_overlay(levels: NDArray[Any], columns: int) -> bytes:
    """Encode masks as a PNG sheet that is laid over pictures: transparent outside the regions.

    Args:
        levels: (n, side, side), at least one; 0 or False is outside. A region is opaque at level
            1 and translucent at level 2, as `dissect.format.tiles.lit_levels` numbers them.
    """
    sheet = _tiled(levels, columns)
    return encode_bits(sheet, transparent=True) if sheet.max() <= 1 else _levels(sheet)


def decode_sheet(content: bytes, columns: int = SHEET_COLUMNS, first: int | None = None) -> Regions:
    """Decode the masks of a PNG sheet of either kind, the empty cells at its end included.

    Args:
        first: decode the rows of the first so many masks alone; None decodes all.

    Returns:
        (n, side, side), n a multiple of `columns`.

    Raises:
        BadDissection: the bytes are no picture, or its cells are no squares.
    """
    try:
        with Image.open(io.BytesIO(content)) as picture:
            bits = np.asarray(_first_rows(picture, columns, first)) != 0
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


def _first_rows(picture: Image.Image, columns: int, first: int | None) -> Image.Image:
    """The part of a sheet with its first so many masks; all of it where it has no more."""
    height = picture.height if first is None else -(-first // columns) * (picture.width // columns)
    if not 0 < height < picture.height:
        return picture
    return picture.crop((0, 0, picture.width, height))


def _tiled(cells: NDArray[Any], columns: int) -> NDArray[Any]:
    """(n, height, width) cells of a sheet as one (rows * height, columns * width) array."""
    count, height, width = cells.shape
    rows = -(-count // columns)
    tiled = np.zeros((rows * columns, height, width), dtype=cells.dtype)
    tiled[:count] = cells
    # (rows, columns, height, width) to (rows, height, columns, width)
    in_rows = tiled.reshape(rows, columns, height, width).swapaxes(1, 2)
    return in_rows.reshape(rows * height, columns * width)


def encode_bits(bits: NDArray[np.bool_], transparent: bool = False) -> bytes:
    """Encode a mask as 1-bit PNG: white where true, and elsewhere black or transparent."""
    packed = np.packbits(bits.astype(bool), axis=1)
    return _png(bits.shape, 1, packed, alphas=b"\0\xff" if transparent else b"")


def _levels(levels: NDArray[np.uint8]) -> bytes:
    """A 2-bit PNG of levels 0 to 2, of which the last is translucent."""
    height, width = levels.shape
    fours = np.zeros((height, -(-width // 4), 4), dtype=np.uint8)
    fours.reshape(height, -1)[:, :width] = levels
    packed = (fours << np.array([6, 4, 2, 0], dtype=np.uint8)).sum(axis=2, dtype=np.uint8)
    return _png(levels.shape, 2, packed, bytes([0, 255, OTHER_PART_ALPHA]))


def _png(
    shape: tuple[int, ...], depth: int, packed: NDArray[np.uint8], alphas: bytes = b""
) -> bytes:
    """A PNG of `depth` bits a pixel: gray, or a palette with an alpha for each of its colors.

    Written here because Pillow holds Python's lock while it encodes, so threads would wait.
    """
    height, width = shape
    lines = np.empty((height, 1 + packed.shape[1]), dtype=np.uint8)  # each begins with its filter
    lines[:, 0], lines[:1, 1:] = FILTER_UP, packed[:1]
    np.subtract(packed[1:], packed[:-1], out=lines[1:, 1:])
    header = struct.pack(">IIBBBBB", width, height, depth, 3 if alphas else 0, 0, 0, 0)
    colours = b"\0\0\0" + b"\xff\xff\xff" * (len(alphas) - 1)
    palette = _chunk(b"PLTE", colours) + _chunk(b"tRNS", alphas)
    return b"".join([
        b"\x89PNG\r\n\x1a\n",
        _chunk(b"IHDR", header),
        palette if alphas else b"",
        _chunk(b"IDAT", _deflated(lines.tobytes())),
        _chunk(b"IEND", b""),
    ])  # fmt: skip


def _deflated(lines: bytes) -> bytes:
    """Compress by runs of one byte: of filtered masks smaller than zlib's level 2, and sooner."""
    runs = zlib.compressobj(level=1, strategy=zlib.Z_RLE)
    return runs.compress(lines) + runs.flush()


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


def coverage_of(regions: PackedRegions) -> NDArray[np.float32]:
    """The share of the view that each packed mask covers, (n,): 0 to 1."""
    count, side, _ = regions.shape
    covered = np.bitwise_count(regions).reshape(count, -1).sum(axis=1, dtype=np.int64)
    share: NDArray[np.float32] = (covered / (side * side)).astype(np.float32)
    return share
