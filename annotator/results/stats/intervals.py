"""How sure a mean precision is: 95 % intervals over workers, never over images.

The top images of a unit are its whole population; what differs is who looked at them. Three answers
separate layers, not units: the interval of a unit with three answers is wide. docs/results.md
reports how often each interval covers the truth of simulated studies.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import asin, fsum, pi, sin, sqrt

from scipy.special import betaincinv

from annotator.results.stats.precision import ScoredAnswer, mean, unit_mean
from annotator.results.stats.student_t import t_quantile

LEVEL = 0.95
MIN_RELIABLE_WORKERS = 10  # with fewer, an interval is shown but marked unreliable

Units = Iterable[Sequence[ScoredAnswer]]


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % interval. `is_reliable`: it rests on at least MIN_RELIABLE_WORKERS workers."""

    low: float
    high: float
    is_reliable: bool = True


@dataclass(frozen=True, slots=True)
class PooledDeviation:
    """The standard deviation between workers on one unit, pooled over the units of a layer.

    Attributes:
        deviation: on the scale of the values, radians for precisions: asin(sqrt(precision)).
        freedom: degrees of freedom, the sum over units of answers - 1.
    """

    deviation: float
    freedom: int


def pooled_deviation(units: Units) -> PooledDeviation | None:
    """The deviation of precision between workers that intervals of a layer's units rest on.

    The variance of asin(sqrt(share)) hardly depends on the share, so one deviation serves all units
    (Anscombe 1948, doi:10.1093/biomet/35.3-4.246).

    Returns:
        None where no unit has two answers.
    """
    return pooled([asin(sqrt(row.precision)) for row in answers] for answers in units)


def pooled(groups: Iterable[Sequence[float]]) -> PooledDeviation | None:
    """The pooled standard deviation, for intervals; None where no group has two values."""
    squares: list[float] = []
    freedom = 0
    for values in groups:
        center = mean(values) or 0.0
        squares.extend((value - center) ** 2 for value in values)
        freedom += max(len(values) - 1, 0)
    return PooledDeviation(sqrt(fsum(squares) / freedom), freedom) if freedom else None


def unit_interval(
    precision: float, answer_count: int, of_layer: PooledDeviation | None
) -> Interval | None:
    """The interval of a unit's precision: p +- t s / sqrt(k) on the arcsine scale, in [0, 1].

    Args:
        precision: mean over the unit's k answers.
        of_layer: the deviation s, whose degrees of freedom t has.

    Returns:
        None for fewer than two answers.
    """
    if answer_count < 2 or of_layer is None:
        return None
    t = t_quantile((1 + LEVEL) / 2, of_layer.freedom)
    half_width = t * of_layer.deviation / sqrt(answer_count)
    angle = asin(sqrt(precision))
    low, high = max(angle - half_width, 0.0), min(angle + half_width, pi / 2)
    return Interval(sin(low) ** 2, sin(high) ** 2)


def layer_interval(units: Units) -> Interval | None:
    """The interval of a layer's mean precision, each worker taken with all their answers.

    It is the limit of resampling workers, in closed form: the same numbers on every machine. The
    variance is the sum over workers of the square of what each contributes to the mean. An answer
    contributes its difference from the other answers about its unit, with the weight that it has in
    the mean; differences between units are not sampled, so they add nothing. (To draw workers and
    average what is left of each unit is too narrow with three answers a unit: a worker who is drawn
    alone is compared with nobody.)

    Args:
        units: the counted answers of each unit, whose workers are persons.

    Returns:
        The interval, cut to [0, 1]; None for fewer than two workers.
    """
    interval = mean_interval(units)
    return interval and Interval(
        max(interval.low, 0.0), min(interval.high, 1.0), interval.is_reliable
    )


def mean_interval(units: Units) -> Interval | None:
    """The interval of a mean of any numbers: they need not be shares, and nothing is cut."""
    units = [answers for answers in units if answers]
    if not units:
        return None
    center = _mean_over_units(units)
    return _interval(center, _contributions(units, center))


def difference_interval(first: Units, second: Units) -> Interval | None:
    """The interval of one layer's mean minus another's, over the workers of both.

    The units are not sampled: the interval is about these two sets of weights, and says nothing of
    what other weights would give.

    Returns:
        None for fewer than two workers, or without answers on a side.
    """
    sides = [[answers for answers in units if answers] for units in (first, second)]
    if not all(sides):
        return None
    first_mean, second_mean = map(_mean_over_units, sides)
    contributions = _contributions(sides[0], first_mean).minus(
        _contributions(sides[1], second_mean)
    )
    return _interval(first_mean - second_mean, contributions)


