"""Exemplars as small pictures: a top image with the unit's region lit, as pages show it.

A dissection stores pictures and masks separately, and pages lay one over the other. These pictures
are for looking through many units in a folder. An image is opened once, however many units show it.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dissect.background import Background
from dissect.format.tiles import jpeg, light_region
from dissect.images.image_list import ImageList
from dissect.images.preprocessing import Preprocessing
from dissect.render.pictures import view_at

CUTOUT_PX = 112  # side of a cutout

Views = dict[int, NDArray[np.uint8]]


def small_views(
    images: ImageList, places: Sequence[int], shape: Preprocessing, threads: int
) -> Views:
    """Draw the views that cutouts are made from, (side, side, 3) of CUTOUT_PX each, by place.

    Memory: 38 KB an image.
    """

    def view(place: int) -> NDArray[np.uint8]:
        seen = view_at(images.open(place), shape, CUTOUT_PX)
        if seen.width != CUTOUT_PX:  # never enlarged before
            seen = seen.resize((CUTOUT_PX, CUTOUT_PX), Image.Resampling.BICUBIC)
        return np.asarray(seen)

    with Background(threads, name="draw") as background:
        return dict(zip(places, background.map(view, places), strict=True))


def cutouts(views: Views, places: Sequence[int], regions: NDArray[np.bool_]) -> list[Image.Image]:
    """Draw one unit's exemplars as cutouts, CUTOUT_PX wide, each with its region lit.

    A view whose region is empty stays as it is, because one that is dark all over shows nothing.

    Args:
        places: (n,) of its images. regions: (n, side, side), theirs.
    """
    return [
        light_region(Image.fromarray(views[place]), region.astype(np.uint8))
        for place, region in zip(places, regions, strict=True)
    ]


def render_exemplars(
    views: Views, places: Sequence[int], regions: NDArray[np.bool_]
) -> list[bytes]:
    """Draw one unit's exemplars as `cutouts` does, and encode them as JPEGs."""
    return [jpeg(cutout) for cutout in cutouts(views, places, regions)]
