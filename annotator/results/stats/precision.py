"""How well the images of a unit fit what workers called it.

The top images are the whole population of a unit, so its precision is a mean over answers. A
layer's is a mean over units: a unit with five answers weighs as much as one with three.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import fsum
from typing import Protocol

from annotator.results.loading.answers import AnswerRow

CURVE_STEPS = 100


class ScoredAnswer(Protocol):
    """What a mean over answers needs of one: who gave it, and its number."""

    @property
    def worker(self) -> str: ...

    @property
    def precision(self) -> float: ...


@dataclass(frozen=True, slots=True)
class ThresholdCurve:
    """Shares strictly above each of 101 thresholds from 0 to 1; None where there is nothing.

    Attributes:
        units: share of answered units, by their precision.
        answers: share of counted answers, by their own precision.
    """

    thresholds: tuple[float, ...]
    units: tuple[float | None, ...]
    answers: tuple[float | None, ...]


def mean(values: Iterable[float]) -> float | None:
    """The mean of precisions or other values, exactly rounded in any order; None of nothing."""
    values = list(values)
    return fsum(values) / len(values) if values else None


def unit_mean(answers: Iterable[ScoredAnswer]) -> float | None:
    """Precision of a unit: the mean over its counted answers, from 0 to 1."""
    return mean(row.precision for row in answers)


def layer_mean(units: Iterable[Sequence[AnswerRow]]) -> float | None:
    """Mean precision of a layer: the mean over its answered units of each unit's mean."""
    means = (unit_mean(answers) for answers in units)
    return mean(value for value in means if value is not None)


def share_above(values: Iterable[float], threshold: float) -> float | None:
    """The share of precisions strictly above a threshold; None where there is none."""
    return mean(float(value > threshold) for value in values)


def share_saying(answers: Iterable[AnswerRow], says: str) -> float | None:
    """The share of answers whose `says` is, for instance, "nothing" or "two things"."""
    return mean(float(row.says == says) for row in answers)


def threshold_curve(units: Iterable[float], answers: Iterable[float]) -> ThresholdCurve:
    """Curve of a layer: the shares of precisions above every threshold from 0 to 1.

    Args:
        units, answers: precisions of the answered units, and of the counted answers.
    """
    thresholds = tuple(step / CURVE_STEPS for step in range(CURVE_STEPS + 1))
    return ThresholdCurve(
        thresholds, _shares_above(units, thresholds), _shares_above(answers, thresholds)
    )


def _shares_above(values: Iterable[float], thresholds: Iterable[float]) -> tuple[float | None, ...]:
    """`share_above` for many thresholds: the values are sorted once."""
    values = sorted(values)
    count = len(values)
    return tuple((count - bisect_right(values, t)) / count if count else None for t in thresholds)
