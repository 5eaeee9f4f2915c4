"""The interval of a difference over units and workers: what others of both kinds would give.

It answers the same question as the permutation test: a unit varies with all of its answers, and
what several answers of one worker change together adds to that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from annotator.results.loading.answers import AnswerRow
from annotator.results.stats.intervals import LEVEL, MIN_RELIABLE_WORKERS, Interval
from annotator.results.stats.permutation_test import MIN_UNITS, Value
from annotator.results.stats.student_t import t_quantile
from annotator.results.stats.weighted_sums import Floats, divided

Units = Sequence[Sequence[AnswerRow]]


@dataclass(frozen=True, slots=True)
class Side:
    """A weighted mean over the units of one layer, and what moves it.

    Attributes:
        level: the mean.
        variance: over units, each with its own answers.
        weighted_units: how many units have a weight.
        changes: (answers,) how the mean changes without each answer; empty where it is not known
            who gave them.
        workers: (answers,) who gave each.
    """

    level: float
    variance: float
    weighted_units: int
    changes: Floats
    workers: NDArray[np.str_]


def side_of_answers(units: Units, value: Value, is_over_workers: bool) -> Side | None:
    """One side of a difference over units: a mean over answers, each weighing 1/k of its unit's k.

    Args:
        value: of an answer, from 0 to 1; None leaves it out.
        is_over_workers: the answers say who gave them.

    Returns:
        None without a value.
    """
    rows = [(place, row, value(row)) for place, of_unit in enumerate(units) for row in of_unit]
    unit = np.array([place for place, _, _ in rows], dtype=np.int64)  # (answers,), as all below
    weights = np.array([number is not None for _, _, number in rows], dtype=float)
    values = np.array([number or 0.0 for _, _, number in rows], dtype=float)
    if not weights.any():
        return None
    kept = [(row.shown, number) for _, row, number in rows if number is not None]
    is_share = any(number not in (0, 1) for _, number in kept)
    judged = sum(shown for shown, _ in kept) if is_share else len(kept)
    of_units, without = _with_and_without(unit, values, len(units))
    unit_weights, other_weights = _with_and_without(unit, weights, len(units))
    level, parts, variance, weighted = _mean_of_units(of_units, unit_weights, judged)
    moved = (without - level * other_weights) / unit_weights.sum() - parts[unit]
    changes = moved - moved.mean()  # fewer answers a unit move the mean for everybody
    names = np.array([row.worker for _, row, _ in rows], dtype=np.str_)
    known = slice(None) if is_over_workers else slice(0)
    return Side(level, variance, weighted, changes[known], names[known])


def side_of_units(is_counted: Sequence[bool]) -> Side:
    """One side of a difference of shares of units, whoever answered."""
    counted = np.array(is_counted, dtype=float)
    level, _, variance, weighted = _mean_of_units(counted, np.ones(len(counted)), len(counted))
    return Side(level, variance, weighted, np.empty(0), np.empty(0, dtype=np.str_))


def interval_over_units(first: Side | None, second: Side | None) -> Interval | None:
    """The 95 % interval of a difference over units and workers: the first side minus the second.

    Degrees of freedom are Satterthwaite's (1946, doi:10.2307/3002019): of each side's units, and of
    what workers add, which is the less certain the more of it is the difference of two sums. Where
    it is not known who answered, it is Welch's interval over units, and not reliable.

    Returns:
        None where a side has fewer than MIN_UNITS units with a value.
    """
    if first is None or second is None:
        return None
    if min(first.weighted_units, second.weighted_units) < MIN_UNITS:
        return None
    together, effective, workers = _together(first, second)
    variance = first.variance + second.variance + together
    doubt = together * variance / max(effective - 1, 1.0) + sum(
        side.variance**2 / (side.weighted_units - 1) for side in (first, second)
    )
    t = t_quantile((1 + LEVEL) / 2, max(variance**2 / doubt, 1.0))
    center, half_width = first.level - second.level, t * sqrt(variance)
    low, high = max(center - half_width, -1.0), min(center + half_width, 1.0)
    return Interval(low, high, workers >= MIN_RELIABLE_WORKERS)


def _mean_of_units(
    values: Floats, weights: Floats, judged: int
) -> tuple[float, Floats, float, int]:
    """(mean, what each unit adds to its error, variance, weighted units), of sums (units,).

    The variance is not below that of judging each of the pictures, answers or units at random.
    """
    total = float(weights.sum())
    level = float(values.sum()) / total
    parts: Floats = (values - level * weights) / total
    weighted = int(np.count_nonzero(weights))
    share = (level * judged + 2) / (judged + 4)
    variance = float((parts**2).sum()) * weighted / max(weighted - 1, 1)
    return level, parts, max(variance, share * (1 - share) / judged), weighted


def _with_and_without(
    unit: NDArray[np.int64], of_answers: Floats, count: int
) -> tuple[Floats, Floats]:
    """Means of each unit, (units,); and of its other answers for each answer, (answers,), or 0."""
    sums = np.bincount(unit, of_answers, minlength=count).astype(float)
    counts = np.bincount(unit, minlength=count).astype(float)
    without = divided(sums[unit] - of_answers, counts[unit] - 1)
    return divided(sums, counts), without


def _together(first: Side, second: Side) -> tuple[float, float, int]:
    """(what answers of one worker change together, effective workers by Kish, workers)."""
    changes = np.concatenate([first.changes, -second.changes])
    if not len(changes):
        return 0.0, 1.0, 0
    names, worker = np.unique(np.concatenate([first.workers, second.workers]), return_inverse=True)
    together = float((np.bincount(worker, changes) ** 2).sum() - (changes**2).sum())
    loads = np.bincount(worker)
    return max(together, 0.0), float(loads.sum()) ** 2 / float((loads**2).sum()), len(names)
