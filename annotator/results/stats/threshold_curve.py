"""The shares of precisions above every threshold: where two curves cross, the threshold decides."""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from annotator.results.stats.intervals import Interval
from annotator.results.stats.precision import mean

CURVE_STEPS = 100


@dataclass(frozen=True, slots=True)
class ThresholdCurve:
    """Shares strictly above each of 101 thresholds from 0 to 1; None where there is nothing.

    Attributes:
        units: share of answered units, by their precision.
        answers: share of counted answers, by their own precision.
        intervals: of the shares of units, over units and workers; empty where none was computed.
    """

    thresholds: tuple[float, ...]
    units: tuple[float | None, ...]
    answers: tuple[float | None, ...]
    intervals: tuple[Interval | None, ...] = ()


def threshold_curve(
    units: Iterable[float],
    answers: Iterable[float],
    interval_at: Callable[[float], Interval | None] | None = None,
) -> ThresholdCurve:
    """Curve of a layer: the shares of precisions above every threshold from 0 to 1.

    Args:
        units, answers: precisions of the answered units, and of the counted answers.
        interval_at: of the share of units above a threshold.
    """
    thresholds = tuple(step / CURVE_STEPS for step in range(CURVE_STEPS + 1))
    return ThresholdCurve(
        thresholds,
        _shares_above(units, thresholds),
        _shares_above(answers, thresholds),
        tuple(map(interval_at, thresholds)) if interval_at else (),
    )


def _shares_above(values: Iterable[float], thresholds: Iterable[float]) -> tuple[float | None, ...]:
    """`share_above` for many thresholds: the values are sorted once."""
    values = sorted(values)
    count = len(values)
    return tuple((count - bisect_right(values, t)) / count if count else None for t in thresholds)


def share_above(values: Iterable[float], threshold: float) -> float | None:
    """Which share of some precisions is strictly above a threshold; None of nothing."""
    return mean(float(value > threshold) for value in values)
