"""Shares and means over units and workers: how far each unit and each answer moves them.

A number such as the share of units above a threshold is decided by a few answers a unit. It varies
as units were sampled, and as workers were: each answer is left out once, and what the answers of
one worker change together adds to what the units vary by.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, sqrt

import numpy as np
from numpy.typing import NDArray

from annotator.results.stats.intervals.exact import (
    LEVEL,
    MIN_RELIABLE_WORKERS,
    Interval,
    clopper_pearson,
)
from annotator.results.stats.student_t import t_quantile
from annotator.results.stats.weighted_sums import Floats

MIN_WEIGHTED_UNITS = 8  # on each side of a difference; with fewer it has no interval


@dataclass(frozen=True, slots=True)
class Influence:
    """A share or mean of a layer, and what moves it.

    Attributes:
        level: the number, a weighted mean over units.
        units: (units,) what each unit adds to it, beyond the mean.
        changes: (answers,) how the number changes without each answer.
        workers: (answers,) who gave each; empty where that is not known.
        weighted_units: how many units have a weight.
        least: its variance is not taken to be smaller.
    """

    level: float
    units: Floats
    changes: Floats
    workers: NDArray[np.str_]
    weighted_units: int
    least: float

    @property
    def variance_of_units(self) -> float:
        n = self.weighted_units
        return max(float((self.units**2).sum()) * n / max(n - 1, 1), self.least)


def influence(
    of_units: tuple[Floats, Floats],
    without: tuple[Floats, Floats],
    unit: NDArray[np.int64],
    workers: NDArray[np.str_],
    least: float | None = None,
) -> Influence | None:
    """The influence of units and answers on a share: the sum of values over the sum of weights.

    Args:
        of_units: (units,) values, and weights.
        without: (answers,) the same of an answer's unit without it.
        unit: (answers,) place of each answer's unit.
        workers: (answers,) or empty.
        least: variance of one unit below which it is not taken to be; None means that of a share,
            q (1 - q) with q = (values + 2) / (weights + 4).

    Returns:
        None without weight.
    """
    (values, weights), (other_values, other_weights) = of_units, without
    total = float(weights.sum())
    if total <= 0:
        return None
    level = float(values.sum()) / total
    if least is None:
        share = (float(values.sum()) + 2) / (total + 4)
        least = share * (1 - share)
    changes = (other_values - values[unit]) - level * (other_weights - weights[unit])
    # Fewer answers a unit move the number for everybody: only differences are uncertainty.
    changes = (changes - changes.mean()) / total
    units = (values - level * weights) / total
    return Influence(level, units, changes, workers, int(np.count_nonzero(weights)), least / total)


@dataclass(frozen=True, slots=True)
class TwoWayVariance:
    """The variance of a number, or of the difference of two, over units and workers."""

    variance: float
    freedom: float
    is_reliable: bool

    @property
    def t(self) -> float:
        return t_quantile((1 + LEVEL) / 2, self.freedom)


def two_way_variance(sides: Sequence[Influence]) -> TwoWayVariance:
    """The variance over units and workers of one number, or of the first minus the second.

    That of units, each with its own answers, and what several answers of one worker change
    together, if that is above 0. Degrees of freedom as in worker_variance.
    """
    of_units = [side.variance_of_units for side in sides]
    together, effective_workers, workers = _together(sides)
    variance = sum(of_units) + together
    doubt = together * variance / max(effective_workers - 1, 1.0) + sum(
        of_side**2 / max(side.weighted_units - 1, 1)
        for side, of_side in zip(sides, of_units, strict=True)
    )
    freedom = max(variance**2 / doubt, 1.0) if doubt else inf
    return TwoWayVariance(variance, freedom, workers >= MIN_RELIABLE_WORKERS)


def _together(sides: Sequence[Influence]) -> tuple[float, float, int]:
    """(what answers of one worker change together, effective workers, workers); 0 if unknown."""
    if not all(len(side.workers) for side in sides):
        return 0.0, 1.0, 0
    changes = np.concatenate(
        [sign * one.changes for sign, one in zip((1, -1), sides, strict=False)]
    )
    names, worker = np.unique(np.concatenate([s.workers for s in sides]), return_inverse=True)
    together = float((np.bincount(worker, changes) ** 2).sum() - (changes**2).sum())
    loads = np.bincount(worker)
    return max(together, 0.0), float(loads.sum()) ** 2 / float((loads**2).sum()), len(names)


def share_interval(share: Influence | None) -> Interval | None:
    """The interval of a share by the influence of each unit and answer; None where there is none.

    Exact binomial (Clopper and Pearson) at an effective number of units (Korn and Graubard 1998),
    at most the weighted ones: share x (1 - share) / variance x (1.96 / t)^2. So a share of 0 has
    one too. Where the answers do not say who gave them it is over units alone, and not reliable.
    """
    if share is None:
        return None
    spread = two_way_variance([share])
    effective = float(share.weighted_units)
    if 0 < share.level < 1:
        normal = t_quantile((1 + LEVEL) / 2, inf)
        binomial = share.level * (1 - share.level)
        effective = min(effective, binomial / spread.variance * (normal / spread.t) ** 2)
    low, high = clopper_pearson(share.level * effective, effective)
    return Interval(low, high, spread.is_reliable)


def excess_interval(first: Influence, second: Influence) -> Interval | None:
    """The studentised interval of one number minus another, by the influence of units and answers.

    Returns:
        None where a side has fewer than MIN_WEIGHTED_UNITS units with a weight.
    """
    if min(first.weighted_units, second.weighted_units) < MIN_WEIGHTED_UNITS:
        return None
    spread = two_way_variance([first, second])
    excess, half_width = first.level - second.level, spread.t * sqrt(spread.variance)
    return Interval(excess - half_width, excess + half_width, spread.is_reliable)
