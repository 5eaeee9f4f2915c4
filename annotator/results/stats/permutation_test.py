"""Whether two sets of units differ: network labels permuted, answers measured within workers.

Every answer is measured against what its worker said of both networks, so that a strict and a
lenient worker are no difference between networks. Labels are permuted between whole units: a
unit's answers stay together, since they share what the unit is. (Permuting single answers within
a worker tears them apart; it takes three answers about one unit for three units and, where no
network differs from another, finds a difference far too often: docs/decisions/.)
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotator.results.loading.answers import AnswerRow
from annotator.results.stats.weighted_sums import Floats, divided, summed

DRAWS = 1999
DRAWS_AT_ONCE = 500
SEED = 2015

Units = Sequence[Sequence[AnswerRow]]
Value = Callable[[AnswerRow], float | None]


@dataclass(frozen=True, slots=True)
class UnitSums:
    """What each unit adds to a mean: (units,) weighted values, and weights.

    Attributes:
        raw: as the answers stand. within: against the mean of each answer's worker.
    """

    raw: Floats
    within: Floats
    weights: Floats


def unit_sums(units: Units, value: Value) -> UnitSums:
    """Sum up units for a mean, in which each answer weighs 1/k of its unit's k answers.

    Args:
        value: of an answer; None leaves it out of the mean.
    """
    rows = [
        (n, row.worker, found, 1 / len(answers))
        for n, answers in enumerate(units)
        for row in answers
        if (found := value(row)) is not None
    ]
    unit = np.array([n for n, _, _, _ in rows], dtype=np.int64)
    workers = np.array([worker for _, worker, _, _ in rows], dtype=np.str_)
    names, worker = np.unique(workers, return_inverse=True)
    values = np.array([found for _, _, found, _ in rows], dtype=float)
    weights = np.array([weight for _, _, _, weight in rows], dtype=float)
    weighted = values * weights
    usual = divided(_by(worker, weighted, len(names)), _by(worker, weights, len(names)))
    count = len(units)
    return UnitSums(
        raw=_by(unit, weighted, count),
        within=_by(unit, weighted - usual[worker] * weights, count),
        weights=_by(unit, weights, count),
    )


def _by(at: NDArray[np.int64], values: Floats, count: int) -> Floats:
    found: Floats = summed(at, values[None, :], count)[0]
    return found


def mean_difference(of: UnitSums, is_first: NDArray[np.bool_]) -> float | None:
    """The first network's mean less the second's, as the answers stand; None without either."""
    if not (of.weights[is_first].sum() > 0 and of.weights[~is_first].sum() > 0):
        return None
    first = of.raw[is_first].sum() / of.weights[is_first].sum()
    return float(first - of.raw[~is_first].sum() / of.weights[~is_first].sum())


def permutation_p_values(
    of_numbers: Sequence[UnitSums], is_first: NDArray[np.bool_], draws: int = DRAWS
) -> list[float | None]:
    """Two-sided p of each number: how often labels at random make a difference as large.

    The draw that was seen counts as one of them. Numbers without an answer on a side have none.

    Args:
        is_first: (units,) which network each unit is of.
    """
    if not is_first.any() or is_first.all():
        return [None for _ in of_numbers]
    values = np.stack([of.within for of in of_numbers], axis=1)  # (units, numbers)
    weights = np.stack([of.weights for of in of_numbers], axis=1)
    seen = np.abs(_within(values, weights, is_first[None, :]))
    random = np.random.default_rng(SEED)
    as_large = np.ones(len(of_numbers))
    for start in range(0, draws, DRAWS_AT_ONCE):
        labels = np.tile(is_first, (min(DRAWS_AT_ONCE, draws - start), 1))
        drawn = np.abs(_within(values, weights, random.permuted(labels, axis=1)))
        as_large += (drawn >= seen - 1e-12).sum(axis=0)
    return [
        None if mean_difference(of, is_first) is None else float(count) / (1 + draws)
        for of, count in zip(of_numbers, as_large, strict=True)
    ]


def _within(values: Floats, weights: Floats, labels: NDArray[np.bool_]) -> Floats:
    """(draws, numbers), differences within workers for labels (draws, units)."""
    first = labels.astype(float)
    of_first, weight = first @ values, first @ weights
    found: Floats = divided(of_first, weight) - divided(
        values.sum(axis=0) - of_first, weights.sum(axis=0) - weight
    )
    return found
