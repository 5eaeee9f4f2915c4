"""The scores of sampled images are kept without those of silent units, and lose nothing."""

from dataclasses import fields

import numpy as np

from dissect.topk.ranking import Ranking, concatenated
from dissect.topk.score_sample import UNITS_AT_ONCE, ScoreSample


def batch(units, first, count, draw, silent=0.9):
    """Scores of some images, most of which do not move most units."""
    score = draw.normal(size=(units, count)).astype(np.float32)
    score[draw.random((units, count)) < silent] = 0
    cells = (draw.integers(0, 30, (units, count)) * (score != 0)).astype(np.int32)
    image = np.broadcast_to(np.arange(first, first + count), (units, count))
    return Ranking(score, 2 * score, image, cells, cells + (score != 0))


def written_out(sample):
    parts = [ranking for _, ranking in sample.rankings()]
    return Ranking(*(np.concatenate([getattr(r, f.name) for r in parts]) for f in fields(Ranking)))


def assert_same(mine, theirs):
    for field in fields(Ranking):
        assert np.array_equal(getattr(mine, field.name), getattr(theirs, field.name)), field.name


def test_scores_are_written_out_as_they_came_in_the_order_of_images():
    draw, units = np.random.default_rng(0), UNITS_AT_ONCE + 7
    batches = [batch(units, first, 8, draw) for first in (16, 0, 8)]
    sample, other = ScoreSample(units), ScoreSample(units)
    every = np.arange(8)

    sample.add(batches[0], every)
    other.add(batches[1], every)
    other.add(batches[2], every)
    sample.merge(other)

    dense = concatenated([batches[1], batches[2], batches[0]])
    assert_same(written_out(sample), dense)
    stored = ScoreSample(units)
    stored.fill(sample.arrays())
    assert_same(written_out(stored), dense)


def test_only_sampled_rows_are_kept():
    scores = batch(5, 0, 8, np.random.default_rng(1), silent=0)
    sample = ScoreSample(5)

    sample.add(scores, np.array([1, 6]))

    assert_same(written_out(sample), scores.take(np.tile([1, 6], (5, 1))))


def test_a_silent_unit_takes_no_memory():
    sample = ScoreSample(1000)

    sample.add(batch(1000, 0, 32, np.random.default_rng(2), silent=1), np.arange(32))

    assert sum(array.nbytes for array in sample.arrays().values()) == 32 * 8  # the places
    assert written_out(sample).image.tolist() == [list(range(32))] * 1000
