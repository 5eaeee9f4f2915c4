"""Intervals of differences over units and workers: by definition, and how often they cover 0."""

from math import sqrt

import numpy as np
import pytest
from scipy.stats import ttest_ind

from annotator.results.report.comparison.comparability import OVER_UNITS
from annotator.results.report.comparison.differences import (
    MEAN_PRECISION,
    OF_GROUPS,
    influence_on,
    layer_differences,
)
from annotator.results.stats.intervals import interval_over_units
from annotator.results.stats.intervals.influence import AnsweredUnits
from tests.results.rows import answer
from tests.results.two_networks import DESIGNS, PROCESSES, Design

STUDIES = 2000
THRESHOLD = 0.75
NORMAL = 1.959964


def differences(first, second, **kinds):
    return layer_differences(("a", "b"), first, second, THRESHOLD, **kinds)


@pytest.mark.parametrize("test", ["within workers", OVER_UNITS])
def test_with_a_worker_for_each_unit_it_is_welchs_interval(test):
    rng = np.random.default_rng(4)
    precise, vague = rng.integers(30, 58, 12), rng.integers(0, 58, 25)
    first = [[answer(n, int(fit), worker=f"v{n}")] for n, fit in enumerate(precise)]
    second = [[answer(n, int(fit), worker=f"w{n}")] for n, fit in enumerate(vague)]

    interval = differences(first, second, test=test)[0].interval_over_units

    expected = ttest_ind(precise / 57, vague / 57, equal_var=False).confidence_interval(0.95)
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high))


def test_workers_who_agree_leave_doubt_about_other_units():
    """Six workers say the same of every unit; units differ by 30 of 57 pictures."""
    first, second = (
        [[answer(unit, base - 3 * unit, worker=f"w{w}") for w in range(6)] for unit in range(10)]
        for base in (50, 45)
    )

    mean = differences(first, second)[0]

    over_workers = mean.interval.high - mean.interval.low
    over_units = mean.interval_over_units.high - mean.interval_over_units.low
    assert over_units > 3 * over_workers
    assert mean.interval_over_units.low < 0 < mean.interval_over_units.high
    assert mean.p > 0.05


@pytest.mark.parametrize(
    ("rows", "number", "least"),
    [
        # 27 pictures fit of 30 x 57, all of each unit's: (27 + 2) / (1710 + 4)
        ([0.9] * 10, ("mean_precision", None), 29 / 1714 * 1685 / 1714 / 1710),
        ([57] * 10, ("groups", 5), 2 / 34 * 32 / 34 / 30),  # of 30 answers above none is of 5
        ([57] * 10, ("groups", 4), 32 / 34 * 2 / 34 / 30),  # every one is of 4
    ],
)
def test_no_variance_over_units_is_below_that_of_judging_at_random(rows, number, least):
    units = [[answer(unit, int(fit) if fit > 1 else (27 if unit == w == 0 else 0), worker=f"w{w}")
              for w in range(3)] for unit, fit in enumerate(rows)]  # fmt: skip

    influence = influence_on(units, number, THRESHOLD)

    assert influence.least == pytest.approx(least)
    assert influence.variance_of_units >= influence.least


def test_a_rare_share_of_units_varies_as_the_binomial_does():
    """1 of 60 units: (1 + 2) / (60 + 4) would triple its variance."""
    flags = np.arange(60) < 1
    about = AnsweredUnits(np.arange(60), np.array([f"w{n}" for n in range(60)]), np.ones(60, int))

    of_units = about.influence_of_units((flags, flags)).variance_of_units

    assert of_units == pytest.approx(1 / 60 * 59 / 60 / 59)


@pytest.mark.parametrize("hits", [0, 60])
def test_a_share_of_no_or_all_units_varies_as_jeffreys_has_it(hits):
    flags = np.arange(60) < hits
    about = AnsweredUnits(np.arange(60), np.array([f"w{n}" for n in range(60)]), np.ones(60, int))

    of_units = about.influence_of_units((flags, flags)).variance_of_units

    assert of_units == pytest.approx(0.5 / 61 * 60.5 / 61 / 60)


def test_below_eight_units_there_is_neither_p_nor_interval_over_units():
    rows = [[answer(unit, 40 + unit, worker=f"w{w}") for w in range(3)] for unit in range(12)]

    mean = differences(rows[:7], rows)[0]

    assert (mean.p, mean.interval_over_units) == (None, None)
    assert mean.interval is not None


def test_interval_and_p_of_a_row_answer_the_same_question():
    """Of networks that differ a little, both or neither find it, but for a few near .05."""
    rng = np.random.default_rng(8)
    agree = []
    for _ in range(30):
        first, second = PROCESSES["normal"](rng, Design((30, 30), (0.8, 0.8)))
        shifted = [[answer(r.unit, max(r.fitting - 6, 0), worker=r.worker, group=r.group)
                    for r in rows] for rows in second]  # fmt: skip
        for one in differences(first, shifted)[:2]:
            interval = one.interval_over_units
            agree.append((one.p < 0.05) == (interval.low > 0 or interval.high < 0))

    assert np.mean(agree) >= 0.85


@pytest.mark.thorough
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("design", DESIGNS, ids=str)
@pytest.mark.parametrize("process", PROCESSES)
def test_intervals_over_units_and_workers_cover_no_difference(process, design):
    rng = np.random.default_rng(2016)
    numbers = {"mean": None, "group 5": 5}
    ends, estimates = {name: [] for name in numbers}, {name: [] for name in numbers}
    for _ in range(STUDIES):
        pair = PROCESSES[process](rng, design)
        for name, group in numbers.items():
            number = (OF_GROUPS if group else MEAN_PRECISION, group)
            one, two = (influence_on(units, number, THRESHOLD) for units in pair)
            if interval := interval_over_units(one, two):
                ends[name].append((interval.low, interval.high))
                estimates[name].append(one.level - two.level)

    lowest = 0.92 if design.workers == 12 and design.is_uneven else 0.93
    for name in ends:
        low, high = np.array(ends[name]).T
        covered = np.mean((low <= 0) & (high >= 0))
        error = sqrt(covered * (1 - covered) / len(low))
        width = np.mean(high - low) / (2 * NORMAL * np.std(estimates[name]))
        print(f"{process}, {design}, {name}: {covered:.3f} +- {error:.3f} ({width:.2f})")
        assert lowest <= covered + 2 * error
        assert covered <= 0.985
        assert width <= 1.25


@pytest.mark.thorough
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("design", [DESIGNS[0], DESIGNS[6]], ids=str)
@pytest.mark.parametrize("process", PROCESSES)
def test_over_units_networks_that_do_not_differ_are_seldom_found_different(process, design):
    rng = np.random.default_rng(2017)
    p_values = []
    for _ in range(STUDIES):
        of_pair = differences(*PROCESSES[process](rng, design), draws=499, test=OVER_UNITS)
        p_values.append([np.nan if one.p is None else one.p for one in of_pair])

    sizes = [np.mean(p[~np.isnan(p)] < 0.05) for p in np.array(p_values).T]
    error = sqrt(0.05 * 0.95 / STUDIES)
    shares = " ".join(f"{size:.3f}" for size in sizes[1:-1])
    print(
        f"\nover units: {process}, {design}: mean {sizes[0]:.3f}, groups {shares}, units with an "
        f"object answer {sizes[-1]:.3f} (+- {error:.3f})"
    )
    assert max(sizes) <= 0.075
