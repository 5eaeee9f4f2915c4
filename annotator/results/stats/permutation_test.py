"""Whether two networks differ: a permutation test over their units.

Every answer is measured against the mean of its worker over both networks, so that a difference
between strict and lenient workers is not taken for one between networks. Then network labels are
permuted between whole units: the answers of a unit stay together, because they share what the unit
is. (To permute single answers within a worker treats three answers about one unit as three units;
where networks do not differ, such a test rejects far too often:
docs/decisions/permuting-whole-units.md.)

In every draw the difference is divided by its own standard error, so that the test keeps its level
where one network has more units than the other, or more different ones (Chung and Romano 2011;
Annals of Statistics 2013, doi:10.1214/13-AOS1090).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotator.results.loading.answers import AnswerRow
from annotator.results.stats.weighted_sums import ZERO_TOLERANCE, Floats, divided, summed

MIN_DRAWS = 1999
DRAWS_A_NUMBER = 100  # of a family, so that its smallest p can stay below .05 when adjusted
DRAWS_AT_ONCE = 500  # bounds the memory: (draws at once, units)
MIN_UNITS = 8  # with weight on each side; with fewer there is no test
SEED = 2015

Units = Sequence[Sequence[AnswerRow]]
Value = Callable[[AnswerRow], float | None]


@dataclass(frozen=True, slots=True)
class UnitSums:
    """What each unit adds to a weighted mean, (units,) each.

    Attributes:
        raw: sum of the weighted values.
        within: the same of values measured against the mean of their worker; these are tested.
        weights: sum of the weights.
    """

    raw: Floats
    within: Floats
    weights: Floats


def unit_sums(units: Units, value: Value, is_within_workers: bool = True) -> UnitSums:
    """Sum up each unit's answers for the permutation test; an answer weighs 1/k of its unit's k.

    Args:
        units: the counted answers of each unit, of both networks.
        value: of an answer; None leaves the answer out of the mean.
        is_within_workers: False where the answers do not say who gave them.
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
    raw = _summed(unit, weighted, len(units))
    within = _summed(unit, weighted - worker_means[worker] * weights, len(units))
    return UnitSums(
        raw=raw,
        within=within if is_within_workers else raw,
        weights=_summed(unit, weights, len(units)),
    )


def _summed(at: NDArray[np.int64], values: Floats, count: int) -> Floats:
    """(count,) sums of values (answers,) by place."""
    sums: Floats = summed(at, values[None, :], count)[0]
    return sums


def sums_of_shares(is_counted: Sequence[bool]) -> UnitSums:
    """Sum up units for the permutation test of a share: each counts or not, whoever answered."""
    counted = np.array(is_counted, dtype=float)
    return UnitSums(counted, counted, np.ones(len(counted)))


def draws_for(numbers: int) -> int:
    """How many permutations a permutation test draws where it tests so many numbers.

    >>> draws_for(7), draws_for(105)
    (1999, 10500)
    """
    return max(MIN_DRAWS, DRAWS_A_NUMBER * numbers)


def permutation_p_values(
    of_numbers: Sequence[UnitSums], is_first: NDArray[np.bool_], draws: int = MIN_DRAWS
) -> list[float | None]:
    """Two-sided p of each number by permuting labels: how often a difference is as large.

    Large means in standard errors, those of the draw. A draw in which a side has no weight, or
    units that are all alike, counts as large. The labels as they are count as one more draw, so no
    p is 0.

    Args:
        of_numbers: for each number, the sums of the same units.
        is_first: (units,) whether a unit is of the first network.

    Returns:
        A p for each number; None where a side has fewer than MIN_UNITS units with weight.
    """
    if min(is_first.sum(), (~is_first).sum()) < MIN_UNITS:
        return [None for _ in of_numbers]
    moments = _Moments.of(of_numbers)
    observed, _ = moments.differences(is_first[None, :])  # (1, numbers)
    as_large = np.ones(len(of_numbers))
    random = np.random.default_rng(SEED)
    for start in range(0, draws, DRAWS_AT_ONCE):
        labels = np.tile(is_first, (min(DRAWS_AT_ONCE, draws - start), 1))
        drawn, is_degenerate = moments.differences(random.permuted(labels, axis=1))
        is_large = drawn >= observed * (1 - ZERO_TOLERANCE)  # rounding breaks no tie
        as_large += (is_large | is_degenerate).sum(axis=0)
    return [
        float(count) / (1 + draws) if _has_enough(of, is_first) else None
        for of, count in zip(of_numbers, as_large, strict=True)
    ]


def _has_enough(of: UnitSums, is_first: NDArray[np.bool_]) -> bool:
    """Whether each network has MIN_UNITS units with weight."""
    sides = (of.weights[is_first] > 0, of.weights[~is_first] > 0)
    return all(side.sum() >= MIN_UNITS for side in sides)


@dataclass(frozen=True, slots=True)
class _Moments:
    """What a studentized difference of any two sets of units is made of.

    For values v and weights w the ratio of a side is r = sum v / sum w. A unit's share in its error
    is (v - r w) / mean w, whose variance over units follows from the sums of five products.

    Attributes:
        products: (units, 5 x numbers): v, w, v v, v w, w w.
        totals: (5, numbers) their sums.
    """

    products: Floats
    totals: Floats

    @classmethod
    def of(cls, of_numbers: Sequence[UnitSums]) -> "_Moments":
        v = np.stack([of.within for of in of_numbers], axis=1)  # (units, numbers)
        w = np.stack([of.weights for of in of_numbers], axis=1)
        products = np.stack([v, w, v * v, v * w, w * w], axis=1)  # (units, 5, numbers)
        return cls(products.reshape(len(v), -1), products.sum(axis=0))

    def differences(self, labels: NDArray[np.bool_]) -> tuple[Floats, NDArray[np.bool_]]:
        """Absolute differences in standard errors, and where a side has no weight or no spread.

        Args:
            labels: (draws, units), whether a unit counts as one of the first network; as many in
                every draw.

        Returns:
            (draws, numbers) each. Without spread on both sides a difference is 0 or infinite.
        """
        first = (labels.astype(float) @ self.products).reshape(len(labels), *self.totals.shape)
        count = int(labels[0].sum())
        ratio, variance, is_flat = _ratios(first, count)
        other, its_variance, its_flat = _ratios(self.totals - first, labels.shape[1] - count)
        apart = np.abs(ratio - other)
        apart[apart < ZERO_TOLERANCE] = 0
        error = np.sqrt(variance + its_variance)
        return np.where(apart > 0, divided(apart, error, nothing=np.inf), 0.0), is_flat | its_flat


def _ratios(sums: Floats, count: int) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """(draws, numbers) ratios, their variances over units, and whether there is nothing to judge.

    Args:
        sums: (draws, 5, numbers) of the products of one side's units.
        count: how many units, at least MIN_UNITS.
    """
    v, w, vv, vw, ww = sums.transpose(1, 0, 2)
    ratio = divided(v, w)
    # of v - r w, summed over units
    squares = np.maximum(vv - 2 * ratio * vw + ratio * ratio * ww, 0)
    is_flat = (w <= ZERO_TOLERANCE) | (squares <= ZERO_TOLERANCE)
    variance = divided(squares, w * w) * (count / (count - 1))
    return ratio, np.where(is_flat, 0.0, variance), is_flat
