"""Catch images are drawn with a key; over a layer, repetition and size do not tell them."""

from dataclasses import replace

import numpy as np
import pytest

from annotator.publishing.catch_images import (
    BIN_COUNT,
    MIN_WEIGHT,
    NONE,
    CatchCandidates,
    Cue,
    draw_catch_images,
    inclusion_probabilities,
    quantile_bins,
    raking_weights,
)
from tests.end_to_end.leaks import standard_errors

UNITS, IMAGES, TOP, CANDIDATES, COUNT = 150, 400, 30, 25, 3


@pytest.fixture(scope="module")
def pool():
    """Units that differ, but whose top images tend to be strong and whose low ones weak.

    Weak images are small files and seldom among the top ones: drawn evenly, they stand out.
    """
    rng = np.random.default_rng(0)
    strength = rng.normal(size=IMAGES)
    file_sizes = 9000 + 500 * strength + 500 * rng.normal(size=IMAGES)
    scales = rng.normal(size=(UNITS, TOP + CANDIDATES))
    scales[:, TOP:] += 1
    order = np.argsort(strength + 3 * rng.normal(size=(UNITS, IMAGES)), axis=1)
    shown, candidates = order[:, -TOP:], order[:, :CANDIDATES]
    return CatchCandidates(
        unit_ids=np.arange(UNITS),
        shown=shown,
        candidates=candidates,
        hit_counts=np.bincount(shown.ravel(), minlength=IMAGES).astype(float),
        cues=(
            Cue(file_sizes[shown], file_sizes[candidates]),
            Cue(scales[:, :TOP], scales[:, TOP:]),
        ),
    )


def leaks(pool, columns):
    """{feature: by how many standard errors its rank within a HIT tells catch images}."""
    chosen = np.take_along_axis(pool.candidates, np.array(columns), axis=1)
    hit_counts = pool.hit_counts + np.bincount(chosen.ravel(), minlength=IMAGES)
    pages = np.hstack([pool.shown, chosen])
    is_catch = np.arange(TOP + COUNT) >= TOP
    values_of = {"repetition": hit_counts[pages]}
    for name, cue in zip(("size", "scale"), pool.cues, strict=True):
        own = np.take_along_axis(cue.offered, np.array(columns), axis=1)
        values_of[name] = np.hstack([cue.shown, own])
    errors = {}
    for name, values in values_of.items():
        ranks = values.argsort(axis=1).argsort(axis=1)
        errors[name] = standard_errors(ranks.ravel(), np.tile(is_catch, len(pages)))
    return errors


def test_neither_repetition_nor_size_nor_scale_tells_what_is_drawn(pool):
    weakest = [list(range(COUNT))] * UNITS

    errors = leaks(pool, weakest)
    assert max(errors["repetition"], errors["size"]) < -6
    assert errors["scale"] > 6
    for key in ("one", "two", "three"):
        errors = leaks(pool, draw_catch_images(pool, key, COUNT))
        assert max(map(abs, errors.values())) < 3.3, errors


def test_each_unit_gets_its_number_of_own_candidates_and_the_key_decides_which(pool):
    columns = draw_catch_images(pool, "one", COUNT)

    assert all(len(set(own)) == COUNT for own in columns)
    assert set(np.ravel(columns)) <= set(range(CANDIDATES))
    assert columns == draw_catch_images(pool, "one", COUNT)
    assert columns != draw_catch_images(pool, "two", COUNT)


def test_a_unit_with_too_few_candidates_gets_all_of_them(pool):
    few = pool.candidates.copy()
    few[0, 2:], few[1] = NONE, NONE
    few[2, :-COUNT] = NONE

    cues = tuple(Cue(cue.shown, np.where(few == NONE, np.nan, cue.offered)) for cue in pool.cues)

    columns = draw_catch_images(replace(pool, candidates=few, cues=cues), "one", COUNT)

    assert sorted(columns[0]) == [0, 1]
    assert columns[1] == []
    assert sorted(columns[2]) == list(range(CANDIDATES))[-COUNT:]


def test_nothing_is_drawn_if_none_is_wanted_or_no_unit_is_left(pool):
    no_units = replace(
        pool,
        unit_ids=pool.unit_ids[:0],
        shown=pool.shown[:0],
        candidates=pool.candidates[:0],
        cues=tuple(Cue(cue.shown[:0], cue.offered[:0]) for cue in pool.cues),
    )

    assert draw_catch_images(pool, "one", 0) == [[]] * UNITS
    assert draw_catch_images(no_units, "one", COUNT) == []


def test_raking_meets_its_margins_with_positive_weights():
    """By definition: each bin's share of the expected draws is its share of the shown images."""
    rng = np.random.default_rng(1)
    usable = rng.random((UNITS, CANDIDATES)) < 0.9
    one, two = rng.integers(0, BIN_COUNT, size=(2, UNITS, CANDIDATES))
    shown_one = np.tile([0, 1, 2, 3, 4, 5], (UNITS, 5))
    shown_two = np.tile([0, 1, 1, 2, 2, 2, 3, 3, 4, 5], (UNITS, 3))

    features = [lambda probabilities: (shown_one, one), lambda probabilities: (shown_two, two)]
    weights = raking_weights(COUNT, usable, features)

    assert (weights[usable] >= MIN_WEIGHT).all()
    assert (weights[~usable] == 0).all()
    expected = inclusion_probabilities(weights, COUNT)
    for bins, shares in ((one, [1 / 6] * 6), (two, [0.1, 0.2, 0.3, 0.2, 0.1, 0.1])):
        drawn = [expected[bins == number].sum() / (UNITS * COUNT) for number in range(BIN_COUNT)]
        assert drawn == pytest.approx(shares, abs=0.01)


def test_no_usable_candidate_is_ruled_out():
    usable = np.ones((2, 4), dtype=bool)
    usable[1, 3] = False
    bins = np.full((2, TOP), BIN_COUNT - 1), np.array([[0, 0, 0, BIN_COUNT - 1]] * 2)

    weights = raking_weights(1, usable, [lambda probabilities: bins])

    assert (weights[usable] >= MIN_WEIGHT).all()
    assert weights[0].tolist() == [pytest.approx(MIN_WEIGHT)] * 3 + [1]
    assert weights[1, 3] == 0


def test_inclusion_probabilities_are_nearly_those_of_the_draw():
    weights = np.array([0.8 ** np.arange(24), np.ones(24)])
    times = np.random.default_rng(0).exponential(size=(8000, 2, 24)) / weights
    simulated = (times.argsort(axis=2).argsort(axis=2) < COUNT).mean(axis=0)

    probabilities = inclusion_probabilities(weights, COUNT)

    assert probabilities.sum(axis=1) == pytest.approx([COUNT, COUNT])
    assert np.abs(probabilities - simulated).max() < 0.04


def test_bins_are_sixths_of_a_units_images_and_ties_share_the_middle():
    shown = np.array([[1, 2, 3, 4, 5, 6], [7, 7, 7, 7, 7, np.nan]])

    assert quantile_bins(shown, shown).tolist() == [[0, 1, 2, 3, 4, 5], [3, 3, 3, 3, 3, BIN_COUNT]]
    assert quantile_bins(shown, np.array([[0, 9], [7, 6]])).tolist() == [[0, 5], [3, 0]]
