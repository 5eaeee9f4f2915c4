"""The differences of two layers: each number, how sure it is, and its p before it is adjusted."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotator.models.answer import Group
from annotator.results.loading.answers import AnswerRow
from annotator.results.report.comparison.comparability import OVER_UNITS, WITHIN_WORKERS
from annotator.results.stats.groups import GROUPS
from annotator.results.stats.intervals import Interval, difference_interval, interval_over_units
from annotator.results.stats.intervals.influence import AnsweredUnits, Influence
from annotator.results.stats.permutation_test import (
    MIN_DRAWS,
    UnitSums,
    Value,
    permutation_p_values,
    sums_of_shares,
    unit_sums,
)

MEAN_PRECISION, OF_GROUPS, WITH_OBJECT = "mean_precision", "groups", "units_with_object_answer"
Number = tuple[str, int | None]  # and its group, with OF_GROUPS
NUMBERS: tuple[Number, ...] = ((MEAN_PRECISION, None), *((OF_GROUPS, each) for each in GROUPS))
# Counts units by their best answer, so it depends on how many answers a unit has, and on whose.
NUMBERS_OVER_UNITS: tuple[Number, ...] = (*NUMBERS, (WITH_OBJECT, None))

Units = Sequence[Sequence[AnswerRow]]


@dataclass(frozen=True, slots=True)
class Difference:
    """One number of a layer in the first network minus the same number in the second.

    Attributes:
        number: `mean_precision`, `groups` for one group's share above the threshold, or
            `units_with_object_answer` for the share of units with an answer of an object above it.
        group: 1..6 with `groups`, else None.
        interval: 95 % interval over workers, with these units as the whole population; for
            `mean_precision` only.
        interval_over_units: 95 % interval over units and workers, or over units alone where the
            answers do not say who gave them; it answers the same question as p.
        p: by permutation of the network labels.
        adjusted_p: by Holm, over all planned differences of the study, or over those of the two
            networks that were not planned.
        is_planned: a preregistered plan names it; otherwise it was chosen after seeing the data.
        first_value, second_value: the number of each network.
    """

    first_layer: str
    second_layer: str
    number: str
    group: int | None
    difference: float | None
    interval: Interval | None
    p: float | None
    adjusted_p: float | None = None
    is_planned: bool = False
    first_value: float | None = None
    second_value: float | None = None
    interval_over_units: Interval | None = None


def numbers_of(test: str) -> tuple[Number, ...]:
    """The numbers of which differences are computed, by the test that compares two layers."""
    return NUMBERS_OVER_UNITS if test == OVER_UNITS else NUMBERS


def layer_differences(
    layers: tuple[str, str],
    first: Sequence[Sequence[AnswerRow]],
    second: Sequence[Sequence[AnswerRow]],
    threshold: float,
    draws: int = MIN_DRAWS,
    test: str = WITHIN_WORKERS,
) -> list[Difference]:
    """Compute every difference of two layers in a comparison of networks; no p is adjusted yet.

    Args:
        layers: the name of each.
        first: the answers of each unit. second: likewise.
        draws: permutations of the labels.
        test: WITHIN_WORKERS or OVER_UNITS.
    """
    units = [*first, *second]
    is_first = np.arange(len(units)) < len(first)
    numbers = numbers_of(test)
    sums = [_sums(units, number, threshold, test) for number in numbers]
    p_values = permutation_p_values(sums, is_first, draws)
    over_workers = difference_interval(first, second) if test == WITHIN_WORKERS else None
    differences = []
    for number, of_number, p in zip(numbers, sums, p_values, strict=True):
        one, two = level_of(of_number, is_first), level_of(of_number, ~is_first)
        sides = (influence_on(side, number, threshold, test) for side in (first, second))
        differences.append(
            Difference(
                *layers,
                *number,
                None if one is None or two is None else one - two,
                over_workers if number[0] == MEAN_PRECISION else None,
                p,
                first_value=one,
                second_value=two,
                interval_over_units=interval_over_units(*sides),
            )
        )
    return differences


def influence_on(
    units: Units, number: Number, threshold: float, test: str = WITHIN_WORKERS
) -> Influence | None:
    """How answers move a difference of two layers: one side of it, for the interval over units.

    Args:
        units: the answers of each unit.
        number: one of numbers_of(test).

    Returns:
        None where no answer counts.
    """
    name, group = number
    about = AnsweredUnits.of(units, workers_are_places=test == OVER_UNITS)
    rows = [row for answers in units for row in answers]
    if name == WITH_OBJECT:
        return about.influence_of_units_with(
            np.array([_is_object(row, threshold) for row in rows], dtype=bool)
        )
    values = [_value(group, threshold)(row) for row in rows]
    return about.influence_of_answers(
        np.array([value or 0.0 for value in values]),
        np.array([value is not None for value in values], dtype=float),
        np.array([row.shown for row in rows], dtype=float) if group is None else None,
    )


def _value(group: int | None, threshold: float) -> Value:
    """What an answer adds to a number of NUMBERS; None leaves the answer out."""
    if group is None:
        return lambda row: row.precision
    return lambda row: (
        float(row.group == group) if row.group and row.precision > threshold else None
    )


def _sums(units: Units, number: Number, threshold: float, test: str) -> UnitSums:
    name, group = number
    if name == WITH_OBJECT:
        return sums_of_shares(_with_object(units, threshold))
    return unit_sums(units, _value(group, threshold), is_within_workers=test == WITHIN_WORKERS)


def _with_object(units: Units, threshold: float) -> list[bool]:
    """Whether each unit has an answer of the group Objects above the threshold."""
    return [any(_is_object(row, threshold) for row in answers) for answers in units]


def _is_object(row: AnswerRow, threshold: float) -> bool:
    return row.group == Group.OBJECT and row.precision > threshold


def level_of(of: UnitSums, is_in: NDArray[np.bool_]) -> float | None:
    """One side of a difference: the mean over one network's units; None without answers.

    Args:
        is_in: (units,) whether a unit is of the network.
    """
    weight = of.weights[is_in].sum()
    return float(of.raw[is_in].sum() / weight) if weight > 0 else None
