"""Intervals of single units, with a deviation between workers that is pooled over a layer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import asin, fsum, pi, sin, sqrt

from annotator.results.stats.intervals.exact import LEVEL, Interval, interval_of_alike
from annotator.results.stats.precision import JudgedAnswer, mean
from annotator.results.stats.student_t import t_quantile


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
    """Pool the deviation of precision between workers, for intervals of a layer's single units.

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


def unit_interval(
    precision: float, answer_count: int, of_layer: PooledDeviation | None
) -> Interval | None:
    """The interval of a unit's precision: p +- t s / sqrt(k) on the arcsine scale, in [0, 1].

    Where every answer of the layer is 0, or every one 1, the k workers are counted instead.

    Args:
        precision: mean over the unit's k answers.
        of_layer: the deviation s, whose degrees of freedom t has.

    Returns:
        None for fewer than two answers.
    """
    if answer_count < 2 or of_layer is None:
        return None
    if of_layer.is_alike:
        return interval_of_alike(precision, answer_count)
    t = t_quantile((1 + LEVEL) / 2, of_layer.freedom)
    half_width = t * of_layer.deviation / sqrt(answer_count)
    angle = asin(sqrt(precision))
    low, high = max(angle - half_width, 0.0), min(angle + half_width, pi / 2)
    return Interval(sin(low) ** 2, sin(high) ** 2)
