"""Intervals over workers: their rules, and how often they cover the truth of simulated studies."""

from collections import Counter
from math import asin, sqrt
from statistics import fmean, stdev

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, t

from annotator.results.report.report import report
from annotator.results.stats.intervals import (
    PooledDeviation,
    difference_interval,
    layer_interval,
    pooled_deviation,
    unit_interval,
)
from annotator.results.stats.intervals.worker_variance import worker_variance
from tests.results.crowds import Crowd
from tests.results.foreign_crowds import ForeignCrowd
from tests.results.rows import LAYOUT, answer, many_answers

FEW = settings(max_examples=30)  # of whole reports


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


@FEW
@given(many_answers())
def test_a_layers_interval_holds_its_mean(rows):
    layer = report("s", 0.75, LAYOUT, rows).networks[0].layers[0]

    if layer.interval:
        assert layer.interval.low <= layer.mean_precision <= layer.interval.high
        assert layer.interval.is_reliable is False  # of six workers at most


def test_the_interval_of_sampled_units_is_what_units_and_workers_vary_by():
    """Of three units that differ, and workers who agree about each."""
    fitting = (10, 30, 50)
    units = [
        [answer(unit=unit, worker=f"w{unit}{n}", fitting=fits) for n in range(4)]
        for unit, fits in enumerate(fitting)
    ]
    means = [row[0].precision for row in units]

    fixed, sampled = layer_interval(units), layer_interval(units, are_sampled=True)

    half_width = t.ppf(0.975, 2) * stdev(means) / 3**0.5
    assert sampled.low == pytest.approx(max(fmean(means) - half_width, 0))
    assert sampled.high == pytest.approx(min(fmean(means) + half_width, 1))
    assert sampled.high - sampled.low > 5 * (fixed.high - fixed.low)
    assert layer_interval([[answer()], [answer(unit=1)]], are_sampled=True) is None
    assert layer_interval([], are_sampled=True) is None


def test_one_worker_gives_no_interval():
    assert layer_interval([[answer()], [answer(unit=1)]]) is None
    assert layer_interval([]) is None


def test_ten_workers_are_enough_to_rely_on():
    def of(workers):
        return layer_interval([[answer(fitting=w, worker=f"w{w}") for w in range(workers)]])

    assert of(9).is_reliable is False
    assert of(10).is_reliable is True


def variance_slowly(sides):
    """By definition: (variance of workers, variance of what is left, its degrees of freedom)."""
    rows = [
        (row, (side, n), (1, -1)[side] / (len(answers) * len(units)), answers)
        for side, units in enumerate(sides)
        for n, answers in enumerate(units)
        for row in answers
    ]
    parts, noise = Counter(), 0.0
    for row, _, weight, answers in rows:
        others = [other.precision for other in answers if other is not row]
        part = weight * (row.precision - np.mean(others))
        parts[row.worker] += part
        noise += part**2 / len(answers)
    names = sorted({row.worker for row, *_ in rows})
    units = sorted({unit for _, unit, *_ in rows})
    design = np.zeros((len(rows), len(units) + len(names)))
    for n, (row, unit, *_) in enumerate(rows):
        design[n, units.index(unit)] = design[n, len(units) + names.index(row.worker)] = 1
    values = np.array([row.precision for row, *_ in rows])
    left = values - design @ np.linalg.lstsq(design, values, rcond=None)[0]
    freedom = len(rows) - len(units) - len(names) + 1
    weights = sum(weight**2 for _, _, weight, _ in rows)
    of_workers = sum(part**2 for part in parts.values()) - noise
    return of_workers, (left**2).sum() / freedom * weights, freedom


def half_width_slowly(sides):
    """By definition: t of the variance of workers, or of what is left of answers."""
    of_workers, of_answers, freedom = variance_slowly(sides)
    loads = Counter(row.worker for units in sides for answers in units for row in answers)
    effective = sum(loads.values()) ** 2 / sum(n**2 for n in loads.values())
    variance = max(of_workers, of_answers)
    doubt = min(1.5 * (variance - of_answers), variance) * variance / (effective - 1)
    doubt += of_answers**2 / freedom
    return t.ppf(0.975, variance**2 / doubt) * sqrt(variance)


@pytest.mark.parametrize(
    "crowd",
    [
        Crowd(9, 0.8, 0.5),
        Crowd(30, 0.0, 0.5),
        Crowd(12, 0.4, 0.5, is_uneven=True),
        ForeignCrowd(12, 0.4, is_uneven=True),
    ],
    ids=str,
)
@pytest.mark.parametrize("seed", range(4))
def test_intervals_agree_with_their_slow_definition(crowd, seed):
    (first, _), (second, _) = crowd.layers(np.random.default_rng(seed), [12, 9], 3, [1.0, 0.5])

    layer, difference = layer_interval(first), difference_interval(first, second)

    assert layer.high - layer.low == pytest.approx(2 * half_width_slowly([first]), rel=1e-3)
    assert difference.high - difference.low == pytest.approx(
        2 * half_width_slowly([first, second]), rel=1e-3
    )


