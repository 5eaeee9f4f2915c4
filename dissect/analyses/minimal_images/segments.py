"""Segments of an image, which a search for its minimal image removes.

Zhou et al. 2015, arXiv:1412.6856, use "a segmentation of edges and regions": here the chains of
Canny's edges, and the regions without them. Regions alone are superpixels.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from skimage.feature import canny
from skimage.filters import sobel
from skimage.measure import label
from skimage.segmentation import expand_labels, watershed
from torch import Tensor

from dissect.errors import BadSetting

DEFAULT_SEGMENTS = 40
COMPACTNESS = 0.0005  # of the watershed: small, but flat parts still end at their own seed
EDGE_SIGMA = 2.0  # px, of the Gaussian before Canny's gradient
CHAIN_RADIUS = 2  # px to each side of an edge: photographs have edges of about 4 px
MIN_CONTRAST = 0.05  # of the brightest and the darkest pixel; less is noise
MIN_CHAIN_PX = 8  # shorter edges are texture of their region
LUMA = np.array([0.299, 0.587, 0.114])


@dataclass(frozen=True)
class Segments:
    """The segments of an image.

    Attributes:
        labels: (height, width), the segment of each pixel, from 0 without gaps.
        regions: (height, width), the same, but on an edge chain the region below it.
    """

    labels: NDArray[np.int64]
    regions: NDArray[np.int64]

    @property
    def count(self) -> int:
        return int(self.labels.max()) + 1

    @property
    def areas(self) -> NDArray[np.int64]:
        """(count,), pixels of each segment."""
        return np.bincount(self.labels.ravel())


def regions_only(labels: NDArray[np.integer]) -> Segments:
    """The segments that labels without edge chains make, numbered in the order of the labels."""
    numbers = renumbered(labels)
    return Segments(numbers, numbers)


def renumbered(labels: NDArray[np.integer]) -> NDArray[np.int64]:
    """Number the segments of an image from 0 without gaps, in the order of their labels."""
    return np.searchsorted(np.unique(labels), labels).astype(np.int64)


def edges_and_regions(pixels: Tensor, count: int = DEFAULT_SEGMENTS) -> Segments:
    """Cut an image into edge chains and the regions without them.

    A chain is a connected edge of Canny (1986, doi:10.1109/TPAMI.1986.4767851) with the
    CHAIN_RADIUS px around it. The longest chains make up to half of the segments; shorter ones
    belong to the regions, which are superpixels of the whole image.

    Args:
        pixels: (channels, height, width) uint8.
        count: segments, about.
    """
    _check_count(count)
    chains = _longest_chains(_grey(pixels), count // 2)
    chain_count = int(chains.max())
    below = superpixels(pixels, max(2, count - chain_count))
    labels = np.where(chains > 0, chains - 1, chain_count + below)
    numbers = np.unique(labels)  # a region may vanish under the chains
    visible = np.searchsorted(numbers, chain_count + below)
    hidden = ~np.isin(chain_count + below, numbers)
    regions = np.where(hidden, np.searchsorted(numbers, labels), visible)
    return Segments(np.searchsorted(numbers, labels).astype(np.int64), regions.astype(np.int64))


def _grey(pixels: Tensor) -> NDArray[np.float64]:
    """An image in gray, (height, width), from 0 to 1: a dark one has edges too."""
    values = pixels[:3].cpu().numpy() / 255.0
    grey = np.tensordot(LUMA, values, 1) if len(values) == 3 else values[0]
    lowest, highest = float(grey.min()), float(grey.max())
    return (grey - lowest) / max(highest - lowest, MIN_CONTRAST)


def _longest_chains(grey: NDArray[np.float64], most: int) -> NDArray[np.int64]:
    """(height, width): 1 for the longest chain, 2 for the next one, 0 where there is none."""
    edges = label(canny(grey, sigma=EDGE_SIGMA), connectivity=2)  # type: ignore[no-untyped-call]
    lengths = np.bincount(edges.ravel())
    lengths[0] = 0  # what is no edge
    longest = np.argsort(-lengths, kind="stable")[:most]
    longest = longest[lengths[longest] >= MIN_CHAIN_PX]
    ranks = np.zeros(len(lengths), dtype=np.int64)
    ranks[longest] = np.arange(1, len(longest) + 1)
    chains: NDArray[np.int64] = expand_labels(ranks[edges], CHAIN_RADIUS)  # type: ignore[no-untyped-call]
    return chains


def superpixels(pixels: Tensor, count: int = DEFAULT_SEGMENTS) -> NDArray[np.int64]:
    """Cut an image into the regions that a search for its minimal image removes.

    Compact watershed of the gradient (Neubert and Protzel 2014, doi:10.1109/ICPR.2014.181) from
    about `count` evenly spread seeds, each moved to the flattest place nearby.

    Args:
        pixels: (channels, height, width) uint8.

    Returns:
        (height, width), the number of each pixel's region, from 0 without gaps.
    """
    _check_count(count)
    values = pixels[:3].cpu().numpy() / 255.0
    edges = np.max([sobel(channel) for channel in values], axis=0)  # type: ignore[no-untyped-call]
    seeds = _seeds(edges, count)
    regions = watershed(edges, seeds, compactness=COMPACTNESS)  # type: ignore[no-untyped-call]
    return renumbered(regions)


def _seeds(edges: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    """Put one seed at the flattest place of the middle half of each cell of a regular grid."""
    height, width = edges.shape
    rows = max(1, round((count * height / width) ** 0.5))
    columns = max(1, round(count / rows))
    seeds = np.zeros(edges.shape, dtype=np.int64)
    for number, (i, j) in enumerate(np.ndindex(rows, columns), start=1):
        y, x = (i + 0.5) * height / rows, (j + 0.5) * width / columns
        reach = height / rows / 4, width / columns / 4
        top, left = int(y - reach[0]), int(x - reach[1])
        near = edges[top : int(y + reach[0]) + 1, left : int(x + reach[1]) + 1]
        dy, dx = np.ogrid[: near.shape[0], : near.shape[1]]
        # Among equally flat places the one nearest to the middle wins.
        cost = near + 1e-6 * (np.abs(dy + top - y) + np.abs(dx + left - x))
        a, b = np.unravel_index(int(cost.argmin()), near.shape)
        seeds[top + a, left + b] = number
    return seeds


def _check_count(count: int) -> None:
    if count < 2:
        raise BadSetting(f"An image is cut into at least 2 segments, not {count}.")
