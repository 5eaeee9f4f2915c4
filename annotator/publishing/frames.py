"""Frames: what a HIT lights of each of its pictures, and the square that its tile shows of it."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from annotator.models import Exemplar
from dissect.format.tiles import LIT, Box, Peak, crop_box, lit_levels

BORROWED = (Exemplar.Role.CATCH, Exemplar.Role.RANDOM)  # roles whose regions are other images'
MAX_ZOOM = 8.0
BISECTION_STEPS = 10


class Frame(NamedTuple):
    """A picture of a HIT: the level of each pixel of the view, (side, side), and the crop."""

    levels: NDArray[np.uint8]
    box: Box


def frame_of(exemplar: Exemplar, masks: NDArray[np.bool_], peaks: NDArray[np.float32]) -> Frame:
    """What a HIT lights of a picture, and where it is cropped.

    Region, parts, peak and crop come together from one image: for a catch image and a random one,
    from the image that lends its region, which is resized to the coverage of the exemplar. The
    frame of a repeat is mirrored like its picture. An empty region is lit whole, because a picture
    that is dimmed all over shows nothing.

    Args:
        masks: (regions, side, side), the unit's regions by mask number.
        peaks: (regions, 2), the peak of each, (y, x) in shares of the view.
    """
    region, (y, x) = masks[exemplar.mask], peaks[exemplar.mask].tolist()
    if exemplar.role == Exemplar.Role.REPEAT:
        region, x = region[:, ::-1], 1 - x
    elif exemplar.role in BORROWED:
        region = resized(region, exemplar.coverage)
    return frame(region, (y, x))


def frame(region: NDArray[np.bool_], peak: Peak) -> Frame:
    """The frame of a picture from its region, (side, side), and the peak of its map."""
    box = crop_box(region, peak)
    levels = lit_levels(region, peak) if region.any() else np.full(region.shape, LIT, np.uint8)
    return Frame(levels, box)


def resized(region: NDArray[np.bool_], share: float) -> NDArray[np.bool_]:
    """Grow or shrink a region of a HIT until it covers a share of the picture.

    The zoom is found by bisection, and is limited to MAX_ZOOM. A region that has the area already,
    to the pixel, is returned as it is.

    Args:
        region: (side, side) bool.
        share: from 0 (empty) to 1 (whole).
    """
    if abs(region.mean() - share) <= 1 / region.size:
        return region
    if share <= 0 or share >= 1 or not region.any():
        return np.full_like(region, share >= 1)
    low, high, best = 1 / MAX_ZOOM, MAX_ZOOM, region
    for _ in range(BISECTION_STEPS):
        factor = (low * high) ** 0.5
        zoomed = _zoomed(region, factor)
        if zoomed.any() and abs(zoomed.mean() - share) < abs(best.mean() - share):
            best = zoomed
        low, high = (factor, high) if zoomed.mean() < share else (low, factor)
    return best


def _zoomed(region: NDArray[np.bool_], factor: float) -> NDArray[np.bool_]:
    y, x = (float(positions.mean()) + 0.5 for positions in np.nonzero(region))
    inverse = (1 / factor, 0, x - x / factor, 0, 1 / factor, y - y / factor)
    picture = Pillow.fromarray(np.where(region, 255, 0).astype(np.uint8))
    drawn = picture.transform(
        picture.size, Pillow.Transform.AFFINE, inverse, Pillow.Resampling.BILINEAR
    )
    zoomed: NDArray[np.bool_] = np.asarray(drawn) >= 128
    return zoomed
