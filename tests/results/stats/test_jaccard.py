"""The overlap of two sets of images, and what chance alone would give."""

from itertools import combinations

import pytest

from annotator.results.stats.jaccard import chance_jaccard, jaccard


@pytest.mark.parametrize(("top", "images"), [(1, 1), (2, 5), (3, 4), (4, 8)])
def test_chance_is_the_mean_over_all_pairs_of_choices(top, images):
    choices = [frozenset(one) for one in combinations(range(images), top)]
    overlaps = [jaccard(a, b) for a in choices for b in choices]

    assert chance_jaccard(top, images) == pytest.approx(sum(overlaps) / len(overlaps))
