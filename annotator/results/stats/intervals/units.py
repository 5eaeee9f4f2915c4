"""Intervals of single units, with a deviation between workers that is pooled over a layer."""

from math import asin, pi, sin, sqrt

from annotator.results.stats.intervals.exact import LEVEL, Interval, interval_of_alike
from annotator.results.stats.intervals.worker_variance import PooledDeviation
from annotator.results.stats.student_t import t_quantile


def unit_interval(
    precision: float, answer_count: int, of_layer: PooledDeviation | None
) -> Interval | None:
    """The interval of one unit's precision, p +- t s / sqrt(k) on the arcsine scale, in [0, 1].

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
