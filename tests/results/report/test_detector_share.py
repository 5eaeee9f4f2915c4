"""The share of object detectors: its interval, and what it becomes at another threshold."""

from dataclasses import replace
from itertools import permutations, product

import numpy as np
import pytest
from scipy.stats import beta

from annotator.concept_words import normalised
from annotator.results.loading.layout import LayerRow
from annotator.results.report.detectors import detectors
from annotator.results.report.layer import LayerInputs, layer_result
from annotator.results.report.report import report
from annotator.results.report.threshold_numbers import OFFERED_THRESHOLDS
from annotator.results.report.unit import unit_result
from annotator.results.stats.intervals import share_interval
from annotator.results.stats.intervals.decisions import decisions
from annotator.results.stats.intervals.influence import Influence
from annotator.results.stats.intervals.two_way import two_way_variance
from tests.results.rows import LAYOUT, answer

LAYER = LayerRow(1, "conv5", 256)
STUDIES = 2000


def crowd(rng, units=40, workers=9, skill=1.0):
    """Answers of three workers a unit, some of whom rarely see an object."""
    skills = rng.normal(0, skill, workers)
    return [
        [
            answer(
                unit,
                fitting=int(np.clip(45 + 6 * rng.normal() + 4 * skills[worker], 0, 57)),
                concept="dog" if rng.normal() + skills[worker] > -1 else "cat",
                group=5 if rng.normal() + skills[worker] > -1 else 4,
                worker=f"w{worker}",
            )
            for worker in rng.choice(workers, 3, replace=False)
        ]
        for unit in range(units)
    ]


def results(units):
    return [unit_result(answers[0].unit, answers, None) for answers in units if answers]


def variance_slowly(units, threshold):
    """By definition: what units vary by, and what a worker's answers change together.

    Each answer is left out once, and everything counted again.
    """

    def count(answers):
        return detectors(results(answers), threshold).unit_count

    usual, total = count(units), len(units)
    share = usual / total
    changes = [
        (
            u,
            row.worker,
            (
                count(
                    [
                        [*answers[:n], *answers[n + 1 :]] if v == u else other
                        for v, other in enumerate(units)
                    ]
                )
                - usual
            )
            / total,
        )
        for u, answers in enumerate(units)
        for n, row in enumerate(answers)
    ]
    mean = sum(change for *_, change in changes) / len(changes)
    same, different = [], []  # products of changes of two answers about different units
    for (unit, worker, change), (other_unit, other_worker, other) in permutations(changes, 2):
        if unit != other_unit:
            pairs = same if worker == other_worker else different
            pairs.append((change - mean) * (other - mean))
    together = len(same) * (np.mean(same) - np.mean(different))
    return share * (1 - share) / (total - 1) + max(together, 0)


@pytest.mark.parametrize("seed", range(3))
def test_each_answer_is_left_out_once_and_one_workers_are_compared_with_different_workers(seed):
    units = crowd(np.random.default_rng(seed), units=20)
    decided = decisions(units, normalised)

    spread = two_way_variance([decided.detectors(0.75)])

    assert spread.variance == pytest.approx(variance_slowly(units, 0.75))


def influence_of(count, total, changes=(), workers=()):
    """Of a share of units; `changes` without each answer, by the names of workers."""
    share = count / total
    units = (np.repeat([1.0, 0.0], [count, total - count]) - share) / total
    of_unit = np.arange(len(changes)) % total
    return Influence(share, units, np.array(changes), np.array(workers), of_unit, total, total, 0.0)


def test_where_no_worker_changes_anything_it_is_the_binomial_one_of_jeffreys_over_units():
    """By definition: quantiles of the share's distribution, before which all were as likely."""
    workers = [f"w{n}" for n in range(12)]

    for count in (0, 10, 128):
        low, high = beta.ppf([0.025, 0.975], count + 0.5, 128 - count + 0.5)
        interval = share_interval(influence_of(count, 128, [0.0] * 12, workers))
        expected = (low if count else 0, high if count < 128 else 1)
        assert (interval.low, interval.high) == pytest.approx(expected, abs=0.002)
        assert interval.is_reliable


