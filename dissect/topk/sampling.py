"""Fixed samples drawn by hash: the same whatever the order or the shards of a pass."""

import numpy as np
from numpy.typing import NDArray

SAMPLED_IMAGES = 4096  # images whose scores and cells stand for all, where there are more
SAMPLED_CELLS = 64  # of an image and unit
RANDOM_IMAGES = 200  # drawn whatever their scores, for base rates and controls


def hashed(numbers: NDArray[np.int64], seed: int | NDArray[np.int64] = 0) -> NDArray[np.uint64]:
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
    return np.sort(places[np.argsort(hashed(places, seed=1), kind="stable")[:most]])


def in_random_order(count: int, key: str) -> NDArray[np.int64]:
    """Every place of a list of images, in an order that a key alone decides.

    Args:
        key: hexadecimal, such as the SHA-256 of the list; its first 60 bits count.
    """
    places = np.arange(count, dtype=np.int64)
    return places[np.argsort(hashed(places, seed=int(key[:15], 16)), kind="stable")]


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
    keys = hashed(every, seed=images[:, None] + 2)
    return np.sort(np.argpartition(keys, most, axis=1)[:, :most], axis=1)
