"""Claims about single units: shrunken, and adjusted for how many there are."""

import numpy as np
import pytest
from scipy import stats

from annotator.results.report.report import report
from annotator.results.stats.intervals import PooledDeviation, unit_interval
from annotator.results.stats.shrinkage import p_above, reliability, shrunken
from tests.results.crowds import Crowd
from tests.results.rows import LAYOUT, answer


def test_a_units_precision_is_drawn_to_its_layers_mean_by_what_is_noise():
    assert reliability(0.5, 1) == 0.5
    assert reliability(0.5, 3) == 0.75
    assert reliability(-0.1, 3) == 0
    assert shrunken(0.9, 0.7, 0.75) == pytest.approx(0.85)
    assert shrunken(0.9, 0.7, None) is None


def test_shrunken_precisions_are_nearer_to_the_truth():
    rng = np.random.default_rng(4)
    answers, truth = Crowd(30, 0.4, 0.8).layer(rng, 60, 3)
    rows = [answer(u, r.fitting, worker=r.worker) for u, of in enumerate(answers) for r in of]

    (layer,) = report("s", 0.75, LAYOUT, rows).networks[0].layers

    raw = np.array([unit.precision for unit in layer.units])
    drawn = np.array([unit.shrunken for unit in layer.units])
    assert ((drawn - truth) ** 2).mean() < ((raw - truth) ** 2).mean()


def test_a_claim_and_an_interval_say_the_same():
    """A one-sided p of .025 is where the 95 % interval just leaves the threshold out."""
    of_layer = PooledDeviation(0.2, 80)
    low = unit_interval(0.9, 3, of_layer).low

    assert p_above(0.9, 3, of_layer, low) == pytest.approx(0.025)
    assert p_above(0.9, 1, of_layer, 0.75) is None
    assert p_above(0.75, 3, of_layer, 0.75) == pytest.approx(0.5)


def test_claims_are_adjusted_over_all_units_of_the_report():
    rows = [
        answer(unit, 57 - 3 * (w % 2) - 2 * unit, worker=f"w{w}")
        for unit in range(12)
        for w in range(5)
    ]

    units = report("s", 0.75, LAYOUT, rows).networks[0].layers[0].units

    assert [unit.q_above for unit in units] == pytest.approx(
        list(stats.false_discovery_control([unit.p_above for unit in units]))
    )
