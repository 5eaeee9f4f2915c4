"""The exact top images of every unit, mergeable in any order.

Images are ordered by score (the maximum of the map, descending), then by the sum of the map
(descending), then by image id (ascending). Ranking by sum swaps maximum and sum. The order is
total, so merging partial rankings of disjoint images gives the ranking of their union, to the bit.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from dissect.errors import BadSetting
from dissect.format.tables import RankedImages


@dataclass(frozen=True)
class Ranking(RankedImages):
    """Images of every unit with their scores, in any order until they are ranked."""

    def score_by(self, name: str) -> NDArray[np.float32]:
        """The score that images are ranked by, (units, images).

        Args:
            name: "max", the maximum of the map, or "sum".

        Raises:
            BadSetting: it is neither.
        """
        if name not in ("max", "sum"):
            raise BadSetting(f"Images are ranked by max or sum, not by {name!r}.")
        return self.score if name == "max" else self.sum

    def __len__(self) -> int:
        return int(self.score.shape[1])

    def of_units(self, units: slice) -> "Ranking":
        """The rows of some units."""
        return Ranking(*(getattr(self, f.name)[units] for f in fields(self)))

    def take(self, order: NDArray[np.intp]) -> "Ranking":
        """Some columns of every unit.

        Args:
            order: (units, n), the columns of each unit in their new order.
        """
        return Ranking(
            *(np.take_along_axis(getattr(self, f.name), order, axis=1) for f in fields(self))
        )

    def columns(self, columns: NDArray[np.intp]) -> "Ranking":
        """The same columns of every unit: (n,); itself where these are all, in order."""
        if np.array_equal(columns, np.arange(len(self))):
            return self
        return self.take(np.broadcast_to(columns, (len(self.score), len(columns))))


def stacked(rankings: list[Ranking]) -> Ranking:
    """Join rankings of different units, padded at the end with image -1 to the same width."""
    width = max((len(ranking) for ranking in rankings), default=0)
    padded = []
    for ranking in rankings:
        units, count = ranking.image.shape
        padded.append(concatenated([ranking, Ranking.empty(units, width - count)]))
    return Ranking(*(np.concatenate([getattr(r, f.name) for r in padded]) for f in fields(Ranking)))


def concatenated(rankings: list[Ranking]) -> Ranking:
    """Join rankings of the same units' images side by side, without ranking them again."""
    return Ranking(
        *(np.concatenate([getattr(r, f.name) for r in rankings], axis=1) for f in fields(Ranking))
    )


def ranking_order(ranking: Ranking, by: str = "max") -> NDArray[np.intp]:
    """The columns of a ranking, best image of each unit first: (units, images)."""
    first = ranking.score_by(by)
    order = np.argsort(-first, axis=1, kind="stable")
    ordered = np.take_along_axis(first, order, axis=1)
    # Sorting by three keys is slow, so only units with equal scores are sorted again.
    tied = (ordered[:, 1:] == ordered[:, :-1]).any(axis=1)  # (units,)
    if tied.any():
        second = ranking.sum if by == "max" else ranking.score
        order[tied] = np.lexsort((ranking.image[tied], -second[tied], -first[tied]), axis=1)
    return order


def top_k(rankings: list[Ranking], k: int, by: str = "max") -> Ranking:
    """Merge rankings of disjoint images, in whatever order: the k best images of each unit.

    Args:
        k: at least 1; fewer are returned where there are fewer images.
    """
    if k < 1:
        raise BadSetting(f"The number of top images must be at least 1, got {k}.")
    candidates = concatenated(rankings)
    return candidates.take(ranking_order(candidates, by)[:, :k])


def score_maps(maps: Tensor, images: NDArray[np.int64]) -> Ranking:
    """Start a ranking from one batch: the scores of its images, in the batch's order.

    Args:
        maps: (images, units, height, width).
        images: (images,), their places in the image list.
    """
    count, units, _, width = maps.shape
    score, sums, cells = _on_host(maps) if maps.device.type == "cpu" else _on_device(maps)
    # From (images, units) to (units, images):
    return Ranking(
        score=np.ascontiguousarray(score.T),
        sum=np.ascontiguousarray(sums.T),
        image=np.broadcast_to(images, (units, count)).copy(),
        y=np.ascontiguousarray((cells // width).T, dtype=np.int32),
        x=np.ascontiguousarray((cells % width).T, dtype=np.int32),
    )


Scores = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int64]]


def _on_host(maps: Tensor) -> Scores:
    """Maximum, sum and first highest cell of each map, (images, units) each.

    NumPy finds the cell seven times as fast as torch, and takes no core from the forward.
    """
    flat = maps.flatten(2).numpy()  # (images, units, cells)
    cells = np.argmax(flat, axis=2)
    score = np.take_along_axis(flat, cells[..., None], axis=2)[..., 0]
    return score, flat.sum(axis=2), np.asarray(cells, dtype=np.int64)


def _on_device(maps: Tensor) -> Scores:
    flat = maps.flatten(2)
    score, cells = flat.max(dim=2)
    return score.cpu().numpy(), flat.sum(dim=2).cpu().numpy(), cells.cpu().numpy()
