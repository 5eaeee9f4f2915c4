"""What is left of single units when chance is taken off."""

from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.results.stats.intervals import PooledDeviation, pooled_deviation, unit_interval
from annotator.results.stats.shrinkage import (
    answers_for_reliability,
    p_above,
    reliability,
    shrunken,
)
from annotator.results.stats.student_t import LEAST_P
from tests.results.rows import answer


def test_a_units_precision_is_drawn_to_its_layers_mean_by_what_is_noise():
    assert reliability(0.5, 1) == 0.5
    assert reliability(0.5, 3) == 0.75
    assert reliability(-0.1, 3) == 0
    assert shrunken(0.9, 0.7, 0.75) == pytest.approx(0.85)
    assert shrunken(0.9, 0.7, None) is None


@given(st.floats(0, 1), st.floats(0, 1), st.floats(-0.5, 1), st.integers(1, 20))
def test_a_shrunken_precision_lies_between_the_units_and_the_layers(unit, layer, icc_1, k):
    precision = shrunken(unit, layer, reliability(icc_1, k))

    assert min(unit, layer) - 1e-12 <= precision <= max(unit, layer) + 1e-12


@given(st.floats(0.01, 1))
def test_the_answers_for_a_reliability_are_the_fewest_whose_mean_has_it(icc_1):
    count = 1
    while icc_1 / (icc_1 + (1 - icc_1) / count) < 0.8 - 1e-9:  # signal / (signal + noise of a mean)
        count += 1

    assert answers_for_reliability(icc_1) == count


@pytest.mark.parametrize("icc_1", [None, 0, -0.2])
def test_no_number_of_answers_is_known_to_be_enough_where_answers_share_nothing(icc_1):
    assert answers_for_reliability(icc_1) is None


def test_a_claim_and_an_interval_say_the_same():
    """A one-sided p of .025 is where the 95 % interval just leaves the threshold out."""
    of_layer = PooledDeviation(0.2, 80)
    low = unit_interval(0.9, 3, of_layer).low

    assert p_above(0.9, 3, of_layer, low) == pytest.approx(0.025)
    assert p_above(0.9, 1, of_layer, 0.75) is None
    assert p_above(0.75, 3, of_layer, 0.75) == pytest.approx(0.5)


def test_no_claim_is_certain():
    """Where all answers of a layer are 1, k workers are counted; else the pictures are."""
    alike = pooled_deviation([[answer(unit, 57, worker=w) for w in "abc"] for unit in range(9)])
    agreeing = pooled_deviation([[answer(unit, 56, worker=w) for w in "abc"] for unit in range(9)])

    assert p_above(1.0, 3, alike, 0.75) == pytest.approx(0.75**3)
    assert p_above(0.0, 3, alike, 0.75) == 1
    assert agreeing.deviation == pytest.approx(sqrt(1 / (4 * 57)))
    assert 0 < p_above(56 / 57, 3, agreeing, 0.75) < 0.001
    assert p_above(0.9, 3, PooledDeviation(1e-9, 1000), 0.75) == LEAST_P
