"""How sure a mean is, over workers and never over images.

The top images of a unit are the whole population; what differs is who looked at them. Three
answers separate layers, not units: an interval of a unit at k = 3 is wide.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import asin, fsum, pi, sin, sqrt

from annotator.results.precision import Measured, mean, unit_mean
from annotator.results.student import quantile

LEVEL = 0.95
FEWEST_WORKERS = 10  # below, an interval is shown but marked unreliable

Units = Iterable[Sequence[Measured]]


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % interval. `is_reliable`: it rests on enough workers."""

    low: float
    high: float
    is_reliable: bool = True


@dataclass(frozen=True, slots=True)
class Spread:
    """How far workers on the same unit are apart, pooled over a layer.

    Attributes:
        deviation: standard deviation of asin(sqrt(precision)), in radians.
        freedom: degrees of freedom, the sum of k - 1 over units.
    """

    deviation: float
    freedom: int


def spread(units: Units) -> Spread | None:
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
    return Spread(sqrt(fsum(squares) / freedom), freedom) if freedom else None


def unit_interval(precision: float, answer_count: int, of_layer: Spread | None) -> Interval | None:
    """precision +- t x s / sqrt(k) on the arcsine scale, cut to [0, 1]; none for k < 2."""
    if answer_count < 2 or of_layer is None:
        return None
    t = quantile((1 + LEVEL) / 2, of_layer.freedom)
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
    workers = {row.worker for answers in units for row in answers}
    if len(workers) < 2:
        return None
    center = fsum(unit_mean(answers) or 0.0 for answers in units) / len(units)
    t = quantile((1 + LEVEL) / 2, len(workers) - 1)
    half = t * sqrt(_variance(units, center))
    return Interval(center - half, center + half, len(workers) >= FEWEST_WORKERS)


def difference_interval(first: Units, second: Units) -> Interval | None:
    """Interval of one layer's mean less another's, over workers who answered about both or one.

    These units being all there are: it says how sure the difference of these weights is, not what
    other weights would give. None for fewer than two workers, or without answers on a side.
    """
    sides = [[answers for answers in units if answers] for units in (first, second)]
    workers = {row.worker for units in sides for answers in units for row in answers}
    if len(workers) < 2 or not all(sides):
        return None
    means = [fsum(unit_mean(answers) or 0.0 for answers in units) / len(units) for units in sides]
    t = quantile((1 + LEVEL) / 2, len(workers) - 1)
    parts = [_contributed(units, center) for units, center in zip(sides, means, strict=True)]
    of_workers = (
        parts[0].of_workers.get(w, 0.0) - parts[1].of_workers.get(w, 0.0) for w in workers
    )
    variance = fsum(part**2 for part in of_workers) - parts[0].surplus - parts[1].surplus
    half = t * sqrt(max(variance, 0.0))
    far = means[0] - means[1]
    return Interval(far - half, far + half, len(workers) >= FEWEST_WORKERS)


@dataclass(frozen=True, slots=True)
class Contributed:
    """What each worker adds to a layer's mean, and what noise adds to the squares of that."""

    of_workers: dict[str, float]
    surplus: float


def _variance(units: Sequence[Sequence[Measured]], center: float) -> float:
    """Variance of the mean of units over workers."""
    found = _contributed(units, center)
    return max(fsum(part**2 for part in found.of_workers.values()) - found.surplus, 0.0)


def _contributed(units: Sequence[Sequence[Measured]], center: float) -> Contributed:
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
    return Contributed({w: fsum(parts) for w, parts in contributed.items()}, fsum(surplus))
