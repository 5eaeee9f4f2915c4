"""Images as the integral of gradients: each segment owns some, and a removed one takes them along.

Integration is Poisson's equation with free borders, solved by a discrete cosine transform. It is
linear, so a segment is a basis image, and what is left of an image is the sum of bases.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dctn, idctn
from scipy.ndimage import gaussian_filter
from torch import Tensor

from dissect.analyses.minimal_images.segments import Segments

SHADE_PX = 4.0  # standard deviation of the mean that goes on across an edge
MIN_WEIGHT = 1e-3  # of the regions in that mean; farther from all of them no shade goes on

Floats = NDArray[np.float64]


def integrated(down: Floats, right: Floats) -> Floats:
    """Find the image whose gradients are nearest to some, by least squares; its mean is 0.

    Args:
        down: (..., height - 1, width), each pixel's difference to the one above it.
        right: (..., height, width - 1), to the one on its left.

    Returns:
        (..., height, width).
    """
    height, width = down.shape[-2] + 1, down.shape[-1]
    flow_down, flow_right = np.zeros((2, *down.shape[:-2], height + 1, width + 1))
    flow_down[..., 1:-1, :-1], flow_right[..., :-1, 1:-1] = down, right
    divergence = np.diff(flow_down, axis=-2)[..., :-1] + np.diff(flow_right, axis=-1)[..., :-1, :]
    waves = [2 * np.cos(np.pi * np.arange(side) / side) - 2 for side in (height, width)]
    eigenvalues = waves[0][:, None] + waves[1]
    eigenvalues[0, 0] = 1.0  # of the mean, which no gradient tells
    frequencies = dctn(divergence, axes=(-2, -1), norm="ortho") / eigenvalues
    frequencies[..., 0, 0] = 0.0
    image: Floats = idctn(frequencies, axes=(-2, -1), norm="ortho")
    return image


def bases(pixels: Tensor, segments: Segments) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Split an image by gradients: each segment's integral of its own, and the border's color.

    A gradient belongs to the segment of both its pixels; between a chain and a region to the
    region, between two of a kind to the later one. Shades go on across an edge: a chain has only
    what its gradients exceed the mean around it by, and the region below it has that mean. Each
    basis is 0 in the mean over the image's border, so that what is far from a removed segment
    stays as it is.

    Args:
        pixels: (channels, height, width) uint8.

    Returns:
        bases: (segments, channels, height, width); their sum and the border's color is the image.
        border: (channels,), the mean color of the border, which is left without any segment.
    """
    image = pixels.cpu().numpy().astype(np.float64)
    down, right = _Owned.of(image, segments, axis=0), _Owned.of(image, segments, axis=1)
    images = np.empty((segments.count, *image.shape), dtype=np.float32)
    for segment in range(segments.count):
        share = integrated(down.part(segment), right.part(segment))
        images[segment] = share - border_mean(share)[:, None, None]
    return images, border_mean(image).astype(np.float32)


@dataclass(frozen=True)
class _Owned:
    """The gradients of an image along one axis, and the segments that own them.

    Attributes:
        sharp, shade: (channels, height', width'), their sum is the gradient; the shade is the
            part that goes on across an edge chain, 0 elsewhere.
        owner, below: (height', width'), the segment of the sharp part, and of the shade.
    """

    sharp: Floats
    shade: Floats
    owner: NDArray[np.int64]
    below: NDArray[np.int64]

    @classmethod
    def of(cls, image: Floats, segments: Segments, axis: int) -> "_Owned":
        gradients = np.diff(image, axis=axis + 1)
        # Regions are numbered after chains, so the larger number of two is the region's.
        owner, below = (_larger(labels, axis) for labels in (segments.labels, segments.regions))
        apart = (owner == below).astype(np.float64)  # from any chain
        weight = gaussian_filter(apart, SHADE_PX)
        means = np.stack([gaussian_filter(channel * apart, SHADE_PX) for channel in gradients])
        goes_on = (apart == 0) & (weight > MIN_WEIGHT)
        shade = np.where(goes_on, means / np.maximum(weight, MIN_WEIGHT), 0.0)
        return cls(gradients - shade, shade, owner, below)

    def part(self, segment: int) -> Floats:
        """The gradients of one segment; those of all segments sum to the image's."""
        own, below = self.owner == segment, self.below == segment
        gradients: Floats = self.sharp * own + self.shade * below
        return gradients


def _larger(labels: NDArray[np.int64], axis: int) -> NDArray[np.int64]:
    """The larger label of each two pixels that are neighbors along an axis."""
    one, other = (labels[1:], labels[:-1]) if axis == 0 else (labels[:, 1:], labels[:, :-1])
    larger: NDArray[np.int64] = np.where(one > other, one, other)
    return larger


def border_mean(image: Floats) -> Floats:
    """(channels,): the mean over an image's border, to which integrated gradients are fitted."""
    inner = image[:, 1:-1, 1:-1]
    pixels = image.shape[1] * image.shape[2] - inner.shape[1] * inner.shape[2]
    mean: Floats = (image.sum(axis=(1, 2)) - inner.sum(axis=(1, 2))) / pixels
    return mean
