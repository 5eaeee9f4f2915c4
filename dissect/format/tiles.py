"""Tiles: the square of a picture that a HIT shows of an image, cut around the unit's region.

A region is (side, side) bool over the network's view of an image. It consists of parts, and the
tile is centered on the part that contains the peak of the unit's map. Boxes and peaks are in shares
of the view, so that they apply to a mask and to a picture of any size.

`tile_drawing` draws one with Pillow.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dissect.format.region_parts import Parts, Peak, Region, parts_of

MARGIN = 2.5  # side of a tile, as a multiple of the longer side of its part
MIN_SIDE = 1 / 3  # of the view
MAX_CROPPED_SHARE = 0.4  # a region that covers more of the view shows the whole picture
INSET_SHARE = 0.3  # side of the inset, which shows the whole picture, as a share of the tile's
MANY_PARTS = 4  # with as many parts or more, only the part with the peak is fully lit

OUTSIDE, LIT, OTHER_PART = 0, 1, 2  # the levels of a tile's pixels


class Box(NamedTuple):
    """A square of the view: its left and top edge and its side, in shares of the view."""

    left: float
    top: float
    side: float

    @property
    def is_whole(self) -> bool:
        return self.side >= 1

    @property
    def inset_corner(self) -> int:
        """The lower corner of the tile for an inset of INSET_SHARE: 0 left, 1 right.

        In this corner the inset hides nothing of the part that the tile is cut around. The part
        takes at most the middle 1 / MARGIN of the tile, or lies in another corner if the tile was
        moved inside the view.
        """
        return int(self.left <= 0 and self.top + self.side >= 1 - 1e-9)

    @property
    def mirrored(self) -> "Box":
        """The same square in the picture mirrored left to right."""
        return Box(max(0.0, 1 - self.left - self.side), self.top, self.side)


WHOLE = Box(0.0, 0.0, 1.0)


def crop_box(region: Region, peak: Peak) -> Box:
    """The square of the view that a tile shows.

    The square is centered on the part of the region that contains the peak. Its side is MARGIN
    times the longer side of the part, and at least MIN_SIDE. It is moved inside the view. The tile
    of an empty region, or of one that covers more than MAX_CROPPED_SHARE of the view, shows the
    whole picture.
    """
    return _box_around(parts_of(region), peak) if _is_cropped(region) else WHOLE


def _is_cropped(region: Region) -> bool:
    return bool(0 < np.count_nonzero(region) <= MAX_CROPPED_SHARE * region.size)


def _box_around(parts: Parts, peak: Peak) -> Box:
    """The box around the part that contains the peak."""
    edges = parts.edges(parts.of_peak(peak))
    top, bottom, left, right = (edge / parts.shape[0] for edge in edges)
    side = min(1.0, max(MIN_SIDE, MARGIN * max(bottom - top, right - left)))
    return Box(_inside((left + right) / 2, side), _inside((top + bottom) / 2, side), side)


def _inside(centre: float, side: float) -> float:
    """The lower edge of a square around a center, moved inside the view."""
    return min(max(0.0, centre - side / 2), 1 - side)


def lit_levels(region: Region, peak: Peak) -> NDArray[np.uint8]:
    """The levels of a tile's pixels, (side, side): OUTSIDE, LIT or OTHER_PART.

    Of MANY_PARTS parts or more only the one with the peak is LIT; of fewer, all parts are.
    """
    return _levels(region, parts_of(region), peak)


def _levels(region: Region, parts: Parts, peak: Peak) -> NDArray[np.uint8]:
    levels = region.astype(np.uint8)
    if parts.count >= MANY_PARTS:
        labels = parts.labels()
        levels[region & (labels != parts.of_peak(peak))] = OTHER_PART
    return levels


def crop_and_levels(region: Region, peak: Peak) -> tuple[Box, NDArray[np.uint8]]:
    """Compute the crop box of a tile and the levels of its pixels together, which is faster."""
    parts = parts_of(region)
    box = _box_around(parts, peak) if _is_cropped(region) else WHOLE
    return box, _levels(region, parts, peak)
