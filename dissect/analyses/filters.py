"""The weights of convolutions as pictures, and how noisy they are.

First-layer filters of trained networks are smooth; noise in them tells of too little training
(slides after Zhou et al. 2015, arXiv:1412.6856, and cs231n).
"""

import copy
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from dissect.errors import UnknownLayer, UnsupportedLayer
from dissect.networks.registry import Network
from dissect.render.contact_sheets import ContactSheet, colour, enlarged, grey, grid

HALF_NYQUIST = 0.25  # cycles a pixel
SMALLEST = 5  # px: under it a spectrum has too few frequencies to tell noise
DRAWS = 20  # random initialisations
RANGE = (5, 95)  # % of their filters
TILE_PX, COLOUR_TILE_PX = 12, 48  # of one channel's filter, of one in colour
WIDEST, MOST_PIXELS = 4096, 24_000_000  # of a sheet


@dataclass(frozen=True)
class Noise:
    """How much of each filter's power is in fine detail, and what random filters have.

    Attributes:
        share: (units,).
        low, high: the 5 % and the 95 % of random filters of the same shape.
    """

    share: NDArray[np.float32]
    low: float
    high: float

    def counts(self) -> dict[str, int]:
        """How many units are smoother than random ones, like them, or noisier."""
        smoother, noisier = int((self.share < self.low).sum()), int((self.share > self.high).sum())
        like = len(self.share) - smoother - noisier
        return {"smoother": smoother, "like_random": like, "noisier": noisier}


def convolution(network: Network, layer: str) -> nn.Conv2d:
    """The convolution that a layer is.

    Raises:
        UnknownLayer: there is no such layer.
        UnsupportedLayer: it has no filters with space; says which layer inside it has.
    """
    modules = dict(network.model.named_modules())
    if layer not in modules or not layer:
        raise UnknownLayer(layer, modules)
    module = modules[layer]
    if isinstance(module, nn.Conv2d):
        return module
    inner = [
        f"{layer}.{name}" for name, m in module.named_modules() if isinstance(m, nn.Conv2d) and name
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
    """The filters of a layer: (units, channels of its group, height, width) float32.

    Raises:
        UnknownLayer, UnsupportedLayer: as `convolution` says.
    """
    return convolution(network, layer).weight.detach().to("cpu", torch.float32)


def first_convolution(network: Network) -> str:
    """The name of the first convolution, as the network lists its modules.

    Raises:
        UnsupportedLayer: it has none.
    """
    for name, module in network.model.named_modules():
        if isinstance(module, nn.Conv2d):
            return str(name)
    raise UnsupportedLayer(f"{network.spec} has no two-dimensional convolution, so no filters.")


def sees_colours(network: Network, layer: str) -> bool:
    """Whether it is the first convolution and takes in red, green and blue."""
    filters = filters_of(network, layer)
    return layer == first_convolution(network) and filters.shape[1] == 3


def normalised(filters: Tensor, per: str = "filter") -> Tensor:
    """Weights from 0 to 1, 0.5 for no weight.

    Args:
        filters: (units, channels, height, width).
        per: "filter": the largest weight of each filter, by size, is 0 or 1; "layer": that of
            the whole layer.
    """
    dims = (1, 2, 3) if per == "filter" else (0, 1, 2, 3)
    largest = filters.abs().amax(dim=dims, keepdim=True)
    return 0.5 + filters / (2 * largest.clamp(min=1e-30))


def filter_sheet(filters: Tensor, units: Sequence[int], in_colour: bool, per: str) -> ContactSheet:
    """All filters of a layer on one sheet, with their unit numbers.

    Args:
        filters: (units, channels, height, width), of the whole layer.
        units: which to show.
        in_colour: a tile for each unit, its three channels as red, green and blue; otherwise a
            strip for each unit, a tile for each input channel.
    """
    values = normalised(filters, per)[list(units)].numpy()
    times = _times(values)
    tiles = [_in_colour(one) if in_colour else _strip(one, times) for one in values]
    columns = max(1, min(16, WIDEST // tiles[0].width))
    return grid(tiles, [str(unit) for unit in units], columns)


def _in_colour(values: NDArray[np.float32]) -> Image.Image:
    """(3, height, width) as one tile."""
    return enlarged(colour(values.transpose(1, 2, 0)), -(-COLOUR_TILE_PX // values.shape[1]))


def _times(values: NDArray[np.float32]) -> int:
    """How many px a weight is wide, so that a large layer still fits on a sheet."""
    room: int = math.isqrt(MOST_PIXELS // (2 * values.size))  # half of it for what lies between
    return max(1, min(TILE_PX // int(max(values.shape[2:])), room))


def _strip(values: NDArray[np.float32], times: int) -> Image.Image:
    """(channels, height, width) as a square of tiles, white where there is no channel.

    A white line parts them where they have space.
    """
    channels, height, width = values.shape
    line = int(height * width > 1)
    columns = math.ceil(channels**0.5)
    rows = -(-channels // columns)
    cells = np.ones((rows * columns, height + line, width + line), dtype=np.float32)
    cells[:channels, :height, :width] = values
    strip = cells.reshape(rows, columns, height + line, width + line).swapaxes(1, 2)
    return enlarged(grey(strip.reshape(rows * (height + line), columns * (width + line))), times)


def fine_share(filters: Tensor) -> NDArray[np.float32]:
    """The share of each filter's spectral power above half of the Nyquist frequency.

    Power is summed over input channels; a frequency is above when sqrt(fy^2 + fx^2) > 0.25
    cycles a pixel.

    Args:
        filters: (units, channels, height, width).

    Returns:
        (units,) from 0 (smooth, or no weight at all) to 1.
    """
    power = torch.fft.fft2(filters.to(torch.float64)).abs().square().sum(dim=1)
    fy = torch.fft.fftfreq(filters.shape[2])[:, None]
    fx = torch.fft.fftfreq(filters.shape[3])[None, :]
    fine = (fy**2 + fx**2).sqrt() > HALF_NYQUIST
    whole = power.sum(dim=(1, 2))
    share = (power * fine).sum(dim=(1, 2)) / whole.clamp(min=1e-300)
    return np.asarray(share.numpy(), dtype=np.float32)


def noise(network: Network, layer: str) -> Noise | None:
    """Each filter's fine share beside that of the same layer at random initialisation.

    Returns:
        None for filters under 5 x 5: it does not apply to them.
    """
    module = convolution(network, layer)
    filters = filters_of(network, layer)
    if min(filters.shape[2:]) < SMALLEST:
        return None
    random = np.concatenate([fine_share(_random(module, seed)) for seed in range(DRAWS)])
    low, high = np.percentile(random, RANGE)
    return Noise(fine_share(filters), float(low), float(high))


def _random(module: nn.Conv2d, seed: int) -> Tensor:
    """The layer's filters as torch starts them."""
    fresh = copy.deepcopy(module).to("cpu")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        fresh.reset_parameters()
    return fresh.weight.detach().to(torch.float32)
