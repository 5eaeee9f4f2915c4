"""The regions of a HIT as one PNG, which its page lays over the pictures.

The sheet has one square cell for each picture, in slot order, row by row. A pixel is opaque
inside the region and transparent outside.
"""

import numpy as np
from PIL import Image as Pillow

from annotator import storage
from annotator.models import Exemplar
from dissect.format.masks import encode_overlay
from dissect.format.picture_list import content_name

SHEET_COLUMNS = 8
BORROWED = (Exemplar.Role.CATCH, Exemplar.Role.RANDOM)  # roles whose regions are other images'
MAX_ZOOM = 8.0
BISECTION_STEPS = 10


def store_sheet(masks: np.ndarray, exemplars: list[Exemplar]) -> str:
    """Store a HIT's sheet of masks; returns its name, a hash of its content. Idempotent."""
    sheet = mask_sheet(masks, exemplars)
    name = content_name(sheet, ".png")
    storage.keep(f"sheets/{name}", lambda: sheet)
    return name


def mask_sheet(masks: np.ndarray, exemplars: list[Exemplar]) -> bytes:
    """Draw the regions of a HIT's pictures as one PNG, its sheet of masks.

    An empty region is drawn whole, because a picture that is dimmed all over shows nothing. A
    repeat's region is mirrored like its picture. A borrowed region is resized to the coverage of
    its exemplar.

    Args:
        masks: (regions, side, side) bool, the unit's regions by mask number.
        exemplars: in slot order.
    """
    regions = np.zeros((len(exemplars), *masks.shape[1:]), dtype=bool)
    for slot, exemplar in enumerate(exemplars):
        region = masks[exemplar.mask]
        if exemplar.role == Exemplar.Role.REPEAT:
            region = region[:, ::-1]
        elif exemplar.role in BORROWED:
            region = resized(region, exemplar.coverage)
        regions[slot] = region if region.any() else True
    return encode_overlay(regions, SHEET_COLUMNS)


def resized(region: np.ndarray, share: float) -> np.ndarray:
    """Grow or shrink a region of a mask sheet until it covers a share of the picture.

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


def _zoomed(region: np.ndarray, factor: float) -> np.ndarray:
    y, x = (float(positions.mean()) + 0.5 for positions in np.nonzero(region))
    inverse = (1 / factor, 0, x - x / factor, 0, 1 / factor, y - y / factor)
    picture = Pillow.fromarray(np.where(region, 255, 0).astype(np.uint8))
    drawn = picture.transform(
        picture.size, Pillow.Transform.AFFINE, inverse, Pillow.Resampling.BILINEAR
    )
    return np.asarray(drawn) >= 128
