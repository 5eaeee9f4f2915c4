"""Weights for a draw after which what is drawn cannot be told from what it is put among.

Raking, or iterative proportional fitting (Deming and Stephan 1940, doi:10.1214/aoms/1177731829).
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Parts = NDArray[np.intp]
# From (units, candidates) chances of being drawn to the parts of the pictures that units show,
# (units, shown), and of their candidates, (units, candidates).
Feature = Callable[[Floats], tuple[Parts, Parts]]

PARTS = 6  # of a unit's pictures, from the lowest values to the highest
ROUNDS = 24
LEAST = 1e-4  # of a unit's heaviest weight: nothing that may be drawn is ruled out
MOST_CHANGE = 2.0  # of a weight in a round
STEPS = 12  # of Newton's method


def raked(count: int, usable: NDArray[np.bool_], features: Sequence[Feature]) -> Floats:
    """Weights of candidates, some of which are drawn and mixed with the pictures of their unit.

    Taken over all units, each sixth of a unit's pictures in the order of a feature gets as many
    of those drawn as of the pictures themselves; as nearly as the candidates allow.

    Args:
        count: candidates that are drawn of each unit.
        usable: (units, candidates) which of them may be.

    Returns:
        (units, candidates), from 0, where one may not be drawn, to 1.
    """
    weights = usable.astype(float)
    for _ in range(ROUNDS):
        for feature in features:
            drawn = chances(weights, count)
            weights = weights * _correction(*feature(drawn), drawn)
            heaviest = weights.max(axis=1, keepdims=True, initial=LEAST)
            weights = np.where(usable, np.maximum(weights / heaviest, LEAST), 0)
    return weights


def chances(weights: Floats, count: int) -> Floats:
    """(units, candidates): how probable it is that each is among those drawn.

    Draws go by exponential times of these rates, the first ones count: 1 - exp(-rate x t), with
    t such that they add up to the count of each unit.
    """
    total = weights.sum(axis=1, keepdims=True)
    t = count / np.maximum(total, LEAST)
    for _ in range(STEPS):  # from below, which never overshoots
        left = weights * np.exp(-weights * t)
        missing = count - (1 - np.exp(-weights * t)).sum(axis=1, keepdims=True)
        t = np.minimum(t + missing / np.maximum(left.sum(axis=1, keepdims=True), 1e-12), 1e9)
    return 1 - np.exp(-weights * t)


def parts(shown: Floats, values: Floats) -> Parts:
    """Which part of its unit's pictures each value falls into; PARTS where there is none.

    Args:
        shown: (units, shown), NaN where there is none. values: (units, n), as well.
    """
    found = np.full(values.shape, PARTS, dtype=np.intp)
    for unit, (row, own) in enumerate(zip(np.sort(shown, axis=1), values, strict=True)):
        row = row[~np.isnan(row)]
        if len(row):
            below, up_to = (np.searchsorted(row, own, side) for side in ("left", "right"))
            part = (below + up_to) * PARTS // (2 * len(row))
            found[unit] = np.where(np.isnan(own), PARTS, np.minimum(part, PARTS - 1))
    return found


def _correction(shown: Parts, offered: Parts, drawn: Floats) -> Floats:
    """(units, candidates): how many times as often a candidate should be drawn as it is."""
    wanted = np.bincount(shown.ravel(), minlength=PARTS + 1)[:PARTS]
    expected = np.bincount(offered.ravel(), drawn.ravel(), minlength=PARTS + 1)[:PARTS]
    if not wanted.sum() or not expected.sum():
        return np.ones_like(drawn)
    change = (wanted / wanted.sum()) / np.maximum(expected / expected.sum(), 1e-9)
    change = np.clip(change, 1 / MOST_CHANGE, MOST_CHANGE)
    return np.append(change, 1.0)[offered]
