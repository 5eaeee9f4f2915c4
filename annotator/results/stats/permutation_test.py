"""Whether two networks differ: a permutation test over their units.

Every answer is measured against the mean of its worker over both networks, so that a difference
between strict and lenient workers is not taken for one between networks. Then network labels are
permuted between whole units: the answers of a unit stay together, because they share what the unit
is. (To permute single answers within a worker treats three answers about one unit as three units;
where networks do not differ, such a test rejects far too often:
docs/decisions/permuting-whole-units.md.)
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotator.results.loading.answers import AnswerRow
from annotator.results.stats.weighted_sums import Floats, divided, summed

DRAWS = 1999
DRAWS_AT_ONCE = 500  # bounds the memory: (draws at once, units)
SEED = 2015

Units = Sequence[Sequence[AnswerRow]]
Value = Callable[[AnswerRow], float | None]


@dataclass(frozen=True, slots=True)
class UnitSums:
    """What each unit adds to a weighted mean, (units,) each.

    Attributes:
        raw: sum of the weighted values.
        within: the same of values measured against the mean of their worker.
        weights: sum of the weights.
    """

    raw: Floats
    within: Floats
    weights: Floats


def unit_sums(units: Units, value: Value) -> UnitSums:
    """Sum up each unit's answers for the permutation test; an answer weighs 1/k of its unit's k.

    Args:
        units: the counted answers of each unit, of both networks.
        value: of an answer; None leaves the answer out of the mean.
    """
    rows = [
        (place, row.worker, number, 1 / len(answers))
        for place, answers in enumerate(units)
        for row in answers
        if (number := value(row)) is not None
    ]
    # (answers,) each, as are all arrays up to worker_means
    unit = np.array([place for place, _, _, _ in rows], dtype=np.int64)
    names = np.array([name for _, name, _, _ in rows], dtype=np.str_)
    workers, worker = np.unique(names, return_inverse=True)
    values = np.array([number for _, _, number, _ in rows], dtype=float)
    weights = np.array([weight for _, _, _, weight in rows], dtype=float)
    weighted = values * weights
    worker_means = divided(  # (workers,)
        _summed(worker, weighted, len(workers)), _summed(worker, weights, len(workers))
    )
    return UnitSums(
        raw=_summed(unit, weighted, len(units)),
        within=_summed(unit, weighted - worker_means[worker] * weights, len(units)),
        weights=_summed(unit, weights, len(units)),
    )


def _summed(at: NDArray[np.int64], values: Floats, count: int) -> Floats:
    """(count,) sums of values (answers,) by place."""
    sums: Floats = summed(at, values[None, :], count)[0]
    return sums


def mean_difference(of: UnitSums, is_first: NDArray[np.bool_]) -> float | None:
    """The difference of two networks' means that the permutation test judges.

    The first network's minus the second's; None without answers on a side.
    """
    if not (of.weights[is_first].sum() > 0 and of.weights[~is_first].sum() > 0):
        return None
    first = of.raw[is_first].sum() / of.weights[is_first].sum()
    return float(first - of.raw[~is_first].sum() / of.weights[~is_first].sum())


def permutation_p_values(
    of_numbers: Sequence[UnitSums], is_first: NDArray[np.bool_], draws: int = DRAWS
) -> list[float | None]:
    """Two-sided p of each number by permuting labels: how often a difference is as large.

    The labels as they are count as one more draw, so no p is 0.

    Args:
        of_numbers: for each number, the sums of the same units.
        is_first: (units,) whether a unit is of the first network.

    Returns:
        A p for each number; None where a side has no answers.
    """
    if not is_first.any() or is_first.all():
        return [None for _ in of_numbers]
    values = np.stack([of.within for of in of_numbers], axis=1)  # (units, numbers)
    weights = np.stack([of.weights for of in of_numbers], axis=1)
    observed = np.abs(_differences(values, weights, is_first[None, :]))  # (1, numbers)
    random = np.random.default_rng(SEED)
    as_large = np.ones(len(of_numbers))
    for start in range(0, draws, DRAWS_AT_ONCE):
        labels = np.tile(is_first, (min(DRAWS_AT_ONCE, draws - start), 1))
        drawn = np.abs(_differences(values, weights, random.permuted(labels, axis=1)))
        as_large += (drawn >= observed - 1e-12).sum(axis=0)  # rounding breaks no tie
    return [
        None if mean_difference(of, is_first) is None else float(count) / (1 + draws)
        for of, count in zip(of_numbers, as_large, strict=True)
    ]


def _differences(values: Floats, weights: Floats, labels: NDArray[np.bool_]) -> Floats:
    """(draws, numbers) differences of two means, for values and weights (units, numbers).

    Args:
        labels: (draws, units), whether a unit counts as one of the first network.
    """
    is_first = labels.astype(float)
    of_first, weight = is_first @ values, is_first @ weights  # (draws, numbers) each
    differences: Floats = divided(of_first, weight) - divided(
        values.sum(axis=0) - of_first, weights.sum(axis=0) - weight
    )
    return differences
