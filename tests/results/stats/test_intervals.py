"""Intervals over workers: their rules, and how often they cover the truth of simulated studies."""

from collections import Counter
from math import asin, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t

from annotator.results.report.report import report
from annotator.results.stats.intervals import (
    PooledDeviation,
    WorkerContributions,
    difference_interval,
    layer_interval,
    pooled_deviation,
    unit_interval,
)
from tests.results.crowds import Crowd
from tests.results.rows import LAYOUT, answer, many_answers

STUDIES = 4000  # a share of them is known to .0035 or better


def test_the_deviation_is_pooled_within_units():
    units = [
        [answer(fitting=0), answer(fitting=57)],  # asin(sqrt(.)): 0 and pi/2
        [answer(fitting=57), answer(fitting=57)],
        [answer(fitting=3)],
    ]

    pooled = pooled_deviation(units)

    assert pooled.freedom == 2
    assert pooled.deviation == pytest.approx(sqrt(2 * (asin(1) / 2) ** 2 / 2))


def test_a_single_answer_has_no_interval_and_gives_no_deviation():
    assert pooled_deviation([[answer()], [answer()]]) is None
    assert unit_interval(0.5, 1, PooledDeviation(0.3, 10)) is None


@given(st.floats(0, 1), st.integers(2, 20), st.floats(0, 2), st.integers(1, 500))
def test_a_units_interval_holds_its_precision_and_stays_a_share(precision, k, deviation, freedom):
    interval = unit_interval(precision, k, PooledDeviation(deviation, freedom))

    assert -1e-9 <= interval.low <= precision + 1e-9
    assert precision - 1e-9 <= interval.high <= 1 + 1e-9


def test_more_answers_make_an_interval_narrower():
    widths = [unit_interval(0.7, k, PooledDeviation(0.3, 100)) for k in (3, 10, 40)]

    assert sorted(widths, key=lambda interval: interval.low - interval.high) == widths


@given(many_answers())
def test_a_layers_interval_holds_its_mean(rows):
    layer = report("s", 0.75, LAYOUT, rows).networks[0].layers[0]

    if layer.interval:
        assert layer.interval.low <= layer.mean_precision <= layer.interval.high
        assert layer.interval.is_reliable is False  # of six workers at most


def test_one_worker_gives_no_interval():
    assert layer_interval([[answer()], [answer(unit=1)]]) is None
    assert layer_interval([]) is None


def test_workers_who_agree_on_every_unit_leave_no_doubt_whatever_the_units():
    units = [
        [answer(unit, 10 * unit, worker=worker) for worker in ("ada", "ben", "cleo")]
        for unit in range(5)
    ]

    interval = layer_interval(units)

    assert interval.low == pytest.approx(interval.high)


def test_ten_workers_are_enough_to_rely_on():
    def of(workers):
        return layer_interval([[answer(fitting=w, worker=f"w{w}") for w in range(workers)]])

    assert of(9).is_reliable is False
    assert of(10).is_reliable is True


def half_width_of(parts, answers, noise=0.0):
    workers = [f"w{n}" for n in range(len(parts))]
    contributions = WorkerContributions(
        dict(zip(workers, parts, strict=True)),
        noise,
        Counter(dict(zip(workers, answers, strict=True))),
    )
    return contributions.half_width()


def test_workers_alike_have_one_degree_of_freedom_less_than_there_are():
    assert half_width_of([0.1, -0.2, 0.1], [5, 5, 5]) == pytest.approx(
        t.ppf(0.975, 2) * sqrt(0.01 + 0.04 + 0.01)
    )


def test_what_noise_adds_is_taken_off_and_leaves_fewer_degrees_of_freedom():
    parts = [0.1, -0.1] * 10

    assert half_width_of(parts, [3] * 20, noise=0.05) == pytest.approx(
        t.ppf(0.975, 19 * 0.75**2) * sqrt(0.2 - 0.05)
    )
    assert half_width_of(parts, [3] * 20, noise=0.21) == 0


