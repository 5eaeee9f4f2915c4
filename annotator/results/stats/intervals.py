"""How sure a mean is, over workers and never over images.

The top images of a unit are the whole population; what differs is who looked at them. Three
answers separate layers, not units: an interval of a unit at k = 3 is wide.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import asin, fsum, pi, sin, sqrt

from scipy.special import stdtr, stdtrit

from annotator.results.stats.precision import ScoredAnswer, mean, unit_mean

LEVEL = 0.95
MIN_RELIABLE_WORKERS = 10  # below, an interval is shown but marked unreliable

Units = Iterable[Sequence[ScoredAnswer]]


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % interval. `is_reliable`: it rests on enough workers."""

    low: float
    high: float
    is_reliable: bool = True


@dataclass(frozen=True, slots=True)
class PooledDeviation:
    """How far workers on the same unit are apart, pooled over a layer.

    Attributes:
        deviation: standard deviation of asin(sqrt(precision)), in radians.
        freedom: degrees of freedom, the sum of k - 1 over units.
    """

    deviation: float
    freedom: int


def pooled_deviation(units: Units) -> PooledDeviation | None:
    """The between-worker deviation of a layer; None where no unit has two answers.

    On the arcsine scale the variance of a share hardly depends on the share, so that one
    deviation serves all units.
    """
    squares: list[float] = []
    freedom = 0
    for answers in units:
        angles = [asin(sqrt(row.precision)) for row in answers]
        middle = mean(angles) or 0.0
        squares.extend((angle - middle) ** 2 for angle in angles)
        freedom += max(len(angles) - 1, 0)
    return PooledDeviation(sqrt(fsum(squares) / freedom), freedom) if freedom else None


def unit_interval(
    precision: float, answer_count: int, of_layer: PooledDeviation | None
) -> Interval | None:
    """precision +- t x s / sqrt(k) on the arcsine scale, cut to [0, 1]; none for k < 2."""
    if answer_count < 2 or of_layer is None:
        return None
    t = t_quantile((1 + LEVEL) / 2, of_layer.freedom)
    half = t * of_layer.deviation / sqrt(answer_count)
    angle = asin(sqrt(precision))
    low, high = max(angle - half, 0.0), min(angle + half, pi / 2)
    return Interval(sin(low) ** 2, sin(high) ** 2)


def layer_interval(units: Units) -> Interval | None:
    """Interval of a layer's mean precision over workers, each taken with all their answers.

    What resampling workers tends to with ever more draws, in closed form: the same numbers on
    every machine. mean +- t x deviation, where the variance is the sum over workers of what each
    contributes, squared. An answer contributes its difference from the other answers about
    its unit, weighed as the mean weighs it, so that units, which are all there, add nothing.
    (Drawing workers and averaging what is left of each unit gives too little at three answers a
    unit: there a worker who is drawn alone is compared with nobody.)

    Args:
        units: the counted answers of each unit, whose workers are persons.

    Returns:
        None for fewer than two workers.
    """
    found = mean_interval(units)
    return found and Interval(max(found.low, 0.0), min(found.high, 1.0), found.is_reliable)


def mean_interval(units: Units) -> Interval | None:
    """The same of any number that answers have, which need not be a share: it is not cut."""
    units = [answers for answers in units if answers]
    if not units:
        return None
    center = _center(units)
    return _interval(center, _contributed(units, center))


def difference_interval(first: Units, second: Units) -> Interval | None:
    """Interval of one layer's mean less another's, over workers who answered about both or one.

    These units being all there are: it says how sure the difference of these weights is, not what
    other weights would give. None for fewer than two workers, or without answers on a side.
    """
    sides = [[answers for answers in units if answers] for units in (first, second)]
    if not all(sides):
        return None
    one, other = map(_center, sides)
    parts = _contributed(sides[0], one).less(_contributed(sides[1], other))
    return _interval(one - other, parts)


@dataclass(frozen=True, slots=True)
class WorkerContributions:
    """What each worker adds to a mean.

    Attributes:
        of_workers: by worker; squared and summed, the variance and what noise adds to it.
        surplus: what noise adds.
        answers: how many each worker gave.
    """

    of_workers: dict[str, float]
    surplus: float
    answers: Counter[str]

    def less(self, other: "WorkerContributions") -> "WorkerContributions":
        """What each worker adds to the difference of two means."""
        answers = self.answers + other.answers
        ours, theirs = self.of_workers, other.of_workers
        parts = {worker: ours.get(worker, 0.0) - theirs.get(worker, 0.0) for worker in answers}
        return WorkerContributions(parts, self.surplus + other.surplus, answers)

    def half_width(self) -> float:
        """t x deviation, t having the degrees of freedom that the variance really has.

        The variance is a small difference of two sums where k is small and workers are alike, so
        it is less sure than a sum over as many workers: its freedom is that of workers times the
        square of its share of the sum (Satterthwaite 1946, doi:10.2307/3002019). Workers who
        answered much more than others count as fewer (Kish: the square of the sum of their
        answers over the sum of squares).
        """
        total = fsum(part**2 for part in self.of_workers.values())
        variance = total - self.surplus
        if variance <= 0:
            return 0.0
        alike = self.answers.total() ** 2 / sum(n**2 for n in self.answers.values())
        freedom = max((alike - 1) * (variance / total) ** 2, 1.0)
        return t_quantile((1 + LEVEL) / 2, freedom) * sqrt(variance)


def _interval(center: float, parts: WorkerContributions) -> Interval | None:
    workers = len(parts.answers)
    if workers < 2:
        return None
    half = parts.half_width()
    return Interval(center - half, center + half, workers >= MIN_RELIABLE_WORKERS)


def _center(units: Sequence[Sequence[ScoredAnswer]]) -> float:
    return fsum(unit_mean(answers) or 0.0 for answers in units) / len(units)


def _contributed(units: Sequence[Sequence[ScoredAnswer]], center: float) -> WorkerContributions:
    """What each worker contributes to the mean of units, from one answer a row and worker.

    The others' answers are noisy too: of k answers a difference from the other k - 1 has
    k / (k - 1) of the variance of one answer, and the k-th part of its square is taken off.
    """
    contributed: dict[str, list[float]] = {}
    surplus = []
    for answers in units:
        k = len(answers)
        middle = unit_mean(answers) or 0.0
        for row in answers:
            # An answer alone is compared with the whole layer, units and all: that is cautious.
            far = (row.precision - middle) * k / (k - 1) if k > 1 else row.precision - center
            part = far / (k * len(units))
            contributed.setdefault(row.worker, []).append(part)
            surplus.append(part**2 / k if k > 1 else 0.0)
    return WorkerContributions(
        {worker: fsum(parts) for worker, parts in contributed.items()},
        fsum(surplus),
        Counter({worker: len(parts) for worker, parts in contributed.items()}),
    )


@lru_cache(maxsize=10_000)
def t_quantile(share: float, freedom: float) -> float:
    """The value that a share of the distribution is below."""
    return float(stdtrit(freedom, share))


def t_upper_tail(value: float, freedom: float) -> float:
    """The share of the distribution that is above a value: a one-sided p."""
    return float(stdtr(freedom, -value))
