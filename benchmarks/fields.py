"""Empirical receptive fields with occluders of 11 x 11 px at every 3rd pixel, 5,184 places.

Each place is hidden three times, by black, gray and white, as a dissection does by default. For a
middle layer (conv3), a unit and one of its top images are measured by the incremental forward,
against a full forward for each occluder, 64 at a time. For the deepest layer (pool5), all 256 units
have 10 top images out of 300; measuring units that share an image together is compared with
measuring each alone. Both rows are extrapolated from samples, since all units alone would take
hours. The diameters of discs of both layers, as a dissection of the 300 images finds them, are
compared with the pass over these images: what they cost in forwards, and in time.
"""

import tempfile
from pathlib import Path
from time import perf_counter

import numpy as np

from benchmarks.row import Row, at_least, at_most
from benchmarks.world import DEVICE, alexnet, photographs
from dissect.receptive_fields.disc_diameters import FieldSettings, layer_diameters
from dissect.receptive_fields.discrepancy import Peak, discrepancies, discrepancies_by_full_forward
from dissect.receptive_fields.occluders import CONSTANT_FILLS, Occluders
from dissect.storage.store import Folder
from dissect.topk.collect import collect
from dissect.topk.ranking import Ranking

OCCLUDERS = Occluders(fill=CONSTANT_FILLS)
IMAGES, TOP = 300, 10
PAIRS = 8  # of a unit and an image, measured alone
SHARED = 8  # images measured for all units that have them among their top images


def measure() -> list[Row]:
    tops = _tops("features.7", "features.12")
    forwards, time = _diameters_against_pass()
    return [
        at_least(
            "fields of conv3: a full forward for each occluder / what it reaches alone",
            _full_against_incremental("features.7", tops["features.7"]),
            50,
        ),
        at_least(
            "fields of pool5, 256 units, K = 10 of 300: each alone / sharing images",
            _alone_against_shared("features.12", tops["features.12"]),
            3,
        ),
        at_most("diameters of conv3 and pool5 of 300 images / the pass over them", time, 1),
        at_most("forwards for these diameters / a tenth of the images", forwards, 1),
    ]


def _diameters_against_pass() -> tuple[float, float]:
    """What finding two diameters costs: forwards over a tenth of the pass's, time over the pass's.

    It may take more than a tenth of the time: forwards of three images, backwards and a first trace
    of each layer are slower than the pass's forwards of 32. The share falls with more images.
    """
    images, layers = photographs(IMAGES), ["features.7", "features.12"]
    start = perf_counter()
    collected = collect(alexnet(), layers, images, 2 * TOP, device=DEVICE).layers
    middle = perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        store = Folder(Path(folder))
        diameters = layer_diameters(
            alexnet(), collected, images, store, FieldSettings(), DEVICE, lambda *_: None
        )
    forwards = sum(diameter["forwards"] for diameter in diameters)
    return 10 * forwards / IMAGES, (perf_counter() - middle) / (middle - start)


def _tops(*layers: str) -> dict[str, Ranking]:
    collected = collect(alexnet(), layers, photographs(IMAGES), TOP, device=DEVICE)
    return {layer.info.name: layer.top for layer in collected.layers}


def _full_against_incremental(layer: str, top: Ranking) -> float:
    pairs = _pairs(top)
    incremental = np.mean([_seconds(layer, *pair) for pair in pairs])
    image, peaks = pairs[0]
    start = perf_counter()
    discrepancies_by_full_forward(alexnet(), layer, _pixels(image), peaks, OCCLUDERS)
    return float((perf_counter() - start) / incremental)


def _alone_against_shared(layer: str, top: Ranking) -> float:
    """The time of all pairs alone over that of all images shared, from evenly spread samples."""
    alone = np.mean([_seconds(layer, *pair) for pair in _pairs(top)]) * top.image.size
    images, times = np.unique(top.image, return_counts=True)
    ordered = images[np.argsort(times, kind="stable")].tolist()
    sample = [ordered[place] for place in _spread(len(ordered), SHARED)]
    shared = np.mean([_seconds(layer, image, _peaks(top, image)) for image in sample])
    return float(alone / (shared * len(images)))


def _pairs(top: Ranking) -> list[tuple[int, list[Peak]]]:
    """PAIRS of a top image and its unit's peak in it, spread over units and ranks."""
    units, ranks = top.image.shape
    places = [divmod(place, ranks) for place in _spread(units * ranks, PAIRS)]
    return [(int(top.image[unit, rank]), [_peak(top, unit, rank)]) for unit, rank in places]


def _spread(count: int, chosen: int) -> list[int]:
    """`chosen` indices of 0 to count - 1, spread evenly."""
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
