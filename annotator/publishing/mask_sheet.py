"""Regions as one picture, which the page of a HIT lays over its pictures."""

import hashlib
import io

import numpy as np
from PIL import Image as Pillow

from annotator import storage
from annotator.models import Exemplar

SHEET_COLUMNS = 8
BORROWED = (Exemplar.Role.CATCH, Exemplar.Role.RANDOM)  # their regions are other images'


def stored_sheet(masks: np.ndarray, shown: list[Exemplar]) -> str:
    """Store a HIT's sheet of masks; returns the name that its content has."""
    sheet = mask_sheet(masks, shown)
    name = f"{hashlib.sha256(sheet).hexdigest()}.png"
    storage.keep(f"sheets/{name}", lambda: sheet)
    return name


def mask_sheet(masks: np.ndarray, shown: list[Exemplar]) -> bytes:
    """The HIT's regions in slot order as one PNG: opaque where the unit looks, else transparent.

    A region that is empty is drawn whole: a picture dimmed all over shows nothing. A repeat's
    is mirrored, as its picture is; a borrowed one has the area that its exemplar says.

    Args:
        masks: (images, side, side) bool, the unit's regions by mask number.
        shown: in slot order.
    """
    side = masks.shape[1]
    rows = -(-len(shown) // SHEET_COLUMNS)
    cells = np.zeros((rows * SHEET_COLUMNS, side, side), dtype=np.uint8)
    for slot, exemplar in enumerate(shown):
        region = masks[exemplar.mask]
        if exemplar.role == Exemplar.Role.REPEAT:
            region = region[:, ::-1]
        elif exemplar.role in BORROWED:
            region = resized(region, exemplar.coverage)
        cells[slot] = region if region.any() else 1
    sheet = cells.reshape(rows, SHEET_COLUMNS, side, side).swapaxes(1, 2)
    picture = Pillow.fromarray(sheet.reshape(rows * side, SHEET_COLUMNS * side), mode="P")
    picture.putpalette([0, 0, 0, 255, 255, 255])
    file = io.BytesIO()
    picture.save(file, "PNG", bits=1, transparency=0, optimize=False)
    return file.getvalue()


def resized(region: np.ndarray, share: float) -> np.ndarray:
    """A region grown or shrunk about its middle until it covers a share of the picture.

    Args:
        region: (side, side) bool.
    """
    if abs(region.mean() - share) <= 1 / region.size:
        return region  # as it is
    if share <= 0 or share >= 1 or not region.any():
        return np.full_like(region, share >= 1)
    low, high, best = 1 / MOST_ZOOM, MOST_ZOOM, region
    for _ in range(STEPS):
        factor = (low * high) ** 0.5
        found = _zoomed(region, factor)
        if found.any() and abs(found.mean() - share) < abs(best.mean() - share):
            best = found
        low, high = (factor, high) if found.mean() < share else (low, factor)
    return best


MOST_ZOOM, STEPS = 8.0, 10


def _zoomed(region: np.ndarray, factor: float) -> np.ndarray:
    y, x = (float(places.mean()) + 0.5 for places in np.nonzero(region))
    inverse = (1 / factor, 0, x - x / factor, 0, 1 / factor, y - y / factor)
    picture = Pillow.fromarray(np.where(region, 255, 0).astype(np.uint8))
    method = Pillow.Transform.AFFINE
    drawn = picture.transform(picture.size, method, inverse, Pillow.Resampling.BILINEAR)
    return np.asarray(drawn) >= 128
