"""Weights for random draws whose results are distributed like something that is shown.

They are found by raking, or iterative proportional fitting (Deming and Stephan 1940,
doi:10.1214/aoms/1177731829): each feature in turn is brought to the distribution that it has among
what the units show, until all of them fit together.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bins = NDArray[np.intp]
NO_BIN = -1
BIN_COUNT = 8  # of a unit's shown values, from the lowest to the highest
ROUNDS = 24
MIN_WEIGHT = 1e-4  # of a unit's largest weight: no candidate is ruled out
MAX_CHANGE = 2.0  # of a weight in one round
MAX_IDENTITY_FACTOR = 4.0


@dataclass(frozen=True)
class Feature:
    """What shall be distributed alike, in bins.

    Attributes:
        bins: from the chances of candidates, (rows, candidates), to the bins of what the units
            show, (rows, shown), and of the candidates, (rows, candidates). NO_BIN for none.
        max_factor: by which all rounds together may change a weight, up or down.
    """

    bins: Callable[[Floats], tuple[Bins, Bins]]
    max_factor: float = math.inf


@dataclass(frozen=True)
class Cue:
    """A number that must not tell what is drawn from what is shown, such as the size of a file.

    Attributes:
        shown: (rows, shown). offered: (rows, candidates), NaN where there is none.
    """

    shown: Floats
    offered: Floats

    def repeated(self, count: int) -> "Cue":
        """The same with each row `count` times, for as many draws of each unit."""
        return Cue(np.repeat(self.shown, count, axis=0), np.repeat(self.offered, count, axis=0))


def raking_chances(usable: NDArray[np.bool_], features: Sequence[Feature]) -> Floats:
    """The chance of each candidate to be drawn, so that the drawn ones are like what is shown.

    Taken over all rows, each bin of a feature gets the same share of the drawn candidates as of
    what is shown, as nearly as the candidates allow.

    Args:
        usable: (rows, candidates) which of them may be drawn; one is drawn of each row.

    Returns:
        (rows, candidates): rows add up to 1, but to 0 where nothing is usable.
    """
    weights = usable.astype(float)
    factors = [np.ones_like(weights) for _ in features]
    for _ in range(ROUNDS):
        for number, feature in enumerate(features):
            chances = shares(weights)
            factor = factors[number] * _correction(*feature.bins(chances), chances)
            factor = np.clip(factor, 1 / feature.max_factor, feature.max_factor)
            weights = weights * factor / factors[number]
            factors[number] = factor
            largest = weights.max(axis=1, keepdims=True, initial=MIN_WEIGHT)
            weights = np.where(usable, np.maximum(weights / largest, MIN_WEIGHT), 0)
    return shares(weights)


def shares(weights: Floats) -> Floats:
    """Weights as shares of the sum of their row, (rows, candidates)."""
    return weights / np.maximum(weights.sum(axis=1, keepdims=True), MIN_WEIGHT)


def draw_one(chances: Floats, points: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Draw a candidate of each row.

    Args:
        chances: (rows, candidates), as `raking_chances` gives them.
        points: (rows,) random numbers.

    Returns:
        (rows,): columns; of no meaning where a row has nothing to draw.
    """
    below = chances.cumsum(axis=1) <= (points / 2**64 * chances.sum(axis=1))[:, None]
    last = np.where(chances > 0, np.arange(chances.shape[1]), 0).max(axis=1, initial=0)
    return np.minimum(below.sum(axis=1), last)


def split(numbers: NDArray[np.uint64], usable: NDArray[np.bool_], parts: int) -> NDArray[np.bool_]:
    """Split the usable candidates of each unit at random into parts of one size, or nearly.

    Args:
        numbers: (units, candidates), random.
        usable: (units, candidates).

    Returns:
        (units * parts, candidates): which candidates are in each part, a unit's parts together.
    """
    order = np.where(usable, numbers, np.iinfo(np.uint64).max).argsort(axis=1, kind="stable")
    places = np.empty_like(order)
    np.put_along_axis(places, order, np.arange(order.shape[1])[None, :], axis=1)
    part_of = np.where(usable, places % max(1, parts), -1)
    in_part: NDArray[np.bool_] = part_of[:, None, :] == np.arange(parts)[None, :, None]
    return in_part.reshape(len(usable) * parts, usable.shape[1])


def quantile_feature(cue: Cue) -> Feature:
    """In which quantile of its unit's shown values a value lies."""
    bins = quantile_bins(cue.shown, cue.shown, True), quantile_bins(cue.shown, cue.offered)
    return Feature(lambda chances: bins)


def identity_feature(shown: NDArray[np.int64], offered: NDArray[np.int64]) -> Feature:
    """Which thing it is, by number; NO_BIN where there is none.

    It has as many bins as there are things, so the other features keep the last word.
    """
    return Feature(lambda chances: (shown, offered), MAX_IDENTITY_FACTOR)


def quantile_bins(shown: Floats, values: Floats, are_shown: bool = False) -> Bins:
    """The quantile bin of its unit's shown values that each value is in.

    A new value lies in one of the n + 1 gaps between n shown ones, a shown one at one of n places;
    either is as likely as another if new values are like shown ones. Tied values share the middle
    of the bins that they span.

    Args:
        shown: (units, shown), NaN where there is nothing.
        values: (units, n), NaN likewise.
        are_shown: whether the values are those of `shown`.

    Returns:
        (units, n): from 0 to BIN_COUNT - 1, and NO_BIN where there is nothing.
    """
    bins = np.full(values.shape, NO_BIN, dtype=np.intp)
    for unit, (row, own) in enumerate(zip(np.sort(shown, axis=1), values, strict=True)):
        row = row[~np.isnan(row)]
        if len(row):
            places = sum(np.searchsorted(row, own, side) for side in ("left", "right"))
            gap = 0 if are_shown else 1
            middle = (places + gap) * BIN_COUNT // (2 * (len(row) + gap))
            bins[unit] = np.where(np.isnan(own), NO_BIN, np.minimum(middle, BIN_COUNT - 1))
    return bins


def _correction(shown: Bins, offered: Bins, chances: Floats) -> Floats:
    """The factor by which each candidate should be drawn more often, (units, candidates)."""
    count = int(max(shown.max(initial=0), offered.max(initial=0))) + 1
    is_offered = offered >= 0
    expected = np.bincount(offered[is_offered], chances[is_offered], minlength=count)
    target = np.bincount(shown[shown >= 0], minlength=count) * (expected > 0)
    if not target.sum() or not expected.sum():
        return np.ones_like(chances)
    change = (target / target.sum()) / np.maximum(expected / expected.sum(), 1e-9)
    change = np.clip(change, 1 / MAX_CHANGE, MAX_CHANGE)
    return np.where(is_offered, change[offered], 1.0)
