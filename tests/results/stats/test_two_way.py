"""The variance of a difference over units and workers, by its definition."""

from itertools import permutations
from statistics import fmean, variance

import numpy as np
import pytest

from annotator.results.stats.intervals.influence import AnsweredUnits
from annotator.results.stats.intervals.two_way import two_way_variance

WORKERS = [f"w{n}" for n in range(9)]


def answered(rng, units):
    """Answers [(unit, worker, value)] of some units, which their workers mostly agree about."""
    rows = []
    for unit in range(units):
        holds = rng.random() < 0.5
        for worker in rng.choice(WORKERS, rng.integers(2, 5), replace=False):
            rows.append((unit, str(worker), float(holds != (rng.random() < 0.15))))
    return rows


def influence(rows):
    unit, worker, value = zip(*rows, strict=True)
    counts = np.bincount(unit)
    answers = AnsweredUnits(np.array(unit), np.array(worker), counts)
    return answers.influence_of_answers(np.array(value), np.ones(len(rows)))


def unit_means(rows):
    units = sorted({unit for unit, *_ in rows})
    return [fmean(value for own, _, value in rows if own == unit) for unit in units]


def variance_slowly(first, second):
    """What units vary by on both sides, and what answers of one worker change together.

    Each answer is left out once, and the mean of its side taken again.
    """
    changes = []  # (worker, how the difference changes without an answer)
    for sign, rows in ((1, first), (-1, second)):
        level = fmean(unit_means(rows))
        own = [
            sign * (fmean(unit_means([*rows[:n], *rows[n + 1 :]])) - level)
            for n in range(len(rows))
        ]
        changes += [
            (worker, change - fmean(own)) for (_, worker, _), change in zip(rows, own, strict=True)
        ]
    together = sum(
        change * other
        for (worker, change), (other_worker, other) in permutations(changes, 2)
        if worker == other_worker
    )
    of_units = [variance(means) / len(means) for means in map(unit_means, (first, second))]
    return sum(of_units) + max(together, 0)


@pytest.mark.parametrize("seed", range(6))
def test_a_difference_varies_with_the_units_of_both_sides_and_with_workers_they_share(seed):
    rng = np.random.default_rng(seed)
    first, second = answered(rng, 14), answered(rng, 23)

    spread = two_way_variance([influence(first), influence(second)])

    assert spread.variance == pytest.approx(variance_slowly(first, second))
