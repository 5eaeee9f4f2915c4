"""How alike units are: whether two that people call by one word are duplicates, or see different
appearances of it (slides after Zhou et al. 2015, arXiv:1412.6856: "6 units that detect lamps, each
unit detecting a particular type of lamp").
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dissect.analyses.compare_networks import jaccard
from dissect.networks.registry import Network
from dissect.topk.batches import Passes

TOP = 60  # images whose overlap is measured: what a HIT shows


@dataclass(frozen=True)
class Alike:
    """Some units of a layer, each against each.

    Attributes:
        correlation: (units, units), Pearson's over all images of their scores (the maximum of each
            map); NaN where a unit's score never changes.
        overlap: (units, units), Jaccard of their top images.
        of: how many top images those are.
    """

    units: tuple[int, ...]
    correlation: NDArray[np.float64]
    overlap: NDArray[np.float64]
    of: int


def alike(
    network: Network, units: Mapping[str, Sequence[int]], passes: Passes, top: int = TOP
) -> dict[str, Alike]:
    """Compare units of some layers over the images.

    Memory: one number a unit and image.

    Args:
        units: layer to the units to compare.
        passes: over the images, with one to go.
        top: images whose overlap is measured, at most all.

    Raises:
        ImagesError: no image can be read.
    """
    places: list[NDArray[np.int64]] = []
    scores: dict[str, list[NDArray[np.float64]]] = {layer: [] for layer in units}
    for fresh, maps in passes.over(network, list(units)):
        places.append(fresh)
        for layer, chosen in units.items():
            highest = maps[layer][:, list(chosen)].amax(dim=(2, 3))  # (images, units)
            scores[layer].append(highest.double().cpu().numpy())
    every = np.concatenate(places)
    return {
        layer: compared(chosen, np.concatenate(scores[layer]), every, top)
        for layer, chosen in units.items()
    }


def compared(
    units: Sequence[int], scores: NDArray[np.float64], places: NDArray[np.int64], top: int
) -> Alike:
    """Each unit against each.

    Args:
        scores: (images, units). places: (images,), of the images; ties go to the earlier one.
    """
    of = min(top, len(places))
    order = [np.lexsort((places, -column))[:of] for column in scores.T]
    overlap = np.array([[jaccard(a, b) for b in order] for a in order]).reshape(len(units), -1)
    centred = scores - scores.mean(axis=0)
    length = np.sqrt((centred**2).sum(axis=0))
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = (centred.T @ centred) / np.outer(length, length)
    return Alike(tuple(units), correlation, overlap, of)
