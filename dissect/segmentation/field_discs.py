"""The region a unit looks at, as its measured receptive field around every active cell."""

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
    rows = _squared([field.centre(y, 0)[0] for y in range(maps.shape[1])], scale, side, maps)
    columns = _squared([field.centre(0, x)[1] for x in range(maps.shape[2])], scale, side, maps)
    far = torch.tensor(torch.inf, device=maps.device)
    # Squared distance to the nearest active cell: first within each row of cells, then over rows.
    in_row = torch.full((*maps.shape[:2], side), torch.inf, device=maps.device)
    for x, squared in enumerate(columns):
        in_row = torch.minimum(in_row, torch.where(active[:, :, x, None], squared, far))
    nearest = torch.full((len(maps), side, side), torch.inf, device=maps.device)
    for y, squared in enumerate(rows):
        nearest = torch.minimum(nearest, squared[None, :, None] + in_row[:, y, None, :])
    return nearest <= (field_px / 2 * scale) ** 2


def _squared(centres: list[float], scale: float, side: int, like: Tensor) -> Tensor:
    """(cells, side): the squared distance along one side from each cell to each pixel's middle."""
    pixels = torch.arange(side, device=like.device) + 0.5
    cells = torch.tensor(centres, device=like.device) * scale
    return (cells[:, None] - pixels) ** 2
