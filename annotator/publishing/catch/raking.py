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
Numbers = NDArray[np.int64]
Normalise = Callable[[Floats], Floats]
NO_BIN = NONE = -1  # NONE: nothing is drawn
BIN_COUNT = 8  # of a unit's shown values, from the lowest to the highest
ROUNDS = 24
MIN_WEIGHT = 1e-4  # of a unit's largest weight: no candidate is ruled out
MAX_CHANGE = 2.0  # of a weight in one round
MAX_IDENTITY_FACTOR = 4.0
RIDGE = 1e-3  # for each row, of a variance of 1
BALANCE_STEPS, MAX_STEP = 60, 2.0
BALANCE_ROUNDS = 3  # how often a picture comes depends on the chances themselves
BALANCED = 0.05  # the largest difference, in standard errors of the sum over what is drawn
MAX_DEVIATION = 4.0  # standard deviations, of a value
MIN_LOGIT, TINY = -1e9, 1e-300
DISTINCT_ROUNDS = 20


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


def raking_chances(
    usable: NDArray[np.bool_], features: Sequence[Feature], chances_of: Normalise
) -> Floats:
    """The chance of each candidate to be drawn, so that the drawn ones are like what is shown.

    Taken over all rows, each bin of a feature gets the same share of the drawn candidates as of
    what is shown, as nearly as the candidates allow.

    Args:
        usable: (rows, candidates) which of them may be drawn.
        chances_of: makes chances of weights, such as `proportional`.

    Returns:
        (rows, candidates), as `chances_of` gives them.
    """
    weights = usable.astype(float)
    factors = [np.ones_like(weights) for _ in features]
    for _ in range(ROUNDS):
        for number, feature in enumerate(features):
            chances = chances_of(weights)
            factor = factors[number] * _correction(*feature.bins(chances), chances)
            factor = np.clip(factor, 1 / feature.max_factor, feature.max_factor)
            weights = weights * factor / factors[number]
            factors[number] = factor
            largest = weights.max(axis=1, keepdims=True, initial=MIN_WEIGHT)
            weights = np.where(usable, np.maximum(weights / largest, MIN_WEIGHT), 0)
    return chances_of(weights)


def balanced_chances(chances: Floats, cues: Sequence[Cue], chances_of: Normalise) -> Floats:
    """Chances near the given ones with which no linear classifier tells what is drawn.

    Bins match one number at a time and not to the last digit, and a small difference in numbers
    that go together, such as area and edge, tells much. So the expected value, position among the
    shown values and squared position of every cue are made equal to those of what is shown. That
    is a conditional logit model with the chances as offsets (McFadden 1974), found by Newton's
    method. A ridge keeps chances near the given ones where the candidates do not allow equality.

    Args:
        chances: (rows, candidates), as `raking_chances` gives them with this `chances_of`.
    """
    if not cues or not chances.any():
        return chances
    wanted, offered = (np.stack(each, axis=2) for each in zip(*map(_moments, cues), strict=True))
    x = np.nan_to_num(offered).reshape(*chances.shape, -1)
    target = np.nanmean(wanted.reshape(len(chances), -1, x.shape[2]), axis=1)
    drawn = chances.sum(axis=1)
    sums = (target[drawn > 0] * drawn[drawn > 0, None]).sum(axis=0)
    slopes = np.zeros(x.shape[2])
    result, ridge = chances, RIDGE * len(chances)
    for _ in range(BALANCE_STEPS):
        gap = sums - np.einsum("rc,rck->k", result, x) - ridge * slopes
        spread = _spread(np.where(result < 1, result, 0), x) + ridge * np.eye(len(gap))
        if (np.abs(gap) <= BALANCED * np.sqrt(spread.diagonal())).all():
            break
        step = np.linalg.solve(spread, gap)
        slopes = slopes + step * min(1.0, MAX_STEP / max(1e-9, _largest_change(result, x @ step)))
        logits = np.where(chances > 0, x @ slopes, -np.inf)
        largest = np.maximum(logits.max(axis=1, keepdims=True), MIN_LOGIT)  # -inf for an empty row
        result = chances_of(chances * np.exp(logits - largest))
    return result


def _largest_change(chances: Floats, logits: Floats) -> float:
    """The largest change of a logit from its row's mean: what a row has in common has no effect."""
    means = (chances * logits).sum(axis=1, keepdims=True)
    means /= np.maximum(chances.sum(axis=1, keepdims=True), TINY)
    return float(np.abs(np.where(chances > 0, logits - means, 0)).max())


