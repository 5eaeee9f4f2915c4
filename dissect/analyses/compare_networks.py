"""What the layers of two networks prefer among the same images, and how far they agree.

An image's score for a layer is the sum of all its activations, over units and cells, as in
figure 1 of Zhou et al. 2015, arXiv:1412.6856: early layers prefer similar images whatever the
network was trained on, late ones do not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

from dissect.errors import BadSetting
from dissect.networks.registry import Network
from dissect.topk.batches import Passes

DEFAULT_TOP = 3  # images shown for a layer, as in the paper
DEFAULT_OVERLAP = 100  # top images of a layer whose overlap is measured


@dataclass(frozen=True)
class LayerOrder:
    """Images of a layer, best first: places and their summed activations, both (images,)."""

    places: NDArray[np.int64]
    sums: NDArray[np.float64]


@dataclass(frozen=True)
class LayerPair:
    """A layer of each of two networks, on the same images.

    Attributes:
        jaccard: images in the top of both layers / images in the top of either.
        chance: the mean of the same for two random choices of as many images.
        of: how many top images that is.
    """

    layers: tuple[str, str]
    orders: tuple[LayerOrder, LayerOrder]
    jaccard: float
    chance: float
    of: int


def _layer_orders(network: Network, layers: Sequence[str], passes: Passes) -> dict[str, LayerOrder]:
    """Order all images by each layer's summed activations, ties by place, to compare networks.

    Memory: two numbers for each image and layer.

    Raises:
        ImagesError: no image can be read.
    """
    places: list[NDArray[np.int64]] = []
    sums: dict[str, list[NDArray[np.float64]]] = {layer: [] for layer in layers}
    for batch, maps in passes.over(network, layers):
        places.append(batch)
        for layer, layer_maps in maps.items():
            sums[layer].append(layer_maps.double().sum(dim=(1, 2, 3)).cpu().numpy())
    all_places = np.concatenate(places)
    return {layer: _ordered(all_places, np.concatenate(parts)) for layer, parts in sums.items()}


def _ordered(places: NDArray[np.int64], sums: NDArray[np.float64]) -> LayerOrder:
    order = np.lexsort((places, -sums))
    return LayerOrder(places[order], sums[order])


def compare_layers(
    networks: tuple[Network, Network],
    layers: Sequence[tuple[str, str]],
    passes: Passes,
    of: int = DEFAULT_OVERLAP,
) -> list[LayerPair]:
    """Order images by each layer of two networks, and measure how far pairs of layers agree.

    Args:
        layers: a layer of the first and one of the second network, pair by pair.
        passes: over the images, with two passes left.
        of: top images whose overlap is measured; fewer than there are images.

    Raises:
        BadSetting: `of` is not from 1 to below the number of images that can be read.
    """
    first, second = (
        _layer_orders(network, list(dict.fromkeys(pair[i] for pair in layers)), passes)
        for i, network in enumerate(networks)
    )
    readable = len(passes.images) - len(passes.bad)
    if not 1 <= of < readable:
        raise BadSetting(
            f"The overlap of top images must be of 1 to {readable - 1} of the {readable} images "
            f"that can be read, not of {of}."
        )
    chance = chance_overlap(of, readable)
    pairs = []
    for a, b in layers:
        tops = first[a].places[:of], second[b].places[:of]
        pairs.append(LayerPair((a, b), (first[a], second[b]), jaccard(*tops), chance, of))
    return pairs


def jaccard(a: NDArray[np.int64], b: NDArray[np.int64]) -> float:
    """How far two networks' layers agree on their top images: the share of either's in both."""
    return len(np.intersect1d(a, b)) / len(np.union1d(a, b))


def chance_overlap(of: int, images: int) -> float:
    """The agreement of two networks' layers if their top `of` of `images` images were random.

    The number shared is hypergeometric.
    """
    ways = comb(images, of)
    return sum(
        shared / (2 * of - shared) * (comb(of, shared) * comb(images - of, of - shared) / ways)
        for shared in range(max(0, 2 * of - images), of + 1)
    )
