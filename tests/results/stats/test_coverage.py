"""How often intervals cover the truth of simulated studies, and how wide they are.

Each design is judged on studies of two processes: `crowds.Crowd` and `foreign_crowds.ForeignCrowd`.
The width is compared with that of an oracle, who knows the standard deviation of the estimate over
all studies of the design: +- 1.96 of it. docs/results.md quotes what
`pytest -m thorough -s tests/results/stats/test_coverage.py` prints.
"""

from dataclasses import dataclass, field
from itertools import product

import numpy as np
import pytest

from annotator.results.stats.intervals import (
    difference_interval,
    layer_interval,
    pooled_deviation,
    unit_interval,
)
from annotator.results.stats.precision import unit_mean
from tests.results.crowds import Crowd
from tests.results.foreign_crowds import ForeignCrowd

STUDIES = 2000
NORMAL = 1.959964


@dataclass
class Coverage:
    """Intervals of one number in many studies, with estimate and truth."""

    ends: list = field(default_factory=list)
    errors: list = field(default_factory=list)

    def add(self, interval, estimate, truth):
        self.ends.append((interval.low - truth, interval.high - truth))
        self.errors.append(estimate - truth)

    @property
    def covered(self):
        low, high = np.array(self.ends).T
        return float(np.mean((low <= 0) & (high >= 0)))

    @property
    def monte_carlo_error(self):
        return (self.covered * (1 - self.covered) / len(self.ends)) ** 0.5

    @property
    def width(self):
        """The mean width, by that of the oracle."""
        low, high = np.array(self.ends).T
        return float(np.mean(high - low) / (2 * NORMAL * np.std(self.errors)))

    @property
    def width_error(self):
        return self.width / (2 * len(self.ends)) ** 0.5

    def __str__(self):
        return (
            f"{self.covered:.3f} +- {self.monte_carlo_error:.3f} "
            f"({self.width:.2f} +- {self.width_error:.2f})"
        )


@dataclass
class UnitCoverage:
    """Intervals of all units of many studies. Units of one study share their workers."""

    by_study: list = field(default_factory=list)  # covered units
    widths: list = field(default_factory=list)
    errors: list = field(default_factory=list)

    def add(self, intervals, estimates, truth):
        low, high = np.array([(one.low, one.high) for one in intervals]).T
        self.by_study.append(np.mean((low <= truth) & (truth <= high)))
        self.widths.append(np.mean(high - low))
        self.errors.append(np.array(estimates) - truth)

    @property
    def covered(self):
        return float(np.mean(self.by_study))

    @property
    def monte_carlo_error(self):
        return float(np.std(self.by_study) / len(self.by_study) ** 0.5)

    @property
    def width(self):
        """The mean width, by that of the oracle, who knows one deviation for all units."""
        return float(np.mean(self.widths) / (2 * NORMAL * np.std(self.errors)))

    def __str__(self):
        return f"{self.covered:.3f} +- {self.monte_carlo_error:.4f} ({self.width:.2f})"


def studies(crowd, k, count, seed=2015):
    """(layers, units, differences) covered in simulated studies of 60, or twice 40, units."""
    rng = np.random.default_rng(seed)
    layers, units, differences = Coverage(), UnitCoverage(), Coverage()
    for _ in range(count):
        answers, truth = crowd.layer(rng, 60, k)
        means = [unit_mean(rows) for rows in answers]
        layers.add(layer_interval(answers), np.mean(means), truth.mean())
        deviation = pooled_deviation(answers)
        intervals = [unit_interval(mean, k, deviation) for mean in means]
        units.add(intervals, means, truth)
        (first, one), (second, two) = crowd.layers(rng, [40, 40], k, [1.0, 0.7])
        estimate = np.mean([unit_mean(rows) for rows in first])
        estimate -= np.mean([unit_mean(rows) for rows in second])
        interval = difference_interval(first, second)
        differences.add(interval, estimate, one.mean() - two.mean())
    return layers, units, differences


PROCESSES = {
    "own, alike": lambda *design: Crowd(design[0], 0.0, 0.5, design[1]),
    "own": lambda *design: Crowd(design[0], 0.4, 0.5, design[1]),
    "own, far apart": lambda *design: Crowd(design[0], 0.8, 0.5, design[1]),
    "foreign": lambda *design: ForeignCrowd(design[0], 0.4, 6, design[1]),
    "foreign, far apart": lambda *design: ForeignCrowd(design[0], 0.8, 3, design[1]),
}
DESIGNS = [
    *product(("own", "foreign"), (12, 30), (False, True), (3, 5)),
    *product(("own, alike", "own, far apart", "foreign, far apart"), (12,), (False, True), (3,)),
]


@pytest.mark.thorough
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("process", "workers", "is_uneven", "k"), DESIGNS)
def test_intervals_of_simulated_studies_cover_the_truth(process, workers, is_uneven, k):
    layers, units, differences = studies(PROCESSES[process](workers, is_uneven), k, STUDIES)

    activity = "uneven" if is_uneven else "even"
    print(
        f"\n{process}; {workers} workers, {activity}; {k} answers: "
        f"layer {layers}, unit {units}, difference {differences}"
    )
    of_difference = 0.92 if workers == 12 and is_uneven else 0.93
    for one, least in ((layers, 0.93), (differences, of_difference)):
        assert least <= one.covered + 2 * one.monte_carlo_error
        assert one.covered <= 0.985
        assert one.width - 2 * one.width_error <= 1.25
    assert units.covered + 2 * units.monte_carlo_error >= 0.90
    assert units.covered <= 0.985
    assert units.width <= 1.25
    # The precisions that the crowd has are recovered.
    assert max(abs(np.mean(one.errors)) for one in (layers, differences)) < 0.004


@pytest.mark.parametrize("process", ["own", "foreign"])
def test_intervals_of_a_few_studies_cover_the_truth(process):
    """150 studies of twelve uneven workers: within 3.3 standard errors, and not much too wide."""
    layers, units, differences = studies(PROCESSES[process](12, True), 3, 150)

    assert layers.covered >= 0.89
    assert differences.covered >= 0.89
    assert units.covered >= 0.90
    assert layers.width <= 1.4
    assert differences.width <= 1.4
