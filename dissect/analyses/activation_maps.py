"""Activation maps of one image as pictures and sheets, and how sparse units are over many images.

With a ReLU maps are mostly black (slides after Zhou et al. 2015, arXiv:1412.6856).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from dissect.networks.layer_outputs import forward, recording
from dissect.networks.registry import Network
from dissect.render.contact_sheets import ContactSheet, colour, enlarged, grid
from dissect.render.heatmap import GREY, with_colour_bar
from dissect.topk.batches import Passes

SILENT_SHARE = 0.01  # of the unit's maximum over the image set: cells up to it are silent
MIN_TILE_PX = 56  # of one map
MAX_SHEET_WIDTH_PX = 2048


@dataclass(frozen=True)
class Sparsity:
    """How often each unit of a layer is silent over an image set.

    Attributes:
        maximum: (units,), over all cells of all images.
        silent: (units,), the share of cells at most 1 % of that maximum.
        zero: (units,), the share of cells that are exactly 0.
    """

    maximum: NDArray[np.float32]
    silent: NDArray[np.float64]
    zero: NDArray[np.float64]


def maps_of(network: Network, layers: Sequence[str], image: Image.Image) -> dict[str, Tensor]:
    """Compute the activation maps of layers for one image: (units, height, width) each.

    Raises:
        UnknownLayer, UnsupportedLayer, BadSetting: as `recording` and `forward` say.
    """
    device = next((p.device for p in network.model.parameters()), torch.device("cpu"))
    with recording(network, layers) as maps:
        forward(network, network.preprocessing.pixels(image)[None].to(device))
    return {layer: maps[layer][0].cpu() for layer in layers}


def map_picture(values: Tensor, largest: float) -> Image.Image:
    """Show one unit's activation map as a picture: black at 0, white at `largest`, blue below 0.

    Args:
        values: (height, width).
        largest: the activation drawn in full white; -largest is full blue.
    """
    shares = (values / max(largest, 1e-30)).clamp(-1, 1)
    positive, negative = shares.clamp(min=0), (-shares).clamp(min=0)
    channels = torch.stack([positive, positive + 0.45 * negative, positive + negative], dim=2)
    tile = colour(channels.numpy())
    return enlarged(tile, -(-MIN_TILE_PX // max(tile.size)))


def activation_sheet(maps: Tensor, units: Sequence[int], per: str = "unit") -> ContactSheet:
    """Show the activation maps of a layer's units for one image side by side, with their numbers.

    Args:
        maps: (units, height, width), of the whole layer.
        units: which to show.
        per: "unit": each unit's largest absolute value is white or blue; "layer": the layer's is.
    """
    sizes = maps.abs().amax(dim=(1, 2))
    largest = sizes if per == "unit" else sizes.max().expand(len(sizes))
    tiles = [map_picture(maps[unit], float(largest[unit])) for unit in units]
    columns = max(1, min(16, MAX_SHEET_WIDTH_PX // tiles[0].width))
    sheet = grid(tiles, [str(unit) for unit in units], columns)
    whose = "each unit's maximum" if per == "unit" else f"{float(sizes.max()):.3g}"
    return with_colour_bar(sheet, GREY, "0", whose)


def sparsity(network: Network, layers: Sequence[str], passes: Passes) -> dict[str, Sparsity]:
    """Measure in the activation maps of many images how sparse units are: silent and zero cells.

    Args:
        passes: over the image set, with two passes left: what is silent depends on the maximum
            over all images. Memory: a few numbers for each unit.

    Raises:
        ImagesError: no image can be read.
    """
    maximum: dict[str, Tensor] = {}
    for _, maps in passes.over(network, layers):
        for layer, layer_maps in maps.items():
            highest = layer_maps.amax(dim=(0, 2, 3))
            maximum[layer] = torch.maximum(maximum.get(layer, highest), highest)
    counts = {
        layer: torch.zeros(3, len(highest), dtype=torch.float64)
        for layer, highest in maximum.items()
    }
    for _, maps in passes.over(network, layers):
        for layer, layer_maps in maps.items():
            counts[layer] += _count_cells(layer_maps, SILENT_SHARE * maximum[layer]).cpu()
    return {
        layer: Sparsity(
            maximum[layer].cpu().numpy(), (silent / cells).numpy(), (zero / cells).numpy()
        )
        for layer, (silent, zero, cells) in counts.items()
    }


def _count_cells(maps: Tensor, cut: Tensor) -> Tensor:
    """(3, units): cells up to the cut, cells of exactly 0, all cells."""
    dims = (0, 2, 3)
    silent = (maps <= cut[:, None, None]).sum(dim=dims)
    cells = torch.full_like(silent, maps[:, 0].numel())
    return torch.stack([silent, (maps == 0).sum(dim=dims), cells])
