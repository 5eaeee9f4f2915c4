"""Candidates for catch images: images that a unit hardly answers to.

Drawn from the lowest 5 % of a unit's scores, ties at the cut included, at least 24 where there are
so many; where more than 96 are low, a hashed draw of them, never simply the first.
"""

import numpy as np
from numpy.typing import NDArray

from dissect.topk.ranking import Ranking
from dissect.topk.sampling import hashed

LOW_SHARE = 0.05
LOW_LEAST = 24
LOW_MOST = 96


def lowest(sample: Ranking, top: Ranking, shown: int, by: str = "max") -> Ranking:
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
        keys = hashed(images[low], seed=unit + 7)
        low = low[np.argsort(keys, kind="stable")[:LOW_MOST]]
    return low[np.lexsort((images[low], scores[low]))]
