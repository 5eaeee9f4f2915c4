"""How often intervals of shares, and of their excess over chance, cover the truth of studies.

A share is decided by few answers a unit, so its truth is the mean over all studies of a design,
with other units and other workers of the same kinds. docs/results.md quotes what
`pytest -m thorough -s tests/results/stats/test_share_coverage.py` prints.
"""

from itertools import product

import numpy as np
import pytest

from annotator.results.stats.intervals import interval_over_units, layer_interval, share_interval
from annotator.results.stats.intervals.decisions import decisions
from tests.results.two_networks import PROCESSES, Design

STUDIES = 2000
NORMAL = 1.959964
NUMBERS = {
    "above": lambda decided: decided.share_above(0.75),
    "above .5": lambda decided: decided.share_above(0.5),
    "above .9": lambda decided: decided.share_above(0.9),
    "detectors": lambda decided: decided.detectors(0.75),
    "group 5": lambda decided: decided.group_above(5, 0.75),
    "group 5 by majority": lambda decided: decided.group_by_majority(5, 0.75),
}
SAMPLED_MEAN = "mean precision of sampled units"
EXCESSES = {
    "mean precision": lambda decided: decided.mean_precision(),
    **{name: NUMBERS[name] for name in ("above", "detectors", "group 5")},
}


def coverage(process, design, studies, seed=2016):
    """(number, of the excess: {(covered, its Monte-Carlo error, width by the oracle's)})

    The first network of a design is a layer of it, the second its chance control.
    """
    rng = np.random.default_rng(seed)
    names = {False: [*NUMBERS, SAMPLED_MEAN], True: EXCESSES}
    ends = {is_excess: {name: [] for name in of} for is_excess, of in names.items()}
    for _ in range(studies):
        sides = list(PROCESSES[process](rng, design))
        own, control = (decisions(units, str) for units in sides)
        mean = layer_interval(sides[0], are_sampled=True)
        ends[False][SAMPLED_MEAN].append((own.mean_precision().level, mean.low, mean.high))
        for name, number in NUMBERS.items():
            if (share := number(own)) is not None:
                interval = share_interval(share)
                ends[False][name].append((share.level, interval.low, interval.high))
        for name, number in EXCESSES.items():
            one, two = number(own), number(control)
            if (interval := interval_over_units(one, two)) is not None:
                ends[True][name].append((one.level - two.level, interval.low, interval.high))
    return {
        is_excess: {name: _judged(rows) for name, rows in of.items()}
        for is_excess, of in ends.items()
    }


def _judged(rows):
    estimate, low, high = np.array(rows).T
    truth = estimate.mean()
    covered = np.mean((low <= truth) & (truth <= high))
    error = (covered * (1 - covered) / len(rows)) ** 0.5
    return covered, error, np.mean(high - low) / (2 * NORMAL * estimate.std())


DESIGNS = [
    Design((60, 30), (0.8, 0.8), workers, is_uneven)
    for workers, is_uneven in product((12, 30), (False, True))
]


@pytest.mark.thorough
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("design", DESIGNS, ids=str)
@pytest.mark.parametrize("process", PROCESSES)
def test_intervals_of_shares_and_their_excess_cover_the_truth(process, design):
    judged = coverage(process, design, STUDIES)

    for is_excess, numbers in judged.items():
        kind = "excess" if is_excess else "share"
        text = ", ".join(
            f"{name} {covered:.3f} +- {error:.3f} ({width:.2f})"
            for name, (covered, error, width) in numbers.items()
        )
        print(f"\n{process}, {design}; {kind}: {text}")
        for covered, error, width in numbers.values():
            assert covered + 2 * error >= 0.93
            assert covered - 2 * error <= 0.985
            assert width <= 1.25


def test_intervals_of_shares_in_a_few_studies_cover_the_truth():
    judged = coverage("normal", Design((40, 20), (0.8, 0.8), 12), 60)

    for numbers in judged.values():
        for covered, _, width in numbers.values():
            assert covered >= 0.85  # 3.5 standard errors of 60 studies below .95
            assert width <= 1.6
