"""Scenes with a colour for each concept, over the picture in grey, and the words below it."""

import colorsys
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from dissect.analyses.scene_segmentation import BACKGROUND
from dissect.images.preprocessing import Preprocessing
from dissect.render.contact_sheets import INK, PAPER
from dissect.render.heatmap import blend
from dissect.render.pictures import view_at

SIDE, LINE, FONT_PX, PER_LINE = 448, 20, 13, 3
COVERED = 0.6  # how much of the picture a colour covers
GOLDEN = 0.618034  # turns of the hue from one concept to the next: neighbours differ most
# Saturation and brightness take turns, since hues come near again after 8, 13 or 21 concepts.
SHADES = ((0.75, 0.95), (0.9, 0.6), (0.4, 1.0), (0.85, 0.8), (0.5, 0.7))


def colour_of(number: int) -> tuple[int, int, int]:
    """The colour of a concept by its number."""
    red, green, blue = colorsys.hsv_to_rgb(number * GOLDEN % 1, *SHADES[number % len(SHADES)])
    return round(255 * red), round(255 * green), round(255 * blue)


def labelled(
    image: Image.Image, shape: Preprocessing, labels: NDArray[np.int64], concepts: Sequence[str]
) -> Image.Image:
    """The network's view with each labelled pixel in its concept's colour, and a legend.

    Args:
        labels: (side, side), numbers of concepts or BACKGROUND.
    """
    view = view_at(image, shape, SIDE).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    shown = sorted({int(one) for one in np.unique(labels)} - {BACKGROUND})
    colours = np.zeros((*labels.shape, 3), dtype=np.uint8)
    for number in shown:
        colours[labels == number] = colour_of(number)
    share = COVERED * (labels != BACKGROUND)
    larger = [
        np.asarray(Image.fromarray(one).resize((SIDE, SIDE), Image.Resampling.NEAREST))
        for one in (colours, share.astype(np.float32))
    ]
    lines = -(-len(shown) // PER_LINE)
    picture = Image.new("RGB", (SIDE, SIDE + lines * LINE), PAPER)
    picture.paste(blend(view, larger[0], larger[1]), (0, 0))
    _legend(ImageDraw.Draw(picture), [(concepts[one], colour_of(one)) for one in shown])
    return picture


def _legend(draw: ImageDraw.ImageDraw, words: Sequence[tuple[str, tuple[int, int, int]]]) -> None:
    font = ImageFont.load_default(size=FONT_PX)
    for place, (word, colour) in enumerate(words):
        x, y = place % PER_LINE * SIDE // PER_LINE, SIDE + place // PER_LINE * LINE
        draw.rectangle((x + 3, y + 4, x + 15, y + 16), fill=colour)
        draw.text((x + 20, y + 2), word, fill=INK, font=font)
