"""What is left of rankings and claims about single units when chance is taken off.

Of many units with three answers each, the first is first by luck too. So each unit is drawn toward
its layer's mean by the share of its precision that is noise (Efron and Morris 1975,
doi:10.1080/01621459.1975.10479864).
"""

from math import asin, ceil, sqrt

from annotator.results.stats.intervals import PooledDeviation
from annotator.results.stats.student_t import LEAST_P, t_upper_tail

ROUNDING = 1e-9  # of a number of answers that is whole but for the last digits


def reliability(icc_1: float | None, answer_count: int) -> float | None:
    """How far shrinkage leaves a unit's precision: the share of signal, by Spearman and Brown.

    >>> reliability(0.5, 3)
    0.75

    Args:
        icc_1: reliability of one answer of the layer; below 0 it counts as 0.
    """
    if icc_1 is None:
        return None
    of_one = min(max(icc_1, 0.0), 1.0)
    return answer_count * of_one / (1 + (answer_count - 1) * of_one)


def answers_for_reliability(icc_1: float | None, wanted: float = 0.8) -> int | None:
    """Count the answers a unit needs before shrinkage leaves the wanted share of its precision.

    Spearman and Brown's formula solved for the number of answers, rounded up.

    >>> answers_for_reliability(0.5)
    4

    Args:
        icc_1: reliability of one answer of the layer.
        wanted: reliability of the mean of the answers, above 0 and below 1.

    Returns:
        None without an ICC(1) above 0: then no number of answers is known to be enough.
    """
    if icc_1 is None or icc_1 <= 0:
        return None
    exact = wanted / (1 - wanted) * (1 - icc_1) / icc_1
    return max(1, ceil(exact - ROUNDING))


def shrunken(precision: float, layer_mean: float, reliable: float | None) -> float | None:
    """Shrink a unit's precision toward the layer's mean; None without a reliability.

    >>> shrunken(precision=1.0, layer_mean=0.6, reliable=0.75)
    0.9
    """
    return None if reliable is None else layer_mean + reliable * (precision - layer_mean)


def p_above(
    precision: float, answer_count: int, of_layer: PooledDeviation | None, threshold: float
) -> float | None:
    """Of a shrunken precision, the one-sided p of the unit's being above a threshold.

    It is computed on the arcsine scale, with the deviation and the degrees of freedom of the unit's
    interval. Where every answer of the layer is 0, or every one 1, the k workers are counted as in
    that interval: if the mean over workers were the threshold, all would say 1 with probability
    threshold^k at most.

    Returns:
        None where the unit has no interval.
    """
    if answer_count < 2 or of_layer is None:
        return None
    apart = asin(sqrt(precision)) - asin(sqrt(threshold))  # radians
    if of_layer.is_alike:
        return max(threshold**answer_count, LEAST_P) if precision == 1 else 1.0
    return t_upper_tail(apart * sqrt(answer_count) / of_layer.deviation, of_layer.freedom)
