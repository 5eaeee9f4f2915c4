"""Regions as discs: the measured receptive field around every active cell of a unit's map."""

import math
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dissect.format.masks import MASK_PX
from dissect.receptive_fields.theoretical import Field

SHARE = 0.5  # of the map's maximum: cells above it are active
MAX_KEPT_ROWS = 64  # of a map whose discs are kept from one unit to the next
MAX_BYTES = 1 << 26  # of discs that are joined at once
WORD = 64  # bits, joined by one instruction


def field_regions(
    maps: Tensor, field_px: float, field: Field, crop: int, side: int = MASK_PX
) -> Tensor:
    """Segment by discs as wide as the layer's empirical field, around a map's active cells.

    A cell is active if it is above half of the map's maximum, as in the code of Zhou et al.
    (2015, arXiv:1412.6856). A map without a value above 0 has no active cell: its region is
    empty, and `dissect.segmentation.regions.coverage_of` says so.

    Args:
        maps: (n, height, width).
        field_px: the layer's mean empirical field in pixels of the network's view, the disc's
            diameter.
        field: the layer's theoretical field, which says where in the view a cell lies.
        crop: pixels of the view's side.
        side: of the regions, in pixels.

    Returns:
        (n, side, side) bool.
    """
    values, scale = maps.cpu().numpy(), side / crop
    active = values > SHARE * np.maximum(values.max(axis=(1, 2), keepdims=True), 0)
    rows = [field.centre(y, 0)[0] * scale for y in range(maps.shape[1])]
    columns = tuple(field.centre(0, x)[1] * scale for x in range(maps.shape[2]))
    radius = field_px / 2 * scale
    discs_of = _discs if len(rows) <= MAX_KEPT_ROWS else _discs.__wrapped__
    regions = np.zeros((len(maps), side, -(-side // WORD)), dtype=np.uint64)
    at_once = max(1, MAX_BYTES // (len(columns) * regions[0].nbytes))
    for first in range(0, len(maps), at_once):
        some = slice(first, first + at_once)
        for y, row in enumerate(rows):
            image, x = np.nonzero(active[some, y])
            if len(image):
                _join(regions[some], image, x, *discs_of(row, columns, radius, side))
    bits = np.unpackbits(regions.view(np.uint8), axis=-1, count=side)
    return torch.from_numpy(bits.view(bool)).to(maps.device)


def _join(
    regions: NDArray[np.uint64],
    image: NDArray[np.intp],
    x: NDArray[np.intp],
    near: slice,
    discs: NDArray[np.uint64],
) -> None:
    """Add the discs of a row's active cells to regions: (cells,) `image` in order, and `x`."""
    starts = np.flatnonzero(np.diff(image, prepend=-1))  # of each image's cells
    regions[image[starts], near] |= np.bitwise_or.reduceat(discs[x], starts, axis=0)


@lru_cache(maxsize=MAX_KEPT_ROWS)
def _discs(
    row: float, columns: tuple[float, ...], radius: float, side: int
) -> tuple[slice, NDArray[np.uint64]]:
    """The discs around the cells of one row of a map.

    Returns:
        near, discs: the pixel rows that they reach, and (columns, pixel rows, words) of bits.
    """
    near, below = _reached(row, radius, side)
    discs = np.zeros((len(columns), len(below), side), dtype=bool)
    for x, column in enumerate(columns):
        across, squared = _reached(column, radius, side)
        discs[x, :, across] = squared <= np.float32(radius**2) - below[:, None]
    packed = np.zeros((*discs.shape[:2], -(-side // WORD) * WORD // 8), dtype=np.uint8)
    packed[..., : -(-side // 8)] = np.packbits(discs, axis=-1)
    return near, packed.view(np.uint64)


def _reached(centre: float, radius: float, side: int) -> tuple[slice, NDArray[np.float32]]:
    """The pixels along a side that a disc may reach, and their squared distances to its center."""
    first, end = math.floor(centre - radius), math.ceil(centre + radius)
    near = slice(min(max(first, 0), side), min(max(end, 0), side))
    middles = np.arange(near.start, near.stop, dtype=np.float32) + np.float32(0.5)
    return near, (middles - np.float32(centre)) ** 2
