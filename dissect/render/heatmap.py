"""Heat maps, as of activations, readable in gray, and the color bars that explain their colors."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

from dissect.images.preprocessing import Preprocessing
from dissect.render.contact_sheets import FONT_PX, GAP, PAPER, Caption, ContactSheet, caption_width
from dissect.render.pictures import view_at

# From black through violet and orange to pale yellow, like matplotlib's inferno.
SHADES = np.array(
    [(0, 0, 4), (40, 11, 84), (101, 21, 110), (159, 42, 99), (212, 72, 66), (245, 125, 21),
     (250, 193, 39), (252, 255, 164)]
)  # fmt: skip
BAR_PX = 10  # height of a bar
MAX_WIDTH_PX = 448
LARGE_FONT_PX = 14  # under a single picture of 448 px
STEPS = np.linspace(0, 1, MAX_WIDTH_PX)
GREY = np.repeat((255 * STEPS).round().astype(np.uint8)[:, None], 3, axis=1)  # black to white
OVERLAY_PX = 448  # of a map over its image
MAX_OPACITY = 0.8  # of the colors, where the map is largest


def heat_colours(values: NDArray[np.floating], low: float, high: float) -> NDArray[np.uint8]:
    """Color a heat map of numbers (height, width): (height, width, 3). NaN is white."""
    share = (values - low) / (high - low) if high > low else np.zeros(values.shape)
    known = ~np.isnan(share)
    place = np.where(known, share, 0).clip(0, 1) * (len(SHADES) - 1)
    channels = [np.interp(place, range(len(SHADES)), SHADES[:, c]) for c in range(3)]
    colours = np.where(known[..., None], np.stack(channels, axis=-1), 255)
    return colours.round().astype(np.uint8)


def blend(
    picture: Image.Image, colours: NDArray[np.uint8], share: NDArray[np.floating]
) -> Image.Image:
    """Blend a heat map's colors with a picture of the same size in gray.

    Args:
        share: (height, width), from 0 (only the picture) to 1 (only the colors).
    """
    grey = np.asarray(picture.convert("L"), dtype=np.float64)[..., None]
    mixed = (1 - share[..., None]) * grey + share[..., None] * colours
    return Image.fromarray(mixed.round().astype(np.uint8))


HEAT: NDArray[np.uint8] = heat_colours(STEPS[None], 0.0, 1.0)[0]  # as heat maps are drawn


def with_colour_bar(
    sheet: ContactSheet,
    colours: NDArray[np.uint8],
    low: str,
    high: str,
    font_px: int = FONT_PX,
) -> ContactSheet:
    """Put a heat map's color bar under its sheet, which becomes higher and, if need be, wider.

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


def map_figure(shape: Preprocessing, image: Image.Image, values: Tensor) -> ContactSheet:
    """Draw one activation map over the network's view as a heat map, gray where the unit is silent.

    Args:
        values: (height, width). Enlarged bilinearly; values below 0 count as silent.
    """
    view = view_at(image, shape, OVERLAY_PX).resize(
        (OVERLAY_PX, OVERLAY_PX), Image.Resampling.BICUBIC
    )
    larger = F.interpolate(values[None, None], size=(OVERLAY_PX, OVERLAY_PX), mode="bilinear")[0, 0]
    share = (larger / values.max().clamp(min=1e-30)).clamp(0, 1).cpu().numpy()
    picture = blend(view, heat_colours(share, 0.0, 1.0), MAX_OPACITY * np.sqrt(share))
    highest = f"activation {max(float(values.max()), 0.0):.3g}"
    return with_colour_bar(ContactSheet(picture, ()), HEAT, "0", highest, LARGE_FONT_PX)
