"""The share above a threshold, for every threshold: one number may depend on where it is cut."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

STEPS = 100


@dataclass(frozen=True, slots=True)
class Curve:
    """Shares strictly above each of 101 thresholds, from 0 to 1; None of nothing.

    Attributes:
        units: of answered units, by their precision.
        answers: of counted answers, by their own.
    """

    thresholds: tuple[float, ...]
    units: tuple[float | None, ...]
    answers: tuple[float | None, ...]


def curve(units: Iterable[float], answers: Iterable[float]) -> Curve:
    """The curves of a layer, from its precisions."""
    thresholds = tuple(step / STEPS for step in range(STEPS + 1))
    return Curve(thresholds, _above(sorted(units), thresholds), _above(sorted(answers), thresholds))


def _above(values: Sequence[float], thresholds: Iterable[float]) -> tuple[float | None, ...]:
    count = len(values)
    return tuple((count - bisect_right(values, t)) / count if count else None for t in thresholds)
