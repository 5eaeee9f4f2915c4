"""How well the images of a unit fit what workers called it.

The top images are the whole population of a unit, so a mean is over its answers, and a layer's
mean over its units: a unit with five answers weighs as much as one with three.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import fsum
from typing import Protocol

from annotator.results.loading.answers import AnswerRow

CURVE_STEPS = 100


class ScoredAnswer(Protocol):
    """An answer as a mean over answers sees it: who gave it, and its number."""

    @property
    def worker(self) -> str: ...

    @property
    def precision(self) -> float: ...


def mean(values: Iterable[float]) -> float | None:
    """The arithmetic mean, exactly rounded whatever the order; None of nothing."""
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
    """The share of values strictly above a threshold; None where there is no value."""
    return mean(float(value > threshold) for value in values)


def share_saying(answers: Iterable[AnswerRow], says: str) -> float | None:
    """The share of answers that say, for instance, "nothing" or "two things"."""
    return mean(float(row.says == says) for row in answers)


@dataclass(frozen=True, slots=True)
class ThresholdCurve:
    """Shares strictly above each of 101 thresholds, from 0 to 1; None of nothing.

    Attributes:
        units: of answered units, by their precision.
        answers: of counted answers, by their own.
    """

    thresholds: tuple[float, ...]
    units: tuple[float | None, ...]
    answers: tuple[float | None, ...]


def threshold_curve(units: Iterable[float], answers: Iterable[float]) -> ThresholdCurve:
    """The curves of a layer, from its precisions."""
    thresholds = tuple(step / CURVE_STEPS for step in range(CURVE_STEPS + 1))
    return ThresholdCurve(
        thresholds, _above(sorted(units), thresholds), _above(sorted(answers), thresholds)
    )


def _above(values: Sequence[float], thresholds: Iterable[float]) -> tuple[float | None, ...]:
    count = len(values)
    return tuple((count - bisect_right(values, t)) / count if count else None for t in thresholds)