@dataclass(frozen=True, slots=True)
class WorkerContributions:
    """What each worker adds to the error of a mean.

    Attributes:
        by_worker: a worker's sum; the sum of their squares is the variance plus the noise.
        noise: what the noise of the answers that an answer is compared with adds to that sum.
        answers: how many answers each worker gave.
    """

    by_worker: dict[str, float]
    noise: float
    answers: Counter[str]

    def minus(self, other: "WorkerContributions") -> "WorkerContributions":
        """What each worker adds to the error of the difference of two means."""
        answers = self.answers + other.answers
        by_worker = {
            worker: self.by_worker.get(worker, 0.0) - other.by_worker.get(worker, 0.0)
            for worker in answers
        }
        return WorkerContributions(by_worker, self.noise + other.noise, answers)

    def half_width(self) -> float:
        """t x deviation, with the degrees of freedom that the variance has.

        With few answers a unit and workers alike, the variance is a small difference of two sums,
        less certain than a sum over as many workers: its degrees of freedom are (workers - 1) times
        the square of its share of the sum, at least 1 (Satterthwaite 1946, doi:10.2307/3002019).
        Workers who gave many more answers than others count as fewer workers: the squared sum of
        the answers over the sum of their squares (Kish's effective sample size).
        """
        total = fsum(part**2 for part in self.by_worker.values())
        variance = total - self.noise
        if variance <= 0:
            return 0.0
        effective_workers = self.answers.total() ** 2 / sum(n**2 for n in self.answers.values())
        freedom = max((effective_workers - 1) * (variance / total) ** 2, 1.0)
        return t_quantile((1 + LEVEL) / 2, freedom) * sqrt(variance)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What a count of units becomes without one worker.

    Attributes:
        answers: how many answers the worker gave.
        change: the count without these answers, minus the count with them.
    """

    answers: int
    change: int


def share_interval(count: int, total: int, without: Mapping[str, LeftOut]) -> Interval | None:
    """The interval of a share of units that is decided by several answers a unit.

    Exact binomial (Clopper and Pearson) at an effective number of units (Korn and Graubard 1998):
    never more than there are, and fewer as far as the count depends on single workers. So it holds
    over workers and, where units were sampled, over units too; a share of 0 has one as well.

    Args:
        without: by worker; empty where the answers do not say who gave them. Then the interval
            is over units alone, and not reliable.

    Returns:
        None without units.
    """
    if not total:
        return None
    share = count / total
    variance = _jackknife_variance(without.values()) / total**2
    effective = float(total)
    if variance > 0 and 0 < share < 1:
        loads = [worker.answers for worker in without.values()]
        effective_workers = sum(loads) ** 2 / sum(n**2 for n in loads)  # Kish
        normal, t = (
            t_quantile((1 + LEVEL) / 2, freedom)
            for freedom in (float("inf"), max(effective_workers - 1, 1.0))
        )
        effective = min(effective, share * (1 - share) / variance * (normal / t) ** 2)
    hits, misses = share * effective, (1 - share) * effective
    tail = (1 - LEVEL) / 2
    low = float(betaincinv(hits, misses + 1, tail)) if hits else 0.0
    high = float(betaincinv(hits + 1, misses, 1 - tail)) if misses else 1.0
    return Interval(low, high, len(without) >= MIN_RELIABLE_WORKERS)


def _jackknife_variance(without: Iterable[LeftOut]) -> float:
    """Variance of a count over workers, each left out once.

    Fewer answers a unit lower or raise the count for everybody; only what a worker changes beyond
    their share of that is uncertainty.
    """
    without = list(without)
    answers = sum(worker.answers for worker in without)
    usual = sum(worker.change for worker in without) / answers if answers else 0.0
    return fsum((worker.change - usual * worker.answers) ** 2 for worker in without)


def _interval(center: float, contributions: WorkerContributions) -> Interval | None:
    workers = len(contributions.answers)
    if workers < 2:
        return None
    half_width = contributions.half_width()
    return Interval(center - half_width, center + half_width, workers >= MIN_RELIABLE_WORKERS)


def _mean_over_units(units: Sequence[Sequence[ScoredAnswer]]) -> float:
    return fsum(unit_mean(answers) or 0.0 for answers in units) / len(units)


def _contributions(units: Sequence[Sequence[ScoredAnswer]], center: float) -> WorkerContributions:
    """What each worker contributes to the mean of units, `center`.

    The other answers are noisy too: the difference of one of k answers from the mean of the other
    k - 1 has k / (k - 1) times the variance of one answer. So a k-th part of its square is noise.
    """
    parts: dict[str, list[float]] = {}
    noise = []
    for answers in units:
        k = len(answers)
        of_unit = unit_mean(answers) or 0.0
        for row in answers:
            # The only answer of a unit is compared with the layer, which errs on the wide side:
            # the difference holds that of the units too.
            apart = (row.precision - of_unit) * k / (k - 1) if k > 1 else row.precision - center
            part = apart / (k * len(units))  # the answer's weight in the mean is 1 / (k units)
            parts.setdefault(row.worker, []).append(part)
            noise.append(part**2 / k if k > 1 else 0.0)
    return WorkerContributions(
        {worker: fsum(of_worker) for worker, of_worker in parts.items()},
        fsum(noise),
        Counter({worker: len(of_worker) for worker, of_worker in parts.items()}),
    )
