"""Exemplars as small pictures: a top image with the unit's region lit, as pages show it.

A dissection stores pictures and masks separately, and pages lay one over the other. These pictures
are for looking through many units in a folder. An image is opened once, however many units show it.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dissect.background import Background
from dissect.format.tile_drawing import dimmed, jpeg, lit_pixels
from dissect.images.image_list import ImageList
from dissect.images.preprocessing import Preprocessing
from dissect.render.pictures import view_at

CUTOUT_PX = 112  # side of a cutout


class View(NamedTuple):
    """A view of an image: its pixels inside and outside of a region, (side, side, 3) each."""

    inside: NDArray[np.uint8]
    outside: NDArray[np.uint8]


Views = dict[int, View]


def small_views(
    images: ImageList, places: Sequence[int], shape: Preprocessing, threads: int
) -> Views:
    """Draw the views that cutouts are made from, CUTOUT_PX wide, by place.

    Memory: 75 KB an image.
    """

    def view(place: int) -> View:
        seen = view_at(images.open(place), shape, CUTOUT_PX)
        if seen.width != CUTOUT_PX:  # never enlarged before
            seen = seen.resize((CUTOUT_PX, CUTOUT_PX), Image.Resampling.BICUBIC)
        return View(np.asarray(seen), dimmed(seen))

    with Background(threads, name="draw") as background:
        return dict(zip(places, background.map(view, places), strict=True))


def cutouts(views: Views, places: Sequence[int], regions: NDArray[np.bool_]) -> list[Image.Image]:
    """Draw one unit's exemplars as cutouts, CUTOUT_PX wide, each with its region lit.

    A view whose region is empty stays as it is, because one that is dark all over shows nothing.

    Args:
        places: (n,) of its images. regions: (n, side, side), theirs.
    """
    pixels = (
        lit_pixels(*views[place], region.view(np.uint8)) if region.any() else views[place].inside
        for place, region in zip(places, regions, strict=True)
    )
    return [Image.fromarray(one) for one in pixels]


def render_exemplars(
    views: Views, places: Sequence[int], regions: NDArray[np.bool_]
) -> list[bytes]:
    """Draw one unit's exemplars as cutouts, and encode them as JPEGs."""
    return [jpeg(cutout) for cutout in cutouts(views, places, regions)]