def test_workers_who_gave_most_answers_count_as_fewer_workers():
    """Where workers alone differ, t has the degrees of freedom of the effective workers."""
    eager = [answer(unit, 40, worker=f"w{w}") for unit in range(4) for w in range(4)]
    units = [
        [
            *eager[4 * unit : 4 * unit + 4],
            *(answer(unit, 20 * n, worker=f"{unit}-{n}") for n in (0, 1, 2)),
        ]
        for unit in range(4)
    ]
    even = [[answer(unit, 10 * n, worker=f"w{n}") for n in range(6)] for unit in range(4)]

    of_uneven, of_even = (worker_variance([units]), worker_variance([even]))

    assert of_uneven.workers == 16
    assert of_uneven.freedom < 28**2 / (4 * 4**2 + 12) - 1 + 8
    assert of_even.freedom == pytest.approx(6 - 1)


# Answers of one kind: (fitting of 57 by each worker about each unit, the workers)
ALIKE = [(0, 12), (57, 12), (0, 30), (57, 40)]


@pytest.mark.parametrize(("fitting", "workers"), ALIKE)
def test_where_all_say_0_or_all_1_the_workers_are_counted(fitting, workers):
    """Forty control units with "nothing in common" throughout once gave [.000, .000], reliable."""
    names = [f"w{n % workers}" for n in range(120)]
    units = [
        [answer(unit, fitting, worker=names[3 * unit + n]) for n in range(3)] for unit in range(40)
    ]
    exact = binomtest(workers * fitting // 57, workers).proportion_ci(0.95, "exact")

    interval = layer_interval(units)

    assert (interval.low, interval.high) == pytest.approx((exact.low, exact.high))
    assert interval.is_reliable == (workers >= 30)
    of_unit = unit_interval(fitting / 57, 3, pooled_deviation(units))
    assert of_unit.high - of_unit.low == pytest.approx(1 - 0.025 ** (1 / 3))


def judged_alike(fitting, units=5, workers=3):
    return [
        [answer(unit, fitting, worker=f"w{worker}") for worker in range(workers)]
        for unit in range(units)
    ]


@pytest.mark.parametrize("fitting", [1, 20, 56])
def test_workers_who_agree_to_the_last_picture_leave_the_doubt_of_57_pictures(fitting):
    units = judged_alike(fitting)
    share = (15 * fitting + 2) / (15 * 57 + 4)
    least = sqrt(share * (1 - share) / (57 * 3 * 5))

    interval = layer_interval(units)

    assert (interval.low, interval.high) == pytest.approx(
        (max(fitting / 57 - 1.959964 * least, 0), min(fitting / 57 + 1.959964 * least, 1))
    )


@FEW
@given(many_answers())
def test_no_interval_has_a_width_of_0_and_no_claim_a_p_of_0(rows):
    layer = report("s", 0.75, LAYOUT, rows).networks[0].layers[0]

    intervals = [layer.interval, layer.detectors.interval, *layer.agreement_intervals.values()]
    intervals += [one for unit in layer.units for one in (unit.interval, unit.consensus_interval)]
    for one in intervals:
        assert one is None or one.low < one.high
    for unit in layer.units:
        assert {unit.p_above, unit.q_above, unit.consensus_q_above}.isdisjoint({0.0})


@pytest.mark.thorough
@settings(max_examples=1000)
@given(many_answers())
def test_the_intervals_of_a_thousand_layers_hold_their_means_and_have_a_width(rows):
    test_a_layers_interval_holds_its_mean.hypothesis.inner_test(rows)
    test_no_interval_has_a_width_of_0_and_no_claim_a_p_of_0.hypothesis.inner_test(rows)


SIDES = [(0, 0), (57, 57), (0, 57), (0, 20), (20, 57), (20, 20)]


@pytest.mark.parametrize(("one", "two"), SIDES)
def test_a_difference_of_workers_who_agree_throughout_is_in_doubt_too(one, two):
    first, second = judged_alike(one, workers=12), judged_alike(two, workers=12)

    interval = difference_interval(first, second)

    assert interval.low <= (one - two) / 57 <= interval.high
    assert interval.high - interval.low > 0.02
    assert interval.is_reliable == ({one, two} <= {20})


def test_no_interval_is_made_of_workers_that_are_places(released_report):
    layers = released_report.networks[0].layers

    assert {layer.interval for layer in layers} == {None}
    assert all(layer.units[0].interval for layer in layers)


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

    difference, layer = difference_interval(first, second), layer_interval(first)
    by_pictures_alone = sqrt(sum(q * (1 - q) / (57 * 40) for q in (36.5 / 57, 26.5 / 57)))
    assert difference.high - difference.low == pytest.approx(2 * 1.96 * by_pictures_alone, rel=0.01)
    assert layer.high - layer.low > 0.08
