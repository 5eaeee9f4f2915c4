"""The weights of convolutions as pictures, and how noisy they are.

First-layer filters of well-trained networks are smooth; noise in them is a sign of too little
training (slides after Zhou et al. 2015, arXiv:1412.6856, and cs231n).
"""

import copy
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

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

HALF_NYQUIST = 0.25  # cycles a pixel
MIN_FILTER_PX = 5  # a smaller filter has too few frequencies to tell noise by its spectrum
MIN_ROUGH_PX = 2  # a smaller one has no neighbouring weights
DRAWS = 20  # random initialisations
RANGE = (5, 95)  # % of their filters
TILE_PX, COLOUR_TILE_PX = 12, 60  # of one channel's filter, of one in colour
COLOUR_COLUMNS = 8  # of filters in a sheet
MAX_SHEET_WIDTH_PX, MAX_SHEET_PIXELS = 4096, 24_000_000


@dataclass(frozen=True)
class Noise:
    """A measure of the noise of each filter, beside that of random filters.

    Attributes:
        share: (units,), the share of its power that is in fine detail, or its roughness.
        low, high: the 5 % and the 95 % of random filters of the same shape.
    """

    share: NDArray[np.float32]
    low: float
    high: float

    def counts(self) -> dict[str, int]:
        """Count the units that are smoother than random ones, like them, or noisier."""
        smoother, noisier = int((self.share < self.low).sum()), int((self.share > self.high).sum())
        like = len(self.share) - smoother - noisier
        return {"smoother": smoother, "like_random": like, "noisier": noisier}


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
    """The filters of a layer: (units, channels of its group, height, width) float32.

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
    """Whether a layer's filters are in colour: it is the first convolution, and reads RGB."""
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
    """Draw filters of a layer on one sheet, with their unit numbers.

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


def fine_share(filters: Tensor) -> NDArray[np.float32]:
    """Compute the share of each filter's spectral power above half of the Nyquist frequency.

    Power is summed over input channels; a frequency is above when sqrt(fy^2 + fx^2) > 0.25
    cycles per pixel.

    Args:
        filters: (units, channels, height, width).

    Returns:
        (units,) from 0 (smooth, or no weight at all) to 1.
    """
    power = torch.fft.fft2(filters.to(torch.float64)).abs().square().sum(dim=1)  # (units, fy, fx)
    fy = torch.fft.fftfreq(filters.shape[2])[:, None]
    fx = torch.fft.fftfreq(filters.shape[3])[None, :]
    fine = (fy**2 + fx**2).sqrt() > HALF_NYQUIST
    whole = power.sum(dim=(1, 2))
    share = (power * fine).sum(dim=(1, 2)) / whole.clamp(min=1e-300)
    return np.asarray(share.numpy(), dtype=np.float32)


def roughness(filters: Tensor) -> NDArray[np.float32]:
    """Compare each filter's neighbouring weights: their mean squared difference.

    In units of what independent weights of the same power differ by: about 1 for noise, less for
    smooth filters, up to 2 where neighbours have opposite signs. It says something of 3 x 3.

    Args:
        filters: (units, channels, height, width), at least 2 weights in some row or column.

    Returns:
        (units,); 0 for a filter without any weight.
    """
    values = filters.to(torch.float64)
    squares = [values.diff(dim=dim).square().flatten(1) for dim in (2, 3)]
    difference = torch.cat(squares, dim=1).mean(dim=1)  # (units,)
    power = values.square().flatten(1).mean(dim=1)
    return np.asarray((difference / (2 * power.clamp(min=1e-300))).numpy(), dtype=np.float32)


@dataclass(frozen=True)
class FilterNoise:
    """What tells noisy filters of a layer; None where a measure does not apply.

    Attributes:
        fine: by the spectrum, of filters from 5 x 5 on.
        rough: by neighbouring weights, of filters from 2 x 2 on.
    """

    fine: Noise | None
    rough: Noise | None


def filter_noise(network: Network, layer: str) -> FilterNoise:
    """Measure the noise of a layer's filters, and of the same layer at random initialisation."""
    module, filters = convolution(network, layer), filters_of(network, layer)
    random = [random_filters(module, seed) for seed in range(DRAWS)]

    def beside_random(measure: Callable[[Tensor], NDArray[np.float32]]) -> Noise:
        low, high = np.percentile(np.concatenate([measure(drawn) for drawn in random]), RANGE)
        return Noise(measure(filters), float(low), float(high))

    height, width = filters.shape[2:]
    return FilterNoise(
        fine=beside_random(fine_share) if min(height, width) >= MIN_FILTER_PX else None,
        rough=beside_random(roughness) if min(height, width) >= MIN_ROUGH_PX else None,
    )


def random_filters(module: nn.Conv2d, seed: int) -> Tensor:
    """The filters of a layer as torch initialises them: (units, channels, height, width)."""
    fresh = copy.deepcopy(module).to("cpu")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        fresh.reset_parameters()
    return fresh.weight.detach().to(torch.float32)
