"""Regions as one picture, which the page of a HIT lays over its pictures."""

import hashlib
import io

import numpy as np
from PIL import Image as Pillow

from annotator import storage
from annotator.models import Exemplar

SHEET_COLUMNS = 8


def stored_sheet(masks: np.ndarray, shown: list[Exemplar]) -> str:
    """Store a HIT's sheet of masks; returns the name that its content has."""
    sheet = mask_sheet(masks, shown)
    name = f"{hashlib.sha256(sheet).hexdigest()}.png"
    storage.keep(f"sheets/{name}", lambda: sheet)
    return name


def mask_sheet(masks: np.ndarray, shown: list[Exemplar]) -> bytes:
    """The HIT's regions in slot order as one PNG: opaque where the unit looks, else transparent.

    A region that is empty is drawn whole: a picture dimmed all over shows nothing. A repeat's
    is mirrored, as its picture is.

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
        cells[slot] = region if region.any() else 1
    sheet = cells.reshape(rows, SHEET_COLUMNS, side, side).swapaxes(1, 2)
    picture = Pillow.fromarray(sheet.reshape(rows * side, SHEET_COLUMNS * side), mode="P")
    picture.putpalette([0, 0, 0, 255, 255, 255])
    file = io.BytesIO()
    picture.save(file, "PNG", bits=1, transparency=0, optimize=False)
    return file.getvalue()
