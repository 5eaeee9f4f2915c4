from hypothesis import given
from hypothesis import strategies as st

from annotator.results.stats.precision import share_above, threshold_curve

PRECISIONS = st.lists(st.sampled_from([0.0, 0.25, 0.5, 0.75, 0.76, 1.0]) | st.floats(0, 1))


@given(PRECISIONS, PRECISIONS)
def test_a_curve_is_the_share_strictly_above_at_every_threshold(units, answers):
    found = threshold_curve(units, answers)

    assert len(found.thresholds) == 101
    assert found.units == tuple(share_above(units, t) for t in found.thresholds)
    assert found.answers == tuple(share_above(answers, t) for t in found.thresholds)
