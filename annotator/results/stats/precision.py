"""Precision: how well the images of a unit fit what workers called it.

The top images are the whole population of a unit, so its precision is a mean over answers. A
layer's is a mean over units: a unit with five answers weighs as much as one with three.
"""

from collections.abc import Iterable, Sequence
from math import fsum
from typing import Protocol

from annotator.results.loading.answers import AnswerRow


class ScoredAnswer(Protocol):
    """What a mean over answers needs of one: who gave it, and its number."""

    @property
    def worker(self) -> str: ...

    @property
    def precision(self) -> float: ...


class JudgedAnswer(ScoredAnswer, Protocol):
    """An answer whose precision is a share of the pictures that its worker judged."""

    @property
    def shown(self) -> int: ...

    @property
    def fitting(self) -> int: ...


def mean(values: Iterable[float]) -> float | None:
    """The mean of precisions or other values, exactly rounded in any order; None of nothing."""
    values = list(values)
    return fsum(values) / len(values) if values else None


def unit_mean(answers: Iterable[ScoredAnswer]) -> float | None:
    """Precision of a unit: the mean over its counted answers, from 0 to 1."""
    return mean(row.precision for row in answers)


def mean_over_units(units: Sequence[Sequence[ScoredAnswer]]) -> float:
    """The precision of several units, none of them empty: the mean of each unit's mean."""
    return fsum(unit_mean(answers) or 0.0 for answers in units) / len(units)


def layer_mean(units: Iterable[Sequence[AnswerRow]]) -> float | None:
    """Mean precision of a layer: the mean over its answered units of each unit's mean."""
    means = (unit_mean(answers) for answers in units)
    return mean(value for value in means if value is not None)
