"""The weights of convolutions, as tensors and as pictures."""

import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from dissect.errors import UnsupportedLayer
from dissect.networks.layer_outputs import module_and_call
from dissect.networks.registry import Network
from dissect.render.contact_sheets import ContactSheet, colour, enlarged, grey, grid
from dissect.render.heatmap import GREY, with_colour_bar

TILE_PX, COLOUR_TILE_PX = 12, 60  # of one channel's filter, of one in color
COLOUR_COLUMNS = 8  # of filters in a sheet
MAX_SHEET_WIDTH_PX, MAX_SHEET_PIXELS = 4096, 24_000_000


def convolution(network: Network, layer: str) -> nn.Conv2d:
    """Return the convolution that a layer is, whose filters are to be drawn.

    Raises:
        UnknownLayer: there is no such layer.
        UnsupportedLayer: it is no two-dimensional convolution; names those inside it.
    """
    path, _ = module_and_call(network, layer)
    module = network.model.get_submodule(path)
    if isinstance(module, nn.Conv2d):
        return module
    inner = [
        f"{path}.{name}" for name, m in module.named_modules() if isinstance(m, nn.Conv2d) and name
    ]
    if inner:
        raise UnsupportedLayer(
            f"Layer {layer!r} has no filters of its own; {' or '.join(inner[:3])} inside it has."
        )
    raise UnsupportedLayer(
        f"Layer {layer!r} is a {type(module).__name__}, without filters in space: they belong to "
        "two-dimensional convolutions."
    )


def filters_of(network: Network, layer: str) -> Tensor:
    """The weights of a layer's filters: (units, channels of its group, height, width) float32.

    Raises:
        UnknownLayer, UnsupportedLayer: as `convolution` says.
    """
    return convolution(network, layer).weight.detach().to("cpu", torch.float32)


def first_convolution(network: Network) -> str:
    """Return the first convolution's name: its filters are drawn where no layer is named.

    Raises:
        UnsupportedLayer: it has none.
    """
    for name, module in network.model.named_modules():
        if isinstance(module, nn.Conv2d):
            return str(name)
    raise UnsupportedLayer(f"{network.spec} has no two-dimensional convolution, so no filters.")


def sees_colours(network: Network, layer: str) -> bool:
    """Whether a layer's filters are in color: it is the first convolution, and reads RGB."""
    filters = filters_of(network, layer)
    return layer == first_convolution(network) and filters.shape[1] == 3


def normalised(filters: Tensor, per: str = "filter") -> Tensor:
    """Scale the weights of filters to 0 to 1, where 0.5 is a weight of 0.

    Args:
        filters: (units, channels, height, width).
        per: "filter": each filter's largest absolute weight becomes 0 or 1; "layer": the largest
            of the whole layer does.
    """
    dims = (1, 2, 3) if per == "filter" else (0, 1, 2, 3)
    largest = filters.abs().amax(dim=dims, keepdim=True)
    return 0.5 + filters / (2 * largest.clamp(min=1e-30))


def filter_sheet(filters: Tensor, units: Sequence[int], in_colour: bool, per: str) -> ContactSheet:
    """Draw the weights of a layer's filters on one sheet, with their unit numbers.

    Args:
        filters: (units, channels, height, width), of the whole layer.
        units: which to show.
        in_colour: a tile for each unit, its three channels as red, green and blue; otherwise a
            strip for each unit, a tile for each input channel.
    """
    values = normalised(filters, per)[list(units)].numpy()
    times = _times(values)
    tiles = [_in_colour(unit) if in_colour else _strip(unit, times) for unit in values]
    most = COLOUR_COLUMNS if in_colour else 16  # the trained and the random sheet fit a page
    columns = max(1, min(most, MAX_SHEET_WIDTH_PX // tiles[0].width))
    sheet = grid(tiles, [str(unit) for unit in units], columns)
    if in_colour:
        return sheet
    whose = "each filter" if per == "filter" else "the layer"
    return with_colour_bar(sheet, GREY, "negative", f"positive: the largest weight of {whose}")


def _in_colour(values: NDArray[np.float32]) -> Image.Image:
    """(3, height, width) as one tile."""
    return enlarged(colour(values.transpose(1, 2, 0)), -(-COLOUR_TILE_PX // values.shape[1]))


def _times(values: NDArray[np.float32]) -> int:
    """The width of a weight in px, such that a large layer still fits on a sheet."""
    room: int = math.isqrt(MAX_SHEET_PIXELS // (2 * values.size))  # the other half is for the gaps
    return max(1, min(TILE_PX // int(max(values.shape[2:])), room))


def _strip(values: NDArray[np.float32], times: int) -> Image.Image:
    """(channels, height, width) as a square of tiles, white where there is no channel.

    White lines separate tiles that are larger than one pixel.
    """
    channels, height, width = values.shape
    line = int(height * width > 1)
    columns = math.ceil(channels**0.5)
    rows = -(-channels // columns)
    cells = np.ones((rows * columns, height + line, width + line), dtype=np.float32)
    cells[:channels, :height, :width] = values
    strip = cells.reshape(rows, columns, height + line, width + line).swapaxes(1, 2)
    return enlarged(grey(strip.reshape(rows * (height + line), columns * (width + line))), times)
