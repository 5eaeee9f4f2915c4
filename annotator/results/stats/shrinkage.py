"""Rankings and claims about single units: what is left of them when chance is taken off.

Of many units with three answers each the first is first by luck too. Each unit is drawn towards
its layer's mean by as much as its precision is noise (Efron and Morris 1975).
"""

from math import asin, sqrt

from annotator.results.stats.intervals import PooledDeviation, t_upper_tail


def reliability(icc_1: float | None, answer_count: int) -> float | None:
    """The share of a unit's mean precision that is signal, by Spearman and Brown.

    Args:
        icc_1: reliability of one answer; below 0 is none.
    """
    if icc_1 is None:
        return None
    one = min(max(icc_1, 0.0), 1.0)
    return answer_count * one / (1 + (answer_count - 1) * one)


def shrunken(precision: float, layer_mean: float, reliable: float | None) -> float | None:
    """The precision drawn to the layer's mean; None where nothing is known of its noise."""
    return None if reliable is None else layer_mean + reliable * (precision - layer_mean)


def p_above(
    precision: float, answer_count: int, of_layer: PooledDeviation | None, threshold: float
) -> float | None:
    """One-sided p of "this unit's precision is above the threshold", on the arcsine scale.

    The same deviation and degrees of freedom as its interval; None where it has none.
    """
    if answer_count < 2 or of_layer is None:
        return None
    far = asin(sqrt(precision)) - asin(sqrt(threshold))
    if of_layer.deviation == 0:
        return 0.0 if far > 0 else 1.0
    t = far * sqrt(answer_count) / of_layer.deviation
    return t_upper_tail(t, of_layer.freedom)
