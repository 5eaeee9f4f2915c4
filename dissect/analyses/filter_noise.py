"""How noisy the filters of a convolution are, beside those of a random initialization.

First-layer filters of well-trained networks are smooth; noise in them is a sign of too little
training (slides after Zhou et al. 2015, arXiv:1412.6856, and cs231n).
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from dissect.analyses.filter_weights import convolution, filters_of
from dissect.networks.registry import Network

HALF_NYQUIST = 0.25  # cycles a pixel
MIN_FILTER_PX = 5  # a smaller filter has too few frequencies to tell noise by its spectrum
MIN_ROUGH_PX = 2  # a smaller one has no neighboring weights
DRAWS = 20  # random initializations
RANGE = (5, 95)  # % of their filters


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
    """Measure the noise of small filters: the mean squared difference of neighboring weights.

    In units of what independent weights of the same power differ by: about 1 for noise, less for
    smooth filters, up to 2 where neighbors have opposite signs. It says something of 3 x 3.

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
        rough: by neighboring weights, of filters from 2 x 2 on.
    """

    fine: Noise | None
    rough: Noise | None


def filter_noise(network: Network, layer: str) -> FilterNoise:
    """Measure the noise of a layer's filters, and of the same layer at random initialization."""
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
    """The random filters that noise is compared with: a layer's as torch initializes them."""
    fresh = copy.deepcopy(module).to("cpu")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        fresh.reset_parameters()
    return fresh.weight.detach().to(torch.float32)
