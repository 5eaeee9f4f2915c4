"""The exact top images of every unit, mergeable in any order.

The order: score (the maximum of the map) descending, then the sum of the map descending, then the
lower image id. By sum, on request, sum and maximum change places. It is total, so that merging
partial rankings of disjoint images gives the ranking of their union, to the bit.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from dissect.errors import BadSetting


@dataclass(frozen=True)
class Ranking:
    """For every unit its images, best first: five arrays (units, images).

    Attributes:
        score: maximum of the map. sum: of the map's cells. image: place in the image list.
        y, x: the peak's cell, the first in reading order among equals.
    """

    score: NDArray[np.float32]
    sum: NDArray[np.float32]
    image: NDArray[np.int64]
    y: NDArray[np.int32]
    x: NDArray[np.int32]

    def by(self, name: str) -> NDArray[np.float32]:
        """What images are ranked by: "max", the maximum of the map, or "sum".

        Raises:
            BadSetting: it is neither.
        """
        if name not in ("max", "sum"):
            raise BadSetting(f"Images are ranked by max or sum, not by {name!r}.")
        return self.score if name == "max" else self.sum

    def __len__(self) -> int:
        return int(self.score.shape[1])

    def take(self, order: NDArray[np.intp]) -> "Ranking":
        """Columns chosen for every unit: order is (units, chosen)."""
        return Ranking(
            *(np.take_along_axis(getattr(self, f.name), order, axis=1) for f in fields(self))
        )


def concatenated(rankings: list[Ranking]) -> Ranking:
    """Several rankings of the same units side by side, not sorted."""
    return Ranking(
        *(np.concatenate([getattr(r, f.name) for r in rankings], axis=1) for f in fields(Ranking))
    )


def ranking_order(ranking: Ranking, by: str = "max") -> NDArray[np.intp]:
    """(units, images): the columns of each unit, best first."""
    first = ranking.by(by)
    order = np.argsort(-first, axis=1, kind="stable")
    ordered = np.take_along_axis(first, order, axis=1)
    tied = (ordered[:, 1:] == ordered[:, :-1]).any(axis=1)  # only these need the other two keys
    if tied.any():
        second = ranking.sum if by == "max" else ranking.score
        order[tied] = np.lexsort((ranking.image[tied], -second[tied], -first[tied]), axis=1)
    return order


def top_k(rankings: list[Ranking], k: int, by: str = "max") -> Ranking:
    """The k best of several rankings of disjoint images, in whatever order they come.

    Args:
        k: at least 1; fewer are returned where there are fewer.
    """
    if k < 1:
        raise BadSetting(f"The number of top images must be at least 1, got {k}.")
    everything = concatenated(rankings)
    return everything.take(ranking_order(everything, by)[:, :k])


def score_maps(maps: Tensor, images: NDArray[np.int64]) -> Ranking:
    """The scores that a batch gives to every unit, in the batch's order.

    Args:
        maps: (images, units, height, width).
        images: (images,), their places in the list.
    """
    count, units, _, width = maps.shape
    score, sums, cells = _on_host(maps) if maps.device.type == "cpu" else _on_device(maps)
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

    NumPy: it finds the cell seven times as fast as torch, and takes no core from the forward.
    """
    flat = maps.flatten(2).numpy()
    cells = np.argmax(flat, axis=2)
    score = np.take_along_axis(flat, cells[..., None], axis=2)[..., 0]
    return score, flat.sum(axis=2), np.asarray(cells, dtype=np.int64)


def _on_device(maps: Tensor) -> Scores:
    flat = maps.flatten(2)
    score, cells = flat.max(dim=2)
    return score.cpu().numpy(), flat.sum(dim=2).cpu().numpy(), cells.cpu().numpy()
