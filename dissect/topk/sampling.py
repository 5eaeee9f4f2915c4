"""Fixed samples drawn by hash: the same whatever the order or the shards of a pass."""

import numpy as np
from numpy.typing import NDArray

from dissect.topk.ranking import Ranking

SAMPLED_IMAGES = 4096  # images whose scores and cells stand for all, where there are more
SAMPLED_CELLS = 64  # of an image and unit
RANDOM_IMAGES = 200  # drawn whatever their scores, for base rates and controls


def hash64(numbers: NDArray[np.int64], seed: int | NDArray[np.int64] = 0) -> NDArray[np.uint64]:
    """A well-mixed 64-bit number for each number (SplitMix64, Steele et al. 2014).

    Args:
        seed: one for all, or an array that broadcasts; for one seed the mixing is a bijection.
    """
    with np.errstate(over="ignore"):
        start = np.uint64(0x9E3779B97F4A7C15) * (np.asarray(seed).astype(np.uint64) + np.uint64(1))
        z = numbers.astype(np.uint64) + start
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return np.asarray(z ^ (z >> np.uint64(31)))


def sampled_images(count: int, most: int = SAMPLED_IMAGES) -> NDArray[np.int64]:
    """Places of a fixed sample of a list of images: all of them up to `most`, in order."""
    places = np.arange(count, dtype=np.int64)
    if count <= most:
        return places
    return np.sort(places[np.argsort(hash64(places, seed=1), kind="stable")[:most]])


def in_random_order(count: int, key: str) -> NDArray[np.int64]:
    """Every place of a list of images, in an order that a key alone decides.

    Args:
        key: hexadecimal, such as the SHA-256 of the list; its first 60 bits count.
    """
    places = np.arange(count, dtype=np.int64)
    return places[np.argsort(hash64(places, seed=int(key[:15], 16)), kind="stable")]


def sampled_cells(
    images: NDArray[np.int64], cells: int, most: int = SAMPLED_CELLS
) -> NDArray[np.int64]:
    """Which cells of images' maps are in the sample, (images, most); all where there are fewer.

    Args:
        images: their places in the list; each has a draw of its own.
        cells: of a map.
    """
    every = np.arange(cells, dtype=np.int64)
    if cells <= most:
        return np.tile(every, (len(images), 1))
    keys = hash64(every, seed=images[:, None] + 2)
    return np.sort(np.argpartition(keys, most, axis=1)[:, :most], axis=1)


LOW_SHARE = 0.05
LOW_LEAST = 24
LOW_MOST = 96


def catch_candidates(sample: Ranking, top: Ranking, shown: int, by: str = "max") -> Ranking:
    """The candidates of every unit; images among its shown top images are none.

    Args:
        sample: (units, sampled images), in any order.
        top: (units, k); its first `shown` are shown.

    Returns:
        (units, at most 96), lowest score first then image; image -1 pads units with fewer.
    """
    rows = [
        _lowest_of_unit(sample.by(by)[unit], sample.image[unit], top.image[unit, :shown], unit)
        for unit in range(len(sample.score))
    ]
    width = max((len(row) for row in rows), default=0)
    order = np.full((len(rows), width), -1, dtype=np.intp)
    for unit, row in enumerate(rows):
        order[unit, : len(row)] = row
    low = sample.take(np.maximum(order, 0)) if width else sample.take(order)
    return Ranking(low.score, low.sum, np.where(order < 0, -1, low.image), low.y, low.x)


def _lowest_of_unit(
    scores: NDArray[np.float32],
    images: NDArray[np.int64],
    shown: NDArray[np.int64],
    unit: int,
) -> NDArray[np.intp]:
    cut_at = max(LOW_LEAST, int(np.ceil(LOW_SHARE * len(scores))))
    cut = np.partition(scores, cut_at - 1)[cut_at - 1] if cut_at < len(scores) else np.inf
    low = np.flatnonzero(scores <= cut)
    low = low[~np.isin(images[low], shown)]
    if len(low) > LOW_MOST:
        keys = hash64(images[low], seed=unit + 7)
        low = low[np.argsort(keys, kind="stable")[:LOW_MOST]]
    return low[np.lexsort((images[low], scores[low]))]
