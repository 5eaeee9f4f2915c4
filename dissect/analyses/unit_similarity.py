"""How similar the units of a layer are.

Two units that people call by one word are either duplicates or see different appearances of it
(slides after Zhou et al. 2015, arXiv:1412.6856: "6 units that detect lamps, each unit detecting a
particular type of lamp").
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dissect.analyses.compare_networks import jaccard
from dissect.networks.registry import Network
from dissect.topk.batches import Passes

DEFAULT_TOP = 60  # images whose overlap is measured: as many as a HIT shows


@dataclass(frozen=True)
class UnitSimilarity:
    """Some units of a layer, each compared with each.

    Attributes:
        correlation: (units, units), Pearson's over all images of their scores (the maximum of each
            map); NaN where a unit has the same score for every image.
        overlap: (units, units), Jaccard overlap of their top images.
        of: how many top images that is.
    """

    units: tuple[int, ...]
    correlation: NDArray[np.float64]
    overlap: NDArray[np.float64]
    of: int


def compare_units(
    network: Network, units: Mapping[str, Sequence[int]], passes: Passes, top: int = DEFAULT_TOP
) -> dict[str, UnitSimilarity]:
    """Measure how similar units of some layers are, from one pass over the images.

    Memory: one number a unit and image.

    Args:
        units: layer to the units to compare.
        passes: over the images, with one pass left.
        top: images whose overlap is measured; at most all of them.

    Raises:
        ImagesError: no image can be read.
    """
    places: list[NDArray[np.int64]] = []
    scores: dict[str, list[NDArray[np.float64]]] = {layer: [] for layer in units}
    for batch, maps in passes.over(network, list(units)):
        places.append(batch)
        for layer, chosen in units.items():
            highest = maps[layer][:, list(chosen)].amax(dim=(2, 3))  # (images, units)
            scores[layer].append(highest.double().cpu().numpy())
    all_places = np.concatenate(places)
    return {
        layer: similarity_of(chosen, np.concatenate(scores[layer]), all_places, top)
        for layer, chosen in units.items()
    }


def similarity_of(
    units: Sequence[int], scores: NDArray[np.float64], places: NDArray[np.int64], top: int
) -> UnitSimilarity:
    """Measure the similarity of each unit with each, from their scores on the same images.

    Args:
        scores: (images, units).
        places: (images,), where the images stand in the list; ties go to the earlier one.
    """
    of = min(top, len(places))
    order = [np.lexsort((places, -column))[:of] for column in scores.T]
    overlap = np.array([[jaccard(a, b) for b in order] for a in order]).reshape(len(units), -1)
    centred = scores - scores.mean(axis=0)
    length = np.sqrt((centred**2).sum(axis=0))
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = (centred.T @ centred) / np.outer(length, length)
    return UnitSimilarity(tuple(units), correlation, overlap, of)
