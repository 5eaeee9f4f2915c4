"""Catch images: drawn by a key, and over a layer not to be told by repetition or size."""

import numpy as np
import pytest

from annotator.publishing.catch_images import NONE, Low, draw
from annotator.publishing.raking import LEAST, PARTS, chances, parts, raked
from tests.end_to_end.leaks import standard_errors

UNITS, IMAGES, TOP, CANDIDATES, COUNT = 150, 400, 30, 25, 3


def layer(seed=0):
    """Units that differ, but whose top images are rather strong and whose low ones rather weak.

    Weak images are small as files and seldom among the top ones: left alone, that tells them.
    """
    rng = np.random.default_rng(seed)
    strength = rng.normal(size=IMAGES)
    order = np.argsort(strength + 3 * rng.normal(size=(UNITS, IMAGES)), axis=1)
    shown, candidates = order[:, -TOP:], order[:, :CANDIDATES]
    return Low(
        units=np.arange(UNITS),
        shown=shown,
        candidates=candidates,
        seen=np.bincount(shown.ravel(), minlength=IMAGES).astype(float),
        sizes=9000 + 500 * strength + 500 * rng.normal(size=IMAGES),
    )


def told(low, drawn):
    """By how many standard errors repetition and size tell the images drawn, taken over units.

    What counts is where an image stands among those of its HIT.
    """
    chosen = np.take_along_axis(low.candidates, np.array(drawn), axis=1)
    seen = low.seen + np.bincount(chosen.ravel(), minlength=IMAGES)
    pages = np.hstack([low.shown, chosen])
    is_catch = np.arange(TOP + COUNT) >= TOP
    found = {}
    for name, values in (("repetition", seen), ("size", low.sizes)):
        ranks = values[pages].argsort(axis=1).argsort(axis=1)
        found[name] = standard_errors(ranks.ravel(), np.tile(is_catch, len(pages)))
    return found


@pytest.fixture(scope="module")
def low():
    return layer()


def test_neither_repetition_nor_size_tells_what_is_drawn(low):
    left_alone = [list(range(COUNT))] * UNITS

    assert min(told(low, left_alone).values()) < -6
    for key in ("one", "two", "three"):
        found = told(low, draw(low, key, COUNT))
        assert max(map(abs, found.values())) < 3.3, found


def test_each_unit_gets_so_many_of_its_own_candidates_and_the_key_decides_which(low):
    drawn = draw(low, "one", COUNT)

    assert all(len(set(own)) == COUNT for own in drawn)
    assert set(np.ravel(drawn)) <= set(range(CANDIDATES))
    assert drawn == draw(low, "one", COUNT) != draw(low, "two", COUNT)


def test_a_unit_with_too_few_candidates_gets_what_there_is(low):
    few = low.candidates.copy()
    few[0, 2:], few[1] = NONE, NONE
    few[2, :-COUNT] = NONE

    drawn = draw(Low(low.units, low.shown, few, low.seen, low.sizes), "one", COUNT)

    assert sorted(drawn[0]) == [0, 1]
    assert drawn[1] == []
    assert sorted(drawn[2]) == list(range(CANDIDATES))[-COUNT:]


def test_nothing_is_drawn_where_none_is_wanted_or_no_unit_is_left(low):
    none = Low(low.units[:0], low.shown[:0], low.candidates[:0], low.seen, low.sizes)

    assert draw(low, "one", 0) == [[]] * UNITS
    assert draw(none, "one", COUNT) == []


def test_no_candidate_is_ruled_out(low):
    usable = np.ones((2, 4), dtype=bool)
    usable[1, 3] = False
    best = np.array([[0, 1, 2, 3]] * 2)
    feature = np.full((2, TOP), PARTS - 1), np.where(best == 3, PARTS - 1, 0)

    weights = raked(1, usable, [lambda drawn: feature])

    assert (weights[usable] >= LEAST).all()
    assert weights[1, 3] == 0
    assert weights[0, 3] == 1


def test_chances_are_nearly_those_of_the_draw():
    weights = np.array([0.8 ** np.arange(24), np.ones(24)])
    times = np.random.default_rng(0).exponential(size=(8000, 2, 24)) / weights
    drawn = (times.argsort(axis=2).argsort(axis=2) < COUNT).mean(axis=0)

    found = chances(weights, COUNT)

    assert found.sum(axis=1) == pytest.approx([COUNT, COUNT])
    assert np.abs(found - drawn).max() < 0.04


def test_parts_are_sixths_of_a_units_pictures_and_ties_share_the_middle():
    shown = np.array([[1, 2, 3, 4, 5, 6], [7, 7, 7, 7, 7, np.nan]])

    assert parts(shown, shown).tolist() == [[0, 1, 2, 3, 4, 5], [3, 3, 3, 3, 3, PARTS]]
    assert parts(shown, np.array([[0, 9], [7, 6]])).tolist() == [[0, 5], [3, 0]]
