"""The scores of a unit's top images are counted in bins of equal width."""

from hypothesis import given
from hypothesis import strategies as st

from annotator.views.reader.score_histogram import HEIGHT, WIDTH, score_histogram

SCORES = st.lists(st.floats(-100, 100, width=32), min_size=1, max_size=60)


@given(SCORES, st.floats(-200, 200), st.integers(1, 30))
def test_every_score_is_in_the_bin_around_it(scores, quantile, bins):
    drawn = score_histogram(scores, quantile, bins)

    if max(scores) <= min(0, *scores):
        assert drawn is None  # nothing to draw
        return
    assert len(drawn.bars) == bins
    assert sum(bar.count for bar in drawn.bars) == len(scores)
    assert max(bar.height for bar in drawn.bars) == HEIGHT
    slack = (drawn.high - drawn.low) * 1e-9
    for bar in drawn.bars:
        around = [x for x in scores if bar.low - slack <= x <= bar.high + slack]
        assert bar.count <= len(around)
        assert 0 <= bar.x <= WIDTH
    assert (drawn.quantile_x is not None) == (drawn.low <= quantile <= drawn.high)


def test_a_unit_without_scores_has_no_histogram():
    assert score_histogram([], 0.5) is None
    assert score_histogram([0.0, 0.0], 0.5) is None