def test_it_widens_as_the_count_depends_on_single_workers():
    names = [f"w{n % 12}" for n in range(120)]
    steady = influence_of(20, 128, [0.0] * 120, names)
    shaky = influence_of(20, 128, [(1 if n % 2 else -1) / 128 for n in range(120)], names)

    narrow, wide = share_interval(steady), share_interval(shaky)

    assert wide.low < narrow.low < 20 / 128 < narrow.high < wide.high


def test_unknown_workers_leave_an_interval_over_units_that_is_not_reliable():
    interval = share_interval(influence_of(10, 128))

    assert not interval.is_reliable
    assert share_interval(None) is None


def coverage(rng, studies, **design):
    """(share of studies whose interval holds their mean share, that mean, width by the oracle's).

    The oracle knows the standard deviation of shares over all studies, and takes 1.96 of it.
    """
    rows = []
    for _ in range(studies):
        share = decisions(crowd(rng, **design), normalised).detectors(0.75)
        interval = share_interval(share)
        rows.append((share.level, interval.low, interval.high))
    level, low, high = np.array(rows).T
    truth = level.mean()
    covered = np.mean((low <= truth) & (truth <= high))
    return covered, truth, np.mean(high - low) / (2 * 1.959964 * level.std())


def test_the_interval_covers_the_mean_share_of_crowds_that_could_have_answered():
    rng = np.random.default_rng(7)

    covered, truth, _ = coverage(rng, studies=120, units=60, workers=12, skill=0.7)

    assert 0.1 < truth < 0.9
    assert covered >= 0.89  # three standard errors of 120 studies below .95


@pytest.mark.thorough
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    ("units", "workers", "skill"),
    [(128, 9, 0), (128, 9, 1), (128, 30, 0.5), (128, 30, 1), (400, 30, 0.5)],
)
def test_coverage_of_the_share_of_detectors(units, workers, skill):
    rng = np.random.default_rng(units + workers)

    covered, truth, width = coverage(rng, STUDIES, units=units, workers=workers, skill=skill)

    error = (covered * (1 - covered) / STUDIES) ** 0.5
    print(
        f"\n{units} units, {workers} workers {skill} apart: {covered:.3f} +- {error:.3f} "
        f"({width:.2f}; share {truth:.3f})"
    )
    assert covered + 2 * error >= 0.93
    assert covered <= 0.985


def test_a_layer_at_an_offered_threshold_is_the_layer_computed_for_it():
    units = crowd(np.random.default_rng(1))
    inputs = LayerInputs(answers=dict(enumerate(units)))

    layer = layer_result(LAYER, inputs, 0.72)

    for threshold in OFFERED_THRESHOLDS:
        assert layer.at_threshold(threshold) == layer_result(LAYER, inputs, threshold)
    with pytest.raises(ValueError, match=r"0\.33 is not one of"):
        layer.at_threshold(0.33)


def test_a_report_at_an_offered_threshold_claims_what_a_report_for_it_claims():
    rows = [row for answers in crowd(np.random.default_rng(2)) for row in answers]
    usual, other = (report("rooms", threshold, LAYOUT, rows) for threshold in (0.72, 0.8))

    shown = usual.at_threshold(0.8)

    assert shown.threshold == 0.8
    before, after, expected = (
        replace(one.networks[0].layers[0], variants={}) for one in (usual, shown, other)
    )
    assert after == expected
    assert after.units != before.units


def test_a_detector_is_supported_by_the_claim_about_its_consensus_precision():
    sure = [answer(0, 57, group=5, worker=f"w{n}") for n in range(10)]
    unsure = [answer(1, 45, group=5, worker=f"w{n}") for n in range(3)]
    noise = [
        answer(unit, 30 + 5 * n, group=5, worker=f"w{n}") for unit, n in product((2, 3), range(3))
    ]

    layer = report("rooms", 0.75, LAYOUT, [*sure, *unsure, *noise]).networks[0].layers[0]
    first, second = layer.units[:2]

    assert (first.is_supported, second.is_supported) == (True, False)
    assert second.named.precision > 0.75  # above, and uncertain
    assert first.consensus_interval.low <= first.named.precision <= first.consensus_interval.high
