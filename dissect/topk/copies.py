"""Copies: images that a network sees alike, to the pixel.

Copies have equal scores, so a picture that a list holds thirty times would be half of a unit's
sixty top images. The lowest place stands for all copies of a view, in whatever parts of a pass they
are: dropping copies first and ranking then gives the same top images.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from torch import Tensor
from xxhash import xxh3_128_digest

from dissect.topk.ranking import Ranking

VIEW_HASH = "xxh3-128"
DIGEST_BYTES = 16  # two views of a million share theirs with a chance of 1e-27


def view_digest(pixels: Tensor) -> bytes:
    """The hash of a view, by which copies are known.

    Args:
        pixels: (channels, height, width) uint8.
    """
    return xxh3_128_digest(pixels.contiguous().numpy().data)


class Views:
    """The views of the images of a part of a pass; about 150 bytes an image, like their paths."""

    def __init__(self) -> None:
        self._lowest: dict[bytes, int] = {}  # by digest
        self._later: dict[int, bytes] = {}  # of copies, by place

    def add(self, images: NDArray[np.int64], digests: Sequence[bytes]) -> NDArray[np.intp]:
        """Add images, in ascending order of all places; returns the rows of those not seen before.

        Args:
            images: (images,) places. digests: theirs.
        """
        rows = []
        for row, (place, digest) in enumerate(zip(images.tolist(), digests, strict=True)):
            if self._lowest.setdefault(digest, place) == place:
                rows.append(row)
            else:
                self._later[place] = digest
        return np.array(rows, dtype=np.intp)

    def merge(self, other: "Views") -> dict[int, int]:
        """Add the views of other images.

        Returns:
            For each image that stood for its copies in one of the parts and does not in both, the
            one that does now.
        """
        replaced = {}
        for digest, place in other._lowest.items():
            mine = self._lowest.setdefault(digest, place)
            if mine != place:
                lower, higher = sorted((mine, place))
                self._lowest[digest], self._later[higher] = lower, digest
                replaced[higher] = lower
        self._later |= other._later
        return replaced

    def copies(self) -> dict[int, int]:
        """For each copy, by place, the lowest place with the same view."""
        return {place: self._lowest[self._later[place]] for place in sorted(self._later)}

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """All views as arrays by name: `fill` is the inverse."""
        by_place = {place: digest for digest, place in self._lowest.items()} | self._later
        places = sorted(by_place)
        content = b"".join(by_place[place] for place in places)
        return {
            "view_places": np.array(places, dtype=np.int64),
            "view_digests": np.frombuffer(content, np.uint8).reshape(-1, DIGEST_BYTES),
        }

    def fill(self, arrays: Mapping[str, NDArray[np.generic]]) -> None:
        """Add the views of arrays to none."""
        digests = [row.tobytes() for row in arrays["view_digests"]]
        self.add(arrays["view_places"].astype(np.int64, copy=False), digests)


def renamed(ranking: Ranking, replaced: Mapping[int, int]) -> Ranking:
    """A ranking in which another of an image's copies stands for it; columns keep their order."""
    old = np.array(sorted(replaced), dtype=np.int64)
    new = np.array([replaced[place] for place in old.tolist()], dtype=np.int64)
    at = np.searchsorted(old, ranking.image).clip(max=len(old) - 1)  # (units, images)
    image = np.where(old[at] == ranking.image, new[at], ranking.image)
    return Ranking(ranking.score, ranking.sum, image, ranking.y, ranking.x)


def first_of_each(order: NDArray[np.intp], image: NDArray[np.int64]) -> NDArray[np.intp]:
    """An order of columns without copies: the first column of each image stays.

    Args:
        order: (units, columns). image: (units, columns), of the unordered columns.

    Returns:
        (units, the number of images that every unit has).
    """
    ordered = np.take_along_axis(image, order, axis=1)
    by_image = np.argsort(ordered, axis=1, kind="stable")
    sorted_image = np.take_along_axis(ordered, by_image, axis=1)
    again = np.zeros(order.shape, dtype=bool)
    again[:, 1:] = sorted_image[:, 1:] == sorted_image[:, :-1]
    repeats = np.empty_like(again)
    np.put_along_axis(repeats, by_image, again, axis=1)
    count = int((~repeats).sum(axis=1).min(initial=order.shape[1]))
    firsts = np.argsort(repeats, axis=1, kind="stable")[:, :count]
    return np.take_along_axis(order, firsts, axis=1)
