"""Empirical fields, with the paper's occluders: 11 x 11 px at every 3rd pixel, 5,184 copies.

A middle layer (conv3): a unit and one of its top images, against a forward of the network for each
occluder, 64 at a time. The deepest layer (pool5): all 256 units with their 10 top images of 300,
those that share an image measured together, against each unit by itself with the same code. Both
are told from samples: all of the second would take hours without sharing.
"""

from time import perf_counter

import numpy as np

from benchmarks.row import Row, at_least
from benchmarks.world import DEVICE, alexnet, photographs
from dissect.receptive_fields.discrepancy import Peak, discrepancies, discrepancies_by_full_forward
from dissect.receptive_fields.occluders import Occluders
from dissect.topk.collect import collect
from dissect.topk.ranking import Ranking

OCCLUDERS = Occluders(fill="random")
IMAGES, TOP = 300, 10
PAIRS = 12  # of a unit and an image, measured by themselves
SHARED = 12  # images measured for all units that share them


def measure() -> list[Row]:
    tops = _tops("features.7", "features.12")
    return [
        at_least(
            "fields of conv3: a full forward for each occluder / what it reaches alone",
            _full_against_reach("features.7", tops["features.7"]),
            50,
        ),
        at_least(
            "fields of pool5, 256 units, K = 10 of 300: each alone / sharing images",
            _alone_against_shared("features.12", tops["features.12"]),
            3,
        ),
    ]


def _tops(*layers: str) -> dict[str, Ranking]:
    found = collect(alexnet(), layers, photographs(IMAGES), TOP, device=DEVICE)
    return {layer.info.name: layer.top for layer in found.layers}


def _full_against_reach(layer: str, top: Ranking) -> float:
    pairs = _pairs(top)
    reach = np.mean([_seconds(layer, *pair) for pair in pairs])
    image, peaks = pairs[0]
    start = perf_counter()
    discrepancies_by_full_forward(alexnet(), layer, _pixels(image), peaks, OCCLUDERS)
    return float((perf_counter() - start) / reach)


def _alone_against_shared(layer: str, top: Ranking) -> float:
    """Times of all pairs alone, and of all images shared, each from a sample spread evenly."""
    alone = np.mean([_seconds(layer, *pair) for pair in _pairs(top)]) * top.image.size
    images, times = np.unique(top.image, return_counts=True)
    ordered = images[np.argsort(times, kind="stable")].tolist()
    sample = [ordered[place] for place in _spread(len(ordered), SHARED)]
    shared = np.mean([_seconds(layer, image, _peaks(top, image)) for image in sample])
    return float(alone / (shared * len(images)))


def _pairs(top: Ranking) -> list[tuple[int, list[Peak]]]:
    """A top image of a unit, and the peak in it, for some units and ranks."""
    units, ranks = top.image.shape
    places = [divmod(place, ranks) for place in _spread(units * ranks, PAIRS)]
    return [(int(top.image[unit, rank]), [_peak(top, unit, rank)]) for unit, rank in places]


def _spread(count: int, chosen: int) -> list[int]:
    """The middles of so many equal pieces of 0 to count - 1."""
    return [int((piece + 0.5) * count / chosen) for piece in range(chosen)]


def _peaks(top: Ranking, image: int) -> list[Peak]:
    return [_peak(top, unit, rank) for unit, rank in np.argwhere(top.image == image).tolist()]


def _peak(top: Ranking, unit: int, rank: int) -> Peak:
    return Peak(unit, int(top.y[unit, rank]), int(top.x[unit, rank]))


def _seconds(layer: str, image: int, peaks: list[Peak]) -> float:
    pixels = _pixels(image)
    start = perf_counter()
    discrepancies(alexnet(), layer, pixels, peaks, OCCLUDERS)
    return perf_counter() - start


def _pixels(image: int):  # type: ignore[no-untyped-def]
    shape = alexnet().preprocessing
    return shape.pixels(photographs(IMAGES).open(image)).to(DEVICE)