def _spread(chances: Floats, x: Floats) -> Floats:
    """(numbers, numbers): how the sums of drawn numbers change with their slopes.

    Args:
        chances: (rows, candidates), 0 for those that are drawn for sure.
        x: (rows, candidates, numbers).
    """
    sums = np.einsum("rc,rck->rk", chances, x)
    total = np.maximum(chances.sum(axis=1, keepdims=True), TINY)
    spread: Floats = np.einsum("rc,rck,rcl->kl", chances, x, x, optimize=True)
    return spread - (sums / total).T @ sums


def proportional(weights: Floats, count: int = 1) -> Floats:
    """Turn weights of raking into chances in proportion to them, but none above 1.

    Returns:
        (rows, candidates): rows add up to `count`, or to how many of their weights are positive.
    """
    is_sure = np.zeros(weights.shape, dtype=bool)
    wanted = np.minimum(count, (weights > 0).sum(axis=1))
    for _ in range(count + 1):  # more become sure each time, and at most `count` of a row
        rest = np.where(is_sure, 0, weights)
        left = (wanted - is_sure.sum(axis=1)) / np.maximum(rest.sum(axis=1), TINY)
        chances = np.where(is_sure, 1, rest * left[:, None])
        is_sure |= chances >= 1
    return np.minimum(chances, 1)


def distinct(weights: Floats, count: int) -> Floats:
    """Chances in proportion to weights, so that the rows of a unit can draw different columns.

    Args:
        weights: (units * count, candidates), the `count` rows of a unit together.

    Returns:
        (units * count, candidates): rows add up to 1, and a column of a unit to 1 at most, as far
        as its weights allow.
    """
    chances = proportional(weights)
    for _ in range(DISTINCT_ROUNDS):
        sums = chances.reshape(-1, count, chances.shape[1]).sum(axis=1)
        if (sums <= 1).all():
            break
        chances = proportional(chances / np.repeat(np.maximum(sums, 1), count, axis=0))
    return chances


def quantile_feature(cue: Cue) -> Feature:
    """A feature for raking: in which quantile of its unit's shown values a value lies."""
    bins = quantile_bins(cue.shown, cue.shown, True), quantile_bins(cue.shown, cue.offered)
    return Feature(lambda chances: bins)


def identity_feature(shown: NDArray[np.int64], offered: NDArray[np.int64]) -> Feature:
    """A feature for raking: which thing it is, by number; NO_BIN where there is none.

    It has as many bins as there are things, so the other features keep the last word.
    """
    return Feature(lambda chances: (shown, offered), MAX_IDENTITY_FACTOR)


def _moments(cue: Cue) -> tuple[Floats, Floats]:
    """What shall have one mean of a cue's shown and offered values: (rows, n, 3) each.

    Values, their positions among the shown values of their row, and squares of those. Each has a
    variance of about 1: the ridge would hold back one that varies less.
    """
    middle, spread = np.nanmean(cue.shown), max(float(np.nanstd(cue.shown)), 1e-9)
    moments = []
    for values, are_shown in ((cue.shown, True), (cue.offered, False)):
        z = np.clip((values - middle) / spread, -MAX_DEVIATION, MAX_DEVIATION)
        place = _positions(cue.shown, values, are_shown) - 0.5
        square = place**2 - 1 / 12  # of even positions: a mean of 0, a variance of 1 / 180
        moments.append(np.stack([z, place * 12**0.5, square * 180**0.5], axis=2))
    return moments[0], moments[1]


def quantile_bins(shown: Floats, values: Floats, are_shown: bool = False) -> Bins:
    """The bins for raking that values are in: quantiles of what their units show.

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
    positions = _positions(shown, values, are_shown)
    bins = np.minimum(np.nan_to_num(positions) * BIN_COUNT + 1e-9, BIN_COUNT - 1).astype(np.intp)
    return np.where(np.isnan(positions), NO_BIN, bins)


def _positions(shown: Floats, values: Floats, are_shown: bool) -> Floats:
    """Where values lie among the shown values of their row, from 0 to 1; NaN for nothing."""
    positions = np.full(values.shape, np.nan)
    for unit, (row, own) in enumerate(zip(np.sort(shown, axis=1), values, strict=True)):
        row = row[~np.isnan(row)]
        if len(row):
            places = sum(np.searchsorted(row, own, side) for side in ("left", "right"))
            gap = 0 if are_shown else 1
            middle = (places + gap) / (2 * (len(row) + gap))
            positions[unit] = np.where(np.isnan(own), np.nan, middle)
    return positions


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
