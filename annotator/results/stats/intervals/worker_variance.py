"""The variance of a mean over answers that workers gave, each worker taken with all their answers.

It is the limit of resampling workers, in closed form: the same numbers on every machine. An answer
contributes its difference from the other answers about its unit, with the weight that it has in the
mean; differences between units are not sampled, so they add nothing. (To draw workers and average
what is left of each unit is too narrow with three answers a unit: a worker who is drawn alone is
compared with nobody.)

The deviation between workers on single units is pooled over the units of a layer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import asin, fsum, inf, sqrt

import numpy as np
from numpy.typing import NDArray

from annotator.results.stats.intervals.exact import LEVEL
from annotator.results.stats.precision import JudgedAnswer, ScoredAnswer, mean, mean_over_units
from annotator.results.stats.student_t import t_quantile
from annotator.results.stats.weighted_sums import Floats

MAX_SWEEPS = 100  # of fitting units and workers in turn, until nothing changes
UNCHANGED = 1e-9

Units = Sequence[Sequence[ScoredAnswer]]


@dataclass(frozen=True, slots=True)
class WorkerVariance:
    """The variance of a mean over workers, or of the difference of two.

    Attributes:
        variance: of the mean.
        freedom: degrees of freedom of the variance; may be infinite.
        workers: how many there are.
    """

    variance: float
    freedom: float
    workers: int

    def half_width(self) -> float:
        """t x deviation, half of the width of an interval."""
        return t_quantile((1 + LEVEL) / 2, self.freedom) * sqrt(self.variance)


def worker_variance(sides: Sequence[Units], least: float = 0.0) -> WorkerVariance:
    """The variance over workers of a mean over units, or of the first mean minus the second.

    Squared sums of what each worker contributes are the variance; what the noise of the answers
    that an answer is compared with adds to them is taken off. With few workers what is left is
    uncertain and may be far too small. So it is never below what answers vary by when units and
    workers are both taken off, over so many degrees of freedom that it is well known, and which
    would be the whole variance if workers differed in nothing else.

    Degrees of freedom are Satterthwaite's (1946, doi:10.2307/3002019) for a sum of two parts: what
    answers vary by, and what workers add. The second is a difference, less certain than its size:
    V x 1.5 part, at most V^2, stands for part^2, with which intervals of few or uneven workers
    covered less than .93 of simulated studies. Workers who gave many more answers than others
    count as fewer: the squared sum of the answers over the sum of their squares (Kish).

    Args:
        sides: the answers of each unit, of one mean or of two; no unit is empty.
        least: the variance is not taken to be smaller.
    """
    answers = _Answers.of(sides)
    loads = np.bincount(answers.worker)
    effective_workers = float(loads.sum()) ** 2 / float((loads**2).sum())
    of_answers, freedom = answers.variance_without_workers()
    lowest = max(of_answers, least)
    variance = max(answers.variance_of_workers(), lowest)
    of_workers = min(1.5 * (variance - lowest), variance)
    doubt = of_workers * variance / max(effective_workers - 1, 1.0)
    if of_answers >= least and of_answers > 0:
        doubt += of_answers**2 / freedom
    return WorkerVariance(
        variance, max(variance**2 / doubt, 1.0) if doubt else inf, int(np.count_nonzero(loads))
    )


@dataclass(frozen=True, slots=True)
class _Answers:
    """Answers as arrays, (answers,) each.

    Attributes:
        weight: of the answer in the mean, negative on the second side.
        k: how many answers its unit has.
        center: the mean of its side.
        size: how many units and workers there are.
    """

    value: Floats
    unit: NDArray[np.int64]
    worker: NDArray[np.int64]
    weight: Floats
    k: NDArray[np.int64]
    center: Floats
    size: tuple[int, int]

    @classmethod
    def of(cls, sides: Sequence[Units]) -> "_Answers":
        workers: dict[str, int] = {}
        with_weights = [
            (answers, sign / (len(answers) * len(units)), center)
            for sign, units in zip((1, -1), sides, strict=False)
            for center in [mean_over_units(units)]
            for answers in units
        ]
        rows = [
            (row.precision, unit, workers.setdefault(row.worker, len(workers)), weight)
            + (len(answers), center)
            for unit, (answers, weight, center) in enumerate(with_weights)
            for row in answers
        ]
        value, unit, worker, weights, ks, centers = map(np.array, zip(*rows, strict=True))
        size = (len(with_weights), len(workers))
        return cls(value, unit, worker, weights, ks, centers, size)

    def variance_of_workers(self) -> float:
        """The sum of squares of what each worker contributes, without noise; may be negative.

        The difference of one of k answers from the mean of the other k - 1 has k / (k - 1) times
        the variance of one answer, so a k-th part of its square is noise. The only answer of a unit
        is compared with its side's mean, which errs on the wide side.
        """
        several = self.k > 1
        others = np.where(several, self.k / np.maximum(self.k - 1, 1), 1.0)
        of_unit = np.bincount(self.unit, self.value) / np.bincount(self.unit)
        apart = np.where(several, (self.value - of_unit[self.unit]) * others, 0.0)
        apart += np.where(several, 0.0, self.value - self.center)
        part = self.weight * apart
        noise = np.where(several, part**2 / self.k, 0.0).sum()
        return float((np.bincount(self.worker, part) ** 2).sum() - noise)

    def variance_without_workers(self) -> tuple[float, int]:
        """The variance of the mean by what is left of answers without their unit and worker.

        Returns:
            It, 0 where nothing is left to estimate it from; and its degrees of freedom.
        """
        units, workers = self.size
        freedom = len(self.value) - units - workers + 1
        if freedom <= 0:
            return 0.0, 0
        of_unit, of_worker = np.bincount(self.unit), np.bincount(self.worker)
        strictness = np.zeros(workers)
        for _ in range(MAX_SWEEPS):  # least squares, by fitting both in turn
            rest = self.value - strictness[self.worker]
            unit_means = np.bincount(self.unit, rest) / of_unit
            rest = self.value - unit_means[self.unit]
            before, strictness = strictness, np.bincount(self.worker, rest) / of_worker
            if np.abs(strictness - before).max() < UNCHANGED:
                break
        left = self.value - unit_means[self.unit] - strictness[self.worker]
        return float((left**2).sum() / freedom * (self.weight**2).sum()), freedom


@dataclass(frozen=True, slots=True)
class PooledDeviation:
    """The standard deviation between workers on one unit, pooled over the units of a layer.

    Attributes:
        deviation: on the scale of the values, radians for precisions: asin(sqrt(precision)).
        freedom: degrees of freedom, the sum over units of answers - 1.
        is_alike: every answer is 0, or every one 1, so nothing is known of how workers differ.
    """

    deviation: float
    freedom: int
    is_alike: bool = False


def pooled_deviation(units: Iterable[Sequence[JudgedAnswer]]) -> PooledDeviation | None:
    """Pool the variance between workers over a layer's single units, as a deviation of precision.

    The variance of asin(sqrt(share)) hardly depends on the share, so one deviation serves all units
    (Anscombe 1948, doi:10.1093/biomet/35.3-4.246). It is 1 / (4 pictures) where workers judge alike
    and only pictures vary; the deviation is not taken to be smaller.

    Returns:
        None where no unit has two answers.
    """
    units = [answers for answers in units if len(answers) > 1]
    rows = [row for answers in units for row in answers]
    least = mean(1 / (4 * row.shown) for row in rows)
    return pooled(
        ([asin(sqrt(row.precision)) for row in answers] for answers in units),
        least or 0.0,
        is_alike={row.precision for row in rows} in ({0.0}, {1.0}),
    )


def pooled(
    groups: Iterable[Sequence[float]], least: float = 0.0, is_alike: bool = False
) -> PooledDeviation | None:
    """Pool the deviation between workers on single units; None where no unit has two values.

    Args:
        least: the variance is not taken to be smaller.
    """
    squares: list[float] = []
    freedom = 0
    for values in groups:
        center = mean(values) or 0.0
        squares.extend((value - center) ** 2 for value in values)
        freedom += max(len(values) - 1, 0)
    if not freedom:
        return None
    return PooledDeviation(sqrt(max(fsum(squares) / freedom, least)), freedom, is_alike)
