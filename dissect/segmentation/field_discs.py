"""The region a unit looks at, as its measured receptive field around every active cell."""

import math

import torch
from torch import Tensor

from dissect.format.masks import MASK_PX
from dissect.receptive_fields.theoretical import Field

SHARE = 0.5  # of the map's maximum: cells above it are active


def field_regions(
    maps: Tensor, field_px: float, field: Field, crop: int, side: int = MASK_PX
) -> Tensor:
    """Segment by discs as wide as the layer's empirical field, around a map's active cells.

    Active is a cell above half of the map's own maximum, as in the code that Zhou et al. (2015,
    arXiv:1412.6856) released. A map that is nowhere above 0 has no active cell: its region is
    empty, and `dissect.segmentation.upsample.coverage_of` says so.

    Args:
        maps: (n, height, width).
        field_px: the layer's mean empirical field in pixels of the network's view, the disc's
            diameter.
        field: the layer's theoretical field, which says where in the view a cell lies.
        crop: pixels of the view's side.
        side: of the regions, in pixels.

    Returns:
        (n, side, side) bool.
    """
    active = maps > SHARE * maps.amax(dim=(1, 2), keepdim=True).clamp(min=0)
    scale = side / crop
    rows = [field.centre(y, 0)[0] * scale for y in range(maps.shape[1])]
    columns = [field.centre(0, x)[1] * scale for x in range(maps.shape[2])]
    radius = field_px / 2 * scale
    # Squared distance along a row of cells to the nearest active one: (n, height, side).
    in_row = torch.full((*maps.shape[:2], side), torch.inf, device=maps.device)
    for x, centre in enumerate(columns):
        near, squared = _reached(centre, radius, side, maps.device)
        within = torch.where(active[:, :, x, None], squared, torch.inf)
        in_row[..., near] = torch.minimum(in_row[..., near], within)
    regions = torch.zeros(len(maps), side, side, dtype=torch.bool, device=maps.device)
    is_active = active.any(dim=2)  # (n, height): most rows of most maps have no active cell
    for y, centre in enumerate(rows):
        near, squared = _reached(centre, radius, side, maps.device)
        some = is_active[:, y].nonzero()[:, 0]
        regions[some, near] |= in_row[some, y, None, :] <= radius**2 - squared[:, None]
    return regions


def _reached(centre: float, radius: float, side: int, device: torch.device) -> tuple[slice, Tensor]:
    """The pixels along a side that a disc may reach, and their squared distances to its centre."""
    first, end = math.floor(centre - radius), math.ceil(centre + radius)
    near = slice(min(max(first, 0), side), min(max(end, 0), side))
    middles = torch.arange(near.start, near.stop, device=device) + 0.5
    return near, (middles - centre) ** 2
