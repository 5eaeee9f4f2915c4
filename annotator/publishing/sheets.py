"""What the page of a HIT lays over its tiles: sheets of masks and insets, and a style sheet.

A sheet has one square cell for each picture, in slot order, row by row. A pixel of a mask is
opaque inside the region and transparent outside. The style sheet says which sheets they are and
where each tile was cut from its picture, because the content security policy of the page forbids
style attributes.
"""

import io
from collections.abc import Iterable, Sequence
from functools import cache

import numpy as np
from PIL import Image as Pillow

from annotator import storage
from annotator.models import Exemplar, Hit, Study
from annotator.publishing.hit_tiles import Cut, Frame
from dissect.format.masks import encode_overlay
from dissect.format.picture_list import content_name
from dissect.format.tile_drawing import INSET_PX, draw_inset, jpeg, levels_in_frame
from dissect.format.tiles import WHOLE

SHEET_COLUMNS = 8


def store_sheets(hit: Hit, exemplars: Sequence[Exemplar], frames: Sequence[Frame]) -> None:
    """Store the sheets of a HIT, and name them in its row, which is not saved. Idempotent.

    Args:
        exemplars: in slot order. frames: theirs.
    """
    hit.mask_columns = SHEET_COLUMNS
    hit.masks = _stored(mask_sheet(frames, hit.tile_view), ".png")
    if hit.tile_view == Study.TileView.CROP:
        hit.full_masks = _stored(mask_sheet(frames, Study.TileView.FULL), ".png")
        cuts = [(exemplar.image.tile, exemplar.box) for exemplar in exemplars]
        hit.insets = _stored(inset_sheet(cuts, SHEET_COLUMNS), ".jpg")
    slots = [exemplar.slot or 0 for exemplar in exemplars]
    hit.style = _stored(style_sheet(hit, slots, frames).encode(), ".css")


def _stored(content: bytes, ending: str) -> str:
    name = content_name(content, ending)
    storage.keep(f"sheets/{name}", lambda: content)
    return name


def mask_sheet(frames: Sequence[Frame], view: str) -> bytes:
    """Draw the regions of a HIT's pictures as one PNG, each as its tile shows it.

    Args:
        frames: of the pictures, in slot order.
        view: of the HIT, a TileView.
    """
    is_cut = view == Study.TileView.CROP
    cells = [levels_in_frame(levels, box if is_cut else WHOLE) for levels, box in frames]
    return encode_overlay(np.stack(cells), SHEET_COLUMNS)


def style_sheet(hit: Hit, slots: Sequence[int], frames: Sequence[Frame]) -> str:
    """The style sheet that lays sheets over a HIT's tiles, and says where each slot is cropped.

    A crop is --left, --top and --side in shares of the view. --corner is the lower corner that an
    inset is in: 0 left, 1 right. Addresses are relative to that of the style sheet.
    """
    rules = [_mask(".masked", hit.masks)]
    if hit.full_masks:
        rules.append(_mask(".zoom .masked", hit.full_masks))
    if hit.insets:
        rules.append(f'.inset{{background-image:url("{hit.insets}")}}')
    for slot, (_, box) in zip(slots, frames, strict=True):
        left, top, side = (f"{share:.5g}" for share in box)
        rules.append(
            f".slot-{slot}{{--left:{left};--top:{top};--side:{side};--corner:{box.inset_corner};"
            f"--inset:{'none' if box.is_whole else 'block'}}}"
        )
    return "\n".join([*rules, ""])


def _mask(selector: str, sheet: str) -> str:
    return f'{selector}{{-webkit-mask-image:url("{sheet}");mask-image:url("{sheet}")}}'


def inset_sheet(cuts: Iterable[Cut], columns: int) -> bytes:
    """Draw the sheet of insets as one JPEG, in slot order, row by row.

    An inset is the whole picture, small, with a frame around what its tile shows.
    """
    insets = [draw_inset(_small_picture(picture), box) for picture, box in cuts]
    rows = -(-len(insets) // columns)
    sheet = Pillow.new("RGB", (columns * INSET_PX, rows * INSET_PX))
    for number, inset in enumerate(insets):
        sheet.paste(inset, (number % columns * INSET_PX, number // columns * INSET_PX))
    return jpeg(sheet)


def _small_picture(name: str) -> Pillow.Image:
    """A picture at the size of an inset; the same ones are shown for many units."""
    return Pillow.frombytes("RGB", (INSET_PX, INSET_PX), _small_pixels(name))


@cache
def _small_pixels(name: str) -> bytes:
    with Pillow.open(io.BytesIO(storage.read(f"pictures/{name}"))) as picture:
        picture.draft("RGB", (2 * INSET_PX, 2 * INSET_PX))  # decodes at a smaller scale
        return draw_inset(picture.convert("RGB"), WHOLE).tobytes()
