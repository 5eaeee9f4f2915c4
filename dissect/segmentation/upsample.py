"""The region a unit looks at, by upsampling its activation map."""

from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from dissect.format.masks import MASK_PX


def segmentation_threshold(threshold: Tensor, maximum: Tensor) -> Tensor:
    """Where an upsampled map is cut: at the unit's quantile, but always below the maximum.

    A unit that saturates (ReLU6) has its 0.995 quantile at its maximum; nothing would lie above.
    """
    return torch.minimum(threshold, maximum - 1e-3 * maximum.abs())


def upsampled_regions(maps: Tensor, cut: Tensor, side: int = MASK_PX) -> Tensor:
    """Segment by upsampling a map bilinearly: the region is where it lies above its cut.

    Network Dissection (Bau et al. 2017, arXiv:1704.05796) segments so.

    Args:
        maps: (n, height, width).
        cut: (n,) or a single value.
        side: of the regions, in pixels.

    Returns:
        (n, side, side) bool.
    """
    values = maps.cpu().numpy().astype(np.float32, copy=False)
    count, height, width = values.shape
    # Along columns, then along rows: two products, several times as fast as torch's own.
    wider = (values.reshape(-1, width) @ _weights(width, side).T).reshape(count, height, side)
    larger = np.matmul(_weights(height, side), wider)
    return torch.from_numpy(larger > cut.cpu().numpy().reshape(-1, 1, 1)).to(maps.device)


@lru_cache
def _weights(cells: int, side: int) -> NDArray[np.float32]:
    """(side, cells): how much of each cell a pixel takes, linear between the middles of cells."""
    each = torch.eye(cells)[None]
    weights = F.interpolate(each, size=side, mode="linear", align_corners=False)[0].T
    return np.ascontiguousarray(weights.numpy())


def coverage_of(regions: Tensor) -> NDArray[np.float32]:
    """(n,): the share of the view that each region, upsampled from a map, covers: 0 to 1."""
    side = regions.shape[-1]
    covered = np.array([np.count_nonzero(region) for region in regions.numpy()])  # faster than axis
    share: NDArray[np.float32] = (covered / (side * side)).astype(np.float32)
    return share
