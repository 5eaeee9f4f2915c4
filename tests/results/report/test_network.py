"""Claims about single units: shrunken, and adjusted for how many there are."""

import numpy as np
import pytest
from scipy import stats

from annotator.results.report.report import report
from tests.results.crowds import Crowd
from tests.results.rows import LAYOUT, answer


def test_shrunken_precisions_are_nearer_to_the_truth():
    rng = np.random.default_rng(4)
    answers, truth = Crowd(30, 0.4, 0.8).layer(rng, 60, 3)
    rows = [answer(u, r.fitting, worker=r.worker) for u, of in enumerate(answers) for r in of]

    (layer,) = report("s", 0.75, LAYOUT, rows).networks[0].layers

    raw = np.array([unit.precision for unit in layer.units])
    drawn = np.array([unit.shrunken for unit in layer.units])
    assert ((drawn - truth) ** 2).mean() < ((raw - truth) ** 2).mean()


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
