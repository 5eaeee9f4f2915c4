"""Segments scenes with all units that people named: a region carries its unit's concept.

After the slides on Zhou et al. 2015, arXiv:1412.6856: "can this information be used to segment a
scene into objects?" A pixel gets the concept with the largest sum of precisions over the units
whose regions cover it; pixels that no region covers are background.
"""

import colorsys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from dissect.images.preprocessing import Preprocessing
from dissect.render.contact_sheets import INK, PAPER
from dissect.render.heatmap import blend
from dissect.render.pictures import view_at

BACKGROUND = -1
SIDE, LINE, FONT_PX, PER_LINE = 448, 24, 17, 3
OPACITY = 0.6  # of a color over the picture
GOLDEN = 0.618034  # turns of the hue between neighboring concepts, which then differ most
# Saturation and brightness alternate, since hues come close again after 8, 13 or 21 concepts.
SHADES = ((0.75, 0.95), (0.9, 0.6), (0.4, 1.0), (0.85, 0.8), (0.5, 0.7))


@dataclass(frozen=True)
class NamedUnit:
    """The concept that people gave a unit, and its precision.

    Attributes:
        threshold, maximum: of its activations over an image set; None where unknown.
    """

    layer: str
    unit: int
    concept: str
    precision: float
    threshold: float | None = None
    maximum: float | None = None


def concepts_of(named: Sequence[NamedUnit]) -> tuple[str, ...]:
    """List the concepts that named units segment scenes into, sorted; spellings count as one."""
    return tuple(sorted({concept_key(unit.concept) for unit in named}))


def concept_key(word: str) -> str:
    """Spell a concept as scene segmentation compares it: lower case, spaces for underscores."""
    return " ".join(word.replace("_", " ").casefold().split())


def concept_weights(
    regions: Mapping[str, Tensor], named: Sequence[NamedUnit], concepts: Sequence[str]
) -> NDArray[np.float64]:
    """Sum the weight of each concept at each pixel of a scene, from the named units' regions.

    Args:
        regions: layer to (units, side, side) bool, of its named units in the order of `named`.

    Returns:
        (concepts, side, side): sums of precisions.
    """
    side = next(iter(regions.values())).shape[-1]
    weights = np.zeros((len(concepts), side, side))
    next_row = dict.fromkeys(regions, 0)
    for unit in named:
        region = regions[unit.layer][next_row[unit.layer]].cpu().numpy()
        next_row[unit.layer] += 1
        weights[concepts.index(concept_key(unit.concept))] += unit.precision * region
    return weights


def labels_of(weights: NDArray[np.float64]) -> NDArray[np.int64]:
    """Segment a scene: label each pixel with its heaviest concept, of equals the first.

    Pixels without any weight are BACKGROUND.
    """
    return np.where(weights.max(axis=0) > 0, weights.argmax(axis=0), BACKGROUND)


def colour_of(number: int) -> tuple[int, int, int]:
    """Choose the color in which scene segmentation shows a concept, by its number."""
    red, green, blue = colorsys.hsv_to_rgb(number * GOLDEN % 1, *SHADES[number % len(SHADES)])
    return round(255 * red), round(255 * green), round(255 * blue)


def draw_scene(
    image: Image.Image, shape: Preprocessing, labels: NDArray[np.integer], concepts: Sequence[str]
) -> Image.Image:
    """Draw a segmented scene: each labeled pixel in its concept's color, and a legend.

    Args:
        labels: (side, side), numbers of concepts, or BACKGROUND.
    """
    view = view_at(image, shape, SIDE).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    shown = sorted({int(one) for one in np.unique(labels)} - {BACKGROUND})
    colours = np.zeros((*labels.shape, 3), dtype=np.uint8)
    for number in shown:
        colours[labels == number] = colour_of(number)
    share = OPACITY * (labels != BACKGROUND)
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
        draw.rectangle((x + 3, y + 4, x + 18, y + 19), fill=colour)
        draw.text((x + 23, y + 2), word, fill=INK, font=font)