def test_workers_who_gave_most_answers_count_as_fewer_workers():
    """Four gave 20 answers each and twenty gave one: 100 ** 2 / (4 * 400 + 20)."""
    assert half_width_of([0.1] * 24, [20] * 4 + [1] * 20) == pytest.approx(
        t.ppf(0.975, 100**2 / 1620 - 1) * sqrt(24 * 0.01)
    )


def test_no_interval_is_made_of_workers_that_are_places(released_report):
    layers = released_report.networks[0].layers

    assert {layer.interval for layer in layers} == {None}
    assert all(layer.units[0].interval for layer in layers)


@pytest.mark.thorough
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    ("crowd", "units", "k"),
    [
        (Crowd(30, 0.0, 0.5), 60, 3),
        (Crowd(30, 0.25, 0.5), 60, 3),
        (Crowd(30, 0.6, 0.8), 60, 3),
        (Crowd(30, 0.25, 0.5, is_uneven=True), 60, 3),
        (Crowd(50, 0.4, 0.5), 60, 5),
        (Crowd(30, 0.5, 0.8), 40, 10),
    ],
    ids=str,
)
def test_intervals_of_simulated_studies_cover_the_truth(crowd, units, k):
    rng = np.random.default_rng(2015)
    layers_covered, units_covered, errors = [], [], []
    for _ in range(STUDIES):
        answers, truth = crowd.layer(rng, units, k)
        deviation = pooled_deviation(answers)
        layers_covered.append(covers(layer_interval(answers), truth.mean()))
        means = [sum(row.precision for row in rows) / k for rows in answers]
        errors.append(np.mean(means) - truth.mean())
        for mean, true in zip(means, truth, strict=True):
            units_covered.append(covers(unit_interval(mean, k, deviation), true))

    print(
        f"k = {k}, {crowd}: layers {np.mean(layers_covered):.3f}, "
        f"units {np.mean(units_covered):.3f}; the mean is off by {np.mean(errors):+.4f}"
    )
    assert 0.93 <= np.mean(layers_covered) <= 0.97
    assert np.mean(units_covered) >= 0.90
    assert abs(np.mean(errors)) < 0.003  # the precisions that the crowd has are recovered


@pytest.mark.thorough
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("workers", "k"), [(40, 3), (40, 5), (12, 3)])
def test_intervals_of_differences_of_simulated_studies_cover_the_truth(workers, k):
    rng = np.random.default_rng(2016)
    crowd = Crowd(workers, 0.5, 0.6)
    covered = []
    for _ in range(STUDIES):
        (first, one), (second, two) = crowd.layers(rng, [40, 40], k, [1.0, 0.7])
        covered.append(covers(difference_interval(first, second), one.mean() - two.mean()))

    print(f"k = {k}, {workers} workers: differences {np.mean(covered):.3f}")
    assert 0.93 <= np.mean(covered) <= 0.975


def covers(interval, truth):
    return interval.low <= truth <= interval.high


def test_the_interval_of_a_difference_holds_it_and_is_turned_about_with_it():
    (first, _), (second, _) = Crowd(12, 0.5, 0.5).layers(
        np.random.default_rng(1), [8, 9], 3, [1.0, 0.5]
    )
    forward, backward = difference_interval(first, second), difference_interval(second, first)

    difference = np.mean([r.precision for u in first for r in u]) - np.mean(
        [r.precision for u in second for r in u]
    )
    assert forward.low < difference < forward.high
    assert (forward.low, forward.high) == pytest.approx((-backward.high, -backward.low))


def test_a_worker_who_is_strict_about_both_is_no_doubt_about_the_difference():
    """Each worker takes off the same of every unit: the mean is unsure, the difference is not."""
    first, second = (
        [[answer(unit, base - 3 * w, worker=f"w{w}") for w in range(10)] for unit in range(4)]
        for base in (50, 40)
    )

    assert difference_interval(first, second).low == pytest.approx(10 / 57)
    assert layer_interval(first).low < layer_interval(first).high - 0.05
