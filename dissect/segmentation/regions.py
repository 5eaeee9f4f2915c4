"""Finds the regions of a layer's units from their maps: as discs, or by upsampling the map."""

import zlib
from collections.abc import Callable
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from dissect.format.masks import MASK_PX, PackedRegions, pack_regions
from dissect.images.image_list import ImageList
from dissect.networks.registry import Network
from dissect.topk.collect import recompute_top_maps
from dissect.topk.results import CollectedLayer

# Maps (n, height, width) of units (n,) to their regions (n, side, side / 8); `FieldDiscs` is one.
Segmenter = Callable[[Tensor, NDArray[np.intp]], PackedRegions]


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


def quantile_thresholds(layer: CollectedLayer) -> Tensor:
    """Where regions are cut from a layer's upsampled maps, (units,): each unit's 0.995 quantile."""
    return segmentation_threshold(
        torch.from_numpy(layer.threshold), torch.from_numpy(layer.maximum)
    )


def quantile_segmenter(layer: CollectedLayer) -> Segmenter:
    """One of two ways to find a layer's regions: upsampled maps above a 0.995 quantile.

    As in arXiv:1704.05796.
    """
    cut = quantile_thresholds(layer)
    return lambda maps, units: pack_regions(
        upsampled_regions(maps, cut[torch.from_numpy(units)]).cpu().numpy()
    )


def whole_segmenter(maps: Tensor, units: NDArray[np.intp]) -> PackedRegions:
    """Regions that cover the whole view, for maps of one cell."""
    return np.full((len(maps), MASK_PX, MASK_PX // 8), 0xFF, dtype=np.uint8)


def unit_regions(
    network: Network, layer: CollectedLayer, cut: Segmenter, images: ImageList, device: torch.device
) -> Callable[[int], PackedRegions]:
    """Find the regions of a layer: a function from a unit to (k, side, side / 8), by rank."""
    maps = layer.maps
    if maps is not None:
        return lambda unit: cut(maps[unit], np.full(len(layer.top), unit))
    # Compressed, a region is some 200 bytes; packed it would be 6 KB, more than its map.
    packed = np.empty(layer.top.score.shape, dtype=object)  # (units, ranks) of bytes
    for units, ranks, seen in recompute_top_maps(
        network, layer.info.name, images, layer.top, device
    ):
        for unit, rank, bits in zip(units, ranks, cut(seen, units), strict=True):
            packed[unit, rank] = zlib.compress(bits.tobytes(), 1)
    return lambda unit: _decompressed(packed[unit])


def _decompressed(packed: NDArray[np.object_]) -> PackedRegions:
    """Decompress the regions of a unit: (k,) bytes."""
    bits = np.frombuffer(b"".join(zlib.decompress(one) for one in packed), dtype=np.uint8)
    return bits.reshape(len(packed), MASK_PX, MASK_PX // 8)
