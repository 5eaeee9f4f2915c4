"""Color bars under pictures: which color is which number."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dissect.render.contact_sheets import (
    FONT_PX,
    GAP,
    PAPER,
    Caption,
    ContactSheet,
    caption_width,
)
from dissect.render.heatmap import heat_colours

BAR_PX = 10  # height of a bar
MAX_WIDTH_PX = 448
LARGE_FONT_PX = 14  # under a single picture of 448 px
STEPS = np.linspace(0, 1, MAX_WIDTH_PX)
GREY = np.repeat((255 * STEPS).round().astype(np.uint8)[:, None], 3, axis=1)  # black to white
HEAT: NDArray[np.uint8] = heat_colours(STEPS[None], 0.0, 1.0)[0]  # as heat maps are drawn


def with_colour_bar(
    sheet: ContactSheet,
    colours: NDArray[np.uint8],
    low: str,
    high: str,
    font_px: int = FONT_PX,
) -> ContactSheet:
    """Put a color bar under a contact sheet, which becomes higher and, if need be, wider.

    Args:
        colours: (steps, 3), from the lowest number to the highest.
        low, high: what stands under the ends of the bar.
    """
    words = caption_width(low, font_px) + 4 * GAP + caption_width(high, font_px)
    width = max(min(sheet.picture.width, MAX_WIDTH_PX), words)
    size = (max(sheet.picture.width, width), sheet.picture.height + 3 * GAP + BAR_PX + font_px)
    picture = Image.new("RGB", size, PAPER)
    picture.paste(sheet.picture, (0, 0))
    top = sheet.picture.height + GAP
    bar = Image.fromarray(colours[None]).resize((width, BAR_PX), Image.Resampling.NEAREST)
    picture.paste(bar, (0, top))
    y, right = top + BAR_PX + 1, width - caption_width(high, font_px)
    ends = (Caption(0, y, low, font_px), Caption(right, y, high, font_px))
    return replace(sheet, picture=picture, captions=sheet.captions + ends)
