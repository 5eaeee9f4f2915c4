"""P-values adjusted for the number of claims, judged by their definitions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.results.stats.multiple_testing import benjamini_hochberg, holm


def holm_slowly(ps):
    order = sorted(ps)
    return [max(min(1, (len(ps) - rank) * q) for rank, q in enumerate(order) if q <= p) for p in ps]


def benjamini_hochberg_slowly(ps):
    return [min(q * len(ps) / sum(r <= q for r in ps) for q in ps if q >= p) for p in ps]


@given(st.lists(st.floats(0, 1), max_size=8))
def test_p_values_are_adjusted_by_their_definitions(ps):
    assert holm(ps) == pytest.approx(holm_slowly(ps))
    assert benjamini_hochberg(ps) == pytest.approx(benjamini_hochberg_slowly(ps))


@given(st.lists(st.floats(0, 1), max_size=8))
def test_an_adjusted_p_is_a_probability_no_smaller_than_it_was(ps):
    for adjust in (holm, benjamini_hochberg):
        assert all(p <= q + 1e-12 <= 1 + 1e-9 for p, q in zip(ps, adjust(ps), strict=True))
