"""Intervals over units and workers, of a share or mean of a layer and of the difference of two."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, sqrt

import numpy as np
from numpy.typing import NDArray

from annotator.results.stats.intervals.exact import (
    LEVEL,
    MIN_RELIABLE_WORKERS,
    Interval,
    jeffreys,
)
from annotator.results.stats.intervals.influence import Influence
from annotator.results.stats.student_t import t_quantile

MIN_WEIGHTED_UNITS = 8  # on each side of a difference; with fewer it has no interval


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
    together, beyond what answers of different workers do, if that is above 0. Degrees of freedom
    are Satterthwaite's (1946, doi:10.2307/3002019): of each side's units, and of what workers add,
    which is the less certain the more of it is the difference of two sums.
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
    if len(sides) == 1:
        together -= _by_chance(sides[0], worker, together)
    return max(together, 0.0), float(loads.sum()) ** 2 / float((loads**2).sum()), len(names)


def _by_chance(side: Influence, worker: NDArray[np.intp], together: float) -> float:
    """What as many pairs of answers, of different workers about different units, change together.

    Changes add up to 0, and those of one unit's answers are alike, so answers about different
    units change less than nothing together, on average. In a difference that mostly cancels, and
    taking it off would add more noise than truth.

    Args:
        worker: (answers,) who gave each, by number.
        together: what pairs of one worker's answers change together.
    """
    count = len(worker)
    pairs = float((np.bincount(worker) ** 2).sum()) - count
    others = count**2 - float((np.bincount(side.of_unit) ** 2).sum()) - pairs
    of_units = float((np.bincount(side.of_unit, side.changes) ** 2).sum())
    return -(of_units + together) * pairs / others if others > 0 else 0.0


def mean_interval_over_units(mean: Influence) -> Interval:
    """The interval of a layer's mean precision over units and workers, cut to [0, 1].

    For a layer of which only a sample of the units was shown: other units, and other workers, of
    the same kinds would give another mean.
    """
    spread = two_way_variance([mean])
    half_width = spread.t * sqrt(spread.variance)
    return Interval(
        max(mean.level - half_width, 0.0), min(mean.level + half_width, 1.0), spread.is_reliable
    )


def share_interval(share: Influence | None) -> Interval | None:
    """The interval of a share over units and workers; None where there is no share.

    Jeffreys' binomial interval at an effective number of units or answers (Korn and Graubard
    1998), at most as many as there are: share x (1 - share) / variance x (1.96 / t)^2. So a share
    of 0 has one too. Where the answers do not say who gave them it is over units alone, and
    not reliable.
    """
    if share is None:
        return None
    spread = two_way_variance([share])
    effective = share.judged
    if 0 < share.level < 1:
        normal = t_quantile((1 + LEVEL) / 2, inf)
        binomial = share.level * (1 - share.level)
        effective = min(effective, binomial / spread.variance * (normal / spread.t) ** 2)
    low, high = jeffreys(share.level * effective, effective)
    return Interval(low, high, spread.is_reliable)


def interval_over_units(first: Influence | None, second: Influence | None) -> Interval | None:
    """The studentized interval of the first number minus the second, over units and workers.

    What others of both kinds would give, as the permutation test asks. Where it is not known who
    answered it is Welch's interval over units, and not reliable.

    Returns:
        The interval, cut to [-1, 1]; None where a side has fewer than MIN_WEIGHTED_UNITS units with
        a weight.
    """
    if first is None or second is None:
        return None
    if min(first.weighted_units, second.weighted_units) < MIN_WEIGHTED_UNITS:
        return None
    spread = two_way_variance([first, second])
    difference, half_width = first.level - second.level, spread.t * sqrt(spread.variance)
    low, high = max(difference - half_width, -1.0), min(difference + half_width, 1.0)
    return Interval(low, high, spread.is_reliable)
