"""Intervals over workers: their rules, and how often they cover the truth of simulated studies."""

from math import asin, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.results.answers import by_unit
from annotator.results.intervals import Spread, layer_interval, spread, unit_interval
from annotator.results.report import report
from tests.results.rows import LAYOUT, answer, many_answers


def test_the_deviation_is_pooled_within_units():
    units = [
        [answer(fitting=0), answer(fitting=57)],  # asin(sqrt(.)): 0 and pi/2
        [answer(fitting=57), answer(fitting=57)],
        [answer(fitting=3)],
    ]

    found = spread(units)

    assert found.freedom == 2
    assert found.deviation == pytest.approx(sqrt(2 * (asin(1) / 2) ** 2 / 2))


def test_a_single_answer_has_no_interval_and_gives_no_deviation():
    assert spread([[answer()], [answer()]]) is None
    assert unit_interval(0.5, 1, Spread(0.3, 10)) is None


@given(st.floats(0, 1), st.integers(2, 20), st.floats(0, 2), st.integers(1, 500))
def test_a_units_interval_holds_its_precision_and_stays_a_share(precision, k, deviation, freedom):
    found = unit_interval(precision, k, Spread(deviation, freedom))

    assert -1e-9 <= found.low <= precision + 1e-9
    assert precision - 1e-9 <= found.high <= 1 + 1e-9


def test_more_answers_make_an_interval_narrower():
    widths = [unit_interval(0.7, k, Spread(0.3, 100)) for k in (3, 10, 40)]

    assert sorted(widths, key=lambda found: found.low - found.high) == widths


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

    found = layer_interval(units)

    assert found.low == pytest.approx(found.high)


def test_ten_workers_are_enough_to_rely_on():
    def of(workers):
        return layer_interval([[answer(fitting=w, worker=f"w{w}") for w in range(workers)]])

    assert of(9).is_reliable is False
    assert of(10).is_reliable is True


def test_no_interval_is_made_of_workers_that_are_places(released_report):
    layers = released_report.networks[0].layers

    assert {layer.interval for layer in layers} == {None}
    assert all(layer.units[0].interval for layer in layers)


# A simulated layer: units and workers differ on the logit scale, and so does each meeting of
# the two; the truth of a unit is its mean precision over all workers that there might be.
UNIT_DEVIATION = 0.8


def simulated(rng, workers, units, k, worker_deviation, meeting_deviation):
    of_units = rng.normal(1, UNIT_DEVIATION, units)
    of_workers = rng.normal(0, worker_deviation, workers)
    rows = []
    for unit, logit in enumerate(of_units):
        for worker in rng.choice(workers, k, replace=False):
            noise = rng.normal(0, meeting_deviation)
            share = 1 / (1 + np.exp(-(logit + of_workers[worker] + noise)))
            rows.append(answer(unit, int(rng.binomial(57, share)), worker=f"w{worker}"))
    return list(by_unit(rows).values()), true_precision(
        of_units, np.hypot(worker_deviation, meeting_deviation)
    )


def true_precision(logits, deviation):
    """The mean of a share over a normal logit, by Gauss-Hermite quadrature."""
    at, weight = np.polynomial.hermite_e.hermegauss(60)
    return 1 / (1 + np.exp(-(logits[:, None] + deviation * at))) @ weight / weight.sum()


def covers(interval, truth):
    return interval.low <= truth <= interval.high


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("workers", "units", "k", "worker_deviation", "meeting_deviation"),
    [(30, 60, 3, 0.25, 0.5), (30, 60, 3, 0.6, 0.8), (50, 60, 5, 0.4, 0.5), (30, 40, 10, 0.5, 0.8)],
)
def test_intervals_of_1000_simulated_studies_cover_the_truth(
    workers, units, k, worker_deviation, meeting_deviation
):
    rng = np.random.default_rng(2015)
    of_layers, of_units = [], []
    for _ in range(1000):
        answers, truth = simulated(rng, workers, units, k, worker_deviation, meeting_deviation)
        between = spread(answers)
        of_layers.append(covers(layer_interval(answers), truth.mean()))
        for rows, true in zip(answers, truth, strict=True):
            mean = sum(row.precision for row in rows) / k
            of_units.append(covers(unit_interval(mean, k, between), true))

    print(f"k = {k}: layers {np.mean(of_layers):.3f}, units {np.mean(of_units):.3f}")
    assert 0.93 <= np.mean(of_layers) <= 0.97
    assert np.mean(of_units) >= 0.90
