"""Fixed samples drawn by hash: they depend neither on the order nor on the shards of a pass."""

import numpy as np
from numpy.typing import NDArray

from dissect.topk.ranking import Ranking

MAX_IMAGES = 4096  # of the sample that low scores and quantiles are taken from
MAX_CELLS = 1 << 18  # of a unit that its quantile is taken from, in all maps of these images
RANDOM_IMAGES = 200  # drawn regardless of their scores, for base rates and control units

# Catch images are drawn from the lowest scores of a unit.
LOW_SHARE = 0.05
MIN_LOW = 24
MAX_LOW = 96


def hash64(numbers: NDArray[np.int64], seed: int | NDArray[np.int64] = 0) -> NDArray[np.uint64]:
    """A 64-bit hash of each number, to draw samples by: SplitMix64.

    Steele et al. 2014, doi:10.1145/2660193.2660195.

    Args:
        seed: a number, or an array that broadcasts. For one seed the hash is a bijection, so a
            sort by it has no ties.
    """
    with np.errstate(over="ignore"):
        start = np.uint64(0x9E3779B97F4A7C15) * (np.asarray(seed).astype(np.uint64) + np.uint64(1))
        z = numbers.astype(np.uint64) + start
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return np.asarray(z ^ (z >> np.uint64(31)))


def sampled_images(count: int, limit: int = MAX_IMAGES) -> NDArray[np.int64]:
    """Sample images by hash, the same in every pass: all their places up to `limit`, in order."""
    places = np.arange(count, dtype=np.int64)
    if count <= limit:
        return places
    return np.sort(places[np.argsort(hash64(places, seed=1), kind="stable")[:limit]])


def in_random_order(count: int, key: str) -> NDArray[np.int64]:
    """Sample places by hash, all in an order fixed by a key: each start of it is a random sample.

    Args:
        key: hexadecimal, such as the SHA-256 of the list; its first 60 bits are the seed.
    """
    places = np.arange(count, dtype=np.int64)
    return places[np.argsort(hash64(places, seed=int(key[:15], 16)), kind="stable")]


def cells_of_each(image_count: int) -> int:
    """The largest number of cells sampled in a map: a unit has one budget for all sampled images.

    >>> cells_of_each(208), cells_of_each(4096)
    (1260, 64)
    """
    return MAX_CELLS // max(1, image_count)


def sampled_cells(images: NDArray[np.int64], cell_count: int, limit: int) -> NDArray[np.int64]:
    """Draw a sample of cells from each image's maps, (images, limit), in order.

    All cells where a map has at most `limit`.

    Args:
        images: (images,) their places in the list; each image has a draw of its own.
        cell_count: cells of a map.
    """
    cells = np.arange(cell_count, dtype=np.int64)
    if cell_count <= limit:
        return np.tile(cells, (len(images), 1))
    keys = hash64(cells, seed=images[:, None] + 2)  # (images, cells)
    return np.sort(np.argpartition(keys, limit, axis=1)[:, :limit], axis=1)


def catch_candidates(
    sample: Ranking, top: Ranking, shown: int, by: str = "max", first: int = 0
) -> Ranking:
    """Draw by hash, from a pass's sample, images that a unit hardly responds to, for catch images.

    They are the lowest 5 % of a unit's sampled scores, and at least 24 images where the sample has
    as many. Images that tie with the last of these are candidates too. Above 96, a hashed draw is
    taken rather than the first ones. The unit's shown top images are left out.

    Args:
        sample: (units, sampled images), in any order.
        top: (units, k); its first `shown` are shown.
        first: the number of the first of these units.

    Returns:
        (units, at most 96), lowest score first, then by image; image -1 pads units with fewer.
    """
    columns = [
        _lowest_columns(
            sample.score_by(by)[unit], sample.image[unit], top.image[unit, :shown], first + unit
        )
        for unit in range(len(sample.score))
    ]
    width = max((len(column) for column in columns), default=0)
    order = np.full((len(columns), width), -1, dtype=np.intp)  # (units, width), columns of sample
    for unit, column in enumerate(columns):
        order[unit, : len(column)] = column
    low = sample.take(np.maximum(order, 0)) if width else sample.take(order)
    return Ranking(low.score, low.sum, np.where(order < 0, -1, low.image), low.y, low.x)


def _lowest_columns(
    scores: NDArray[np.float32],
    images: NDArray[np.int64],
    shown: NDArray[np.int64],
    unit: int,
) -> NDArray[np.intp]:
    """Columns of one unit's candidates, from its scores and images (images,)."""
    count = max(MIN_LOW, int(np.ceil(LOW_SHARE * len(scores))))
    cut = np.partition(scores, count - 1)[count - 1] if count < len(scores) else np.inf
    low = np.flatnonzero(scores <= cut)
    low = low[~(images[low, None] == shown).any(axis=1)]  # np.isin takes ten times as long
    if len(low) > MAX_LOW:
        keys = hash64(images[low], seed=unit + 7)
        low = low[np.argsort(keys, kind="stable")[:MAX_LOW]]
    return np.asarray(low[np.lexsort((images[low], scores[low]))])
