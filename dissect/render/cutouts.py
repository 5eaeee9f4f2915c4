"""Exemplars as small pictures: a top image with everything outside the unit's region dimmed.

A dissection stores pictures and masks separately, and pages lay one over the other. These pictures
are for looking through many units in a folder. An image is opened once, however many units show it.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dissect.format.drawing import jpeg
from dissect.images.image_list import ImageList
from dissect.images.preprocessing import Preprocessing
from dissect.render.pictures import view_at

DIMMED = 5  # divides the values outside a region: to 0.2, as in the code of Zhou et al.

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

    with ThreadPoolExecutor(threads, thread_name_prefix="draw") as pool:
        return dict(zip(places, pool.map(view, places), strict=True))


def dim_outside(views: NDArray[np.uint8], regions: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Make cutouts: dim views (n, side, side, 3) outside their regions.

    A view whose region is empty is not dimmed, because one that is dark all over shows nothing.

    Args:
        regions: (n, times * side, times * side), of which every pixel in `times` is taken.
    """
    times = regions.shape[-1] // views.shape[1]
    regions = regions[:, times // 2 :: times, times // 2 :: times]
    lit = regions | ~regions.any(axis=(1, 2), keepdims=True)
    return np.where(lit[..., None], views, views // DIMMED)


def render_exemplars(
    views: Views, places: Sequence[int], regions: NDArray[np.bool_]
) -> list[bytes]:
    """Draw one unit's exemplars as cutouts: JPEGs of CUTOUT_PX, dimmed outside the region.

    Args:
        places: (n,) of its images. regions: (n, side, side), theirs.
    """
    drawn = dim_outside(np.stack([views[place] for place in places]), regions)
    return [jpeg(Image.fromarray(one)) for one in drawn]
