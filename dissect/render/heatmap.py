"""Heat maps, from dark for small numbers to bright for large ones; they are readable in gray."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

# From black through violet and orange to pale yellow, like matplotlib's inferno.
SHADES = np.array(
    [(0, 0, 4), (40, 11, 84), (101, 21, 110), (159, 42, 99), (212, 72, 66), (245, 125, 21),
     (250, 193, 39), (252, 255, 164)]
)  # fmt: skip


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
