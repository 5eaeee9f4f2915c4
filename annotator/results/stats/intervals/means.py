"""Intervals of means over units: of a layer's precision, of other numbers, and of differences."""

from collections.abc import Iterable, Sequence
from math import fsum, hypot

from annotator.results.stats.intervals.exact import (
    MIN_RELIABLE_WORKERS,
    Interval,
    interval_of_alike,
)
from annotator.results.stats.intervals.influence import AnsweredUnits
from annotator.results.stats.intervals.two_way import mean_interval_over_units
from annotator.results.stats.intervals.worker_variance import worker_variance
from annotator.results.stats.precision import JudgedAnswer, ScoredAnswer, mean_over_units

Units = Iterable[Sequence[ScoredAnswer]]
JudgedUnits = Iterable[Sequence[JudgedAnswer]]


def layer_interval(units: JudgedUnits, are_sampled: bool = False) -> Interval | None:
    """The interval of a layer's mean precision, over workers with all their answers.

    It is over units too where they are a sample of the layer's. Where every answer is 0, or every
    one 1, the workers are counted: see interval_of_alike.

    Args:
        units: the counted answers of each unit, whose workers are persons.
        are_sampled: the layer has more units, which were not shown.

    Returns:
        The interval, cut to [0, 1]; None for fewer than two workers.
    """
    units = [answers for answers in units if answers]
    if not units:
        return None
    workers = len({row.worker for answers in units for row in answers})
    if (alike := _alike(units)) is not None and workers > 1:
        return interval_of_alike(alike, workers)
    if are_sampled and workers > 1:
        mean = AnsweredUnits.influence_of_precision(units)
        return mean_interval_over_units(mean) if mean else None
    interval = mean_interval(units, _least_of_answer(units))
    return interval and Interval(
        max(interval.low, 0.0), min(interval.high, 1.0), interval.is_reliable
    )


def mean_interval(units: Units, least: float = 0.0) -> Interval | None:
    """The interval of a mean of any numbers: they need not be shares, and nothing is cut.

    Args:
        least: the variance of one answer is not taken to be smaller.
    """
    return _interval([[answers for answers in units if answers]], [least])


def difference_interval(first: JudgedUnits, second: JudgedUnits) -> Interval | None:
    """The interval of a difference of two means: two layers' precision, over the workers of both.

    The units are not sampled: the interval is about these two sets of weights, and says nothing of
    what other weights would give. Where every answer of a side is 0, or every one 1, its interval
    is that of workers who are counted, and the two sides' intervals are combined (Newcombe 1998,
    doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I, method 10).

    Returns:
        None for fewer than two workers, or without answers on a side.
    """
    sides = [[answers for answers in units if answers] for units in (first, second)]
    if not all(sides):
        return None
    if any(_alike(units) is not None for units in sides):
        return _combined(sides)
    return _interval(sides, [_least_of_answer(units) for units in sides])


def mean_difference_interval(
    first: Units, second: Units, least: tuple[float, float] = (0.0, 0.0)
) -> Interval | None:
    """The interval of the difference of two means of any numbers, as mean_interval.

    Args:
        least: of each side, below which the variance of one answer is not taken to be.

    Returns:
        None for fewer than two workers, or without answers on a side.
    """
    sides = [[answers for answers in units if answers] for units in (first, second)]
    return _interval(sides, least)


def _least_of_answer(units: Sequence[Sequence[JudgedAnswer]]) -> float:
    """The least variance of an answer in an interval of means: that of judging pictures at random.

    q (1 - q) / pictures, where q = (fitting + 2) / (shown + 4) over all answers (Agresti and Coull
    1998, doi:10.1080/00031305.1998.10480550), so it is not 0 where every picture fits.
    """
    rows = [row for answers in units for row in answers]
    share = (sum(row.fitting for row in rows) + 2) / (sum(row.shown for row in rows) + 4)
    return share * (1 - share) * fsum(1 / row.shown for row in rows) / len(rows)


def _interval(
    sides: Sequence[Sequence[Sequence[ScoredAnswer]]], least: Sequence[float]
) -> Interval | None:
    """The interval of one mean, or of the first minus the second.

    Args:
        least: of each side, below which the variance of one answer is not taken to be.
    """
    if not all(sides):
        return None
    center, *other = map(mean_over_units, sides)
    of_means = fsum(
        of_answer * fsum(1 / len(answers) for answers in units) / len(units) ** 2
        for units, of_answer in zip(sides, least, strict=True)
    )
    spread = worker_variance(sides, of_means)
    if spread.workers < 2:
        return None
    center -= fsum(other)
    half_width = spread.half_width()
    is_reliable = spread.workers >= MIN_RELIABLE_WORKERS
    return Interval(center - half_width, center + half_width, is_reliable)


def _alike(units: Sequence[Sequence[JudgedAnswer]]) -> float | None:
    """0 or 1 where every answer is that; else None."""
    values = {row.precision for answers in units for row in answers}
    return values.pop() if values in ({0.0}, {1.0}) else None


def _combined(sides: Sequence[Sequence[Sequence[JudgedAnswer]]]) -> Interval | None:
    """The interval of a difference from the intervals of both sides."""
    intervals = [layer_interval(units) for units in sides]
    first, second = intervals
    if first is None or second is None:
        return None
    one, two = map(mean_over_units, sides)
    return Interval(
        one - two - hypot(one - first.low, second.high - two),
        one - two + hypot(first.high - one, two - second.low),
        first.is_reliable and second.is_reliable,
    )
