"""Random directions of a layer: the chance control for named units.

Channels are centered and brought to equal variance over an image set, then turned by a seeded
Haar rotation. Without equal variance a few channels would dominate every direction.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from dissect.errors import BadSetting
from dissect.networks.directions import Directions
from dissect.networks.registry import Network
from dissect.topk.batches import Passes

MIN_STD_SHARE = 1e-6  # of the layer's largest: channels below it are constant, and left out


@dataclass
class ChannelStatistics:
    """Mean and standard deviation of each channel over all cells of all images: (channels,)."""

    mean: Tensor
    std: Tensor


def haar_rotation(size: int, seed: int) -> Tensor:
    """Draw a random rotation uniformly (Haar measure): (size, size) float64, determinant 1.

    The QR decomposition of Gaussian numbers, signs fixed (Mezzadri 2007, arXiv:math-ph/0609050).
    """
    generator = torch.Generator().manual_seed(seed)
    gaussian = torch.randn(size, size, generator=generator, dtype=torch.float64)
    q, r = torch.linalg.qr(gaussian)
    turned: Tensor = q * torch.where(torch.diagonal(r) < 0, -1.0, 1.0)
    if torch.linalg.det(turned) < 0:
        turned[:, 0] = -turned[:, 0]
    return turned


def random_directions(layer: str, channels: ChannelStatistics, count: int, seed: int) -> Directions:
    """Draw random directions: the first columns of a rotation of a layer's live channels.

    Over the image set each direction has mean 0 and weighs its channels at equal variance.

    Raises:
        BadSetting: the layer has fewer live channels than directions asked for.
    """
    live = channels.std > MIN_STD_SHARE * channels.std.max()
    alive = int(live.sum())
    if not 1 <= count <= alive:
        raise BadSetting(
            f"Layer {layer!r} has {alive} channels that vary over the images, so 1 to {alive} "
            f"rotated directions, not {count}."
        )
    rows = torch.zeros(count, len(live), dtype=torch.float64)
    rows[:, live] = haar_rotation(alive, seed).T[:count] / channels.std[live]
    offset = -rows @ channels.mean
    return Directions(layer, rows.to(torch.float32), offset.to(torch.float32))


def channel_statistics(
    network: Network, layers: Sequence[str], passes: Passes
) -> dict[str, ChannelStatistics]:
    """Compute every channel's mean and deviation over an image set, for random directions.

    Args:
        passes: over the image set, with one pass left.

    Raises:
        ImagesError: no image can be read.
    """
    by_layer = {layer: _Moments() for layer in layers}
    for _, maps in passes.over(network, layers):
        for layer, layer_maps in maps.items():
            by_layer[layer].add(layer_maps)
    return {layer: moments.result() for layer, moments in by_layer.items()}


class _Moments:
    """Count, mean and squared deviations, merged batch by batch (Chan et al. 1983)."""

    def __init__(self) -> None:
        self.count = 0
        self.mean = self.squares = torch.zeros(1, dtype=torch.float64)

    def add(self, maps: Tensor) -> None:
        flat = maps.transpose(0, 1).flatten(1).to("cpu", torch.float64)  # (channels, cells)
        mean = flat.mean(dim=1)
        squares = ((flat - mean[:, None]) ** 2).sum(dim=1)
        total = self.count + flat.shape[1]
        delta = mean - self.mean
        self.squares = self.squares + squares + delta**2 * (self.count * flat.shape[1] / total)
        self.mean = self.mean + delta * (flat.shape[1] / total)
        self.count = total

    def result(self) -> ChannelStatistics:
        return ChannelStatistics(self.mean, (self.squares / self.count).sqrt())
