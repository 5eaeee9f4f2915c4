"""Regions as discs: the measured receptive field around every active cell of a unit's map."""

import math

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from dissect.format.masks import MASK_PX, PackedRegions
from dissect.receptive_fields.theoretical import Field

SHARE = 0.5  # of the map's maximum: cells above it are active
WORD = 64  # bits, joined by one instruction
MAX_GROUP = 6  # neighboring cells of a row whose discs are joined beforehand, in all 64 ways
MAX_BYTES = 1 << 27  # of a layer's joined discs; they are kept from one unit to the next


class FieldDiscs:
    """The regions of a layer's maps: discs as wide as its empirical field, around active cells.

    A cell is active if it is above half of the map's maximum, as in the code of Zhou et al.
    (2015, arXiv:1412.6856). A map without a value above 0 has no active cell: its region is
    empty, and `dissect.format.masks.coverage_of` says so.

    Args:
        grid: rows and columns of the maps.
        field_px: the layer's mean empirical field in pixels of the network's view, the disc's
            diameter.
        field: the layer's theoretical field, which says where in the view a cell lies.
        crop: pixels of the view's side.
        side: of the regions, in pixels.
    """

    def __init__(
        self, grid: tuple[int, int], field_px: float, field: Field, crop: int, side: int = MASK_PX
    ) -> None:
        scale = side / crop
        self.side, self.radius = side, field_px / 2 * scale
        self.rows = [field.rows.middle(y) * scale for y in range(grid[0])]
        self.columns = [field.columns.middle(x) * scale for x in range(grid[1])]
        self.words = -(-side // WORD)
        sizes = [size for size in range(1, MAX_GROUP + 1) if self._bytes_of(size) <= MAX_BYTES]
        self.group, self.are_kept = max(sizes, default=1), bool(sizes)
        self._unions: dict[tuple[int, int], NDArray[np.uint64]] = {}

    def __call__(self, maps: Tensor, units: NDArray[np.intp]) -> PackedRegions:
        """The regions of maps of any units (n,), as a segmenter returns them."""
        return self.regions(maps.cpu().numpy())

    def regions(self, maps: NDArray[np.floating]) -> PackedRegions:
        """The regions of maps (n, height, width): (n, side, side / 8) bytes of eight cells."""
        active = maps > SHARE * np.maximum(maps.max(axis=(1, 2), keepdims=True), 0)
        regions = np.zeros((len(maps), self.side, self.words), dtype=np.uint64)
        for y in range(len(self.rows)):
            near = _reached(self.rows[y], self.radius, self.side)[0]
            for x in range(0, len(self.columns), self.group):
                bits = np.packbits(active[:, y, x : x + self.group], axis=-1, bitorder="little")
                pattern = bits[:, 0]  # (n,): bit i is set where cell x + i is active
                if len(some := np.flatnonzero(pattern)):
                    regions[some, near] |= self._unions_of(y, x)[pattern[some]]
        packed: PackedRegions = regions.view(np.uint8)[..., : -(-self.side // 8)]
        return packed

    def _bytes_of(self, group: int) -> int:
        """What the joined discs of all groups of so many cells take, at most."""
        reached = min(self.side, math.ceil(2 * self.radius) + 1)
        groups = len(self.rows) * -(-len(self.columns) // group)
        return groups * (1 << group) * reached * self.words * 8

    def _unions_of(self, y: int, x: int) -> NDArray[np.uint64]:
        """Join the discs around cells x, x + 1, ... of a row in every way: (ways, rows, words)."""
        if (known := self._unions.get((y, x))) is not None:
            return known
        discs = self._discs(self.rows[y], self.columns[x : x + self.group])
        unions = np.zeros((2 ** len(discs), *discs.shape[1:]), dtype=np.uint64)
        for bit, disc in enumerate(discs):
            unions[2**bit : 2 ** (bit + 1)] = unions[: 2**bit] | disc
        if self.are_kept:
            self._unions[y, x] = unions
        return unions

    def _discs(self, row: float, columns: list[float]) -> NDArray[np.uint64]:
        """The discs around some cells of a row: (columns, pixel rows that they reach, words)."""
        _, below = _reached(row, self.radius, self.side)
        discs = np.zeros((len(columns), len(below), self.side), dtype=bool)
        for x, column in enumerate(columns):
            across, squared = _reached(column, self.radius, self.side)
            discs[x, :, across] = squared <= np.float32(self.radius**2) - below[:, None]
        packed = np.zeros((*discs.shape[:2], self.words * WORD // 8), dtype=np.uint8)
        packed[..., : -(-self.side // 8)] = np.packbits(discs, axis=-1)
        return packed.view(np.uint64)


def _reached(centre: float, radius: float, side: int) -> tuple[slice, NDArray[np.float32]]:
    """The pixels along a side that a disc may reach, and their squared distances to its center."""
    first, end = math.floor(centre - radius), math.ceil(centre + radius)
    near = slice(min(max(first, 0), side), min(max(end, 0), side))
    middles = np.arange(near.start, near.stop, dtype=np.float32) + np.float32(0.5)
    return near, (middles - np.float32(centre)) ** 2
