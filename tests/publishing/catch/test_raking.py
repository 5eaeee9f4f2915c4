"""Raking: chances for draws that are distributed like what is shown."""

import numpy as np
import pytest

from annotator.publishing.catch.raking import (
    BIN_COUNT,
    MAX_IDENTITY_FACTOR,
    MIN_WEIGHT,
    NO_BIN,
    Cue,
    Feature,
    balanced_chances,
    draw_one,
    identity_feature,
    quantile_bins,
    raking_chances,
    split,
)

ROWS, TOP, CANDIDATES = 450, 30, 25


def test_raking_meets_its_margins_with_positive_chances():
    """By definition: each bin's share of the expected draws is its share of what is shown."""
    rng = np.random.default_rng(1)
    usable = rng.random((ROWS, CANDIDATES)) < 0.9
    one, two = rng.integers(0, 6, size=(2, ROWS, CANDIDATES))
    shown_one = np.tile([0, 1, 2, 3, 4, 5], (ROWS, 5))
    shown_two = np.tile([0, 1, 1, 2, 2, 2, 3, 3, 4, 5], (ROWS, 3))

    features = [
        Feature(lambda chances: (shown_one, one)),
        Feature(lambda chances: (shown_two, two)),
    ]
    chances = raking_chances(usable, features)

    assert (chances[usable] > 0).all()
    assert (chances[~usable] == 0).all()
    assert chances.sum(axis=1) == pytest.approx(np.ones(ROWS))
    for bins, shares in ((one, [1 / 6] * 6), (two, [0.1, 0.2, 0.3, 0.2, 0.1, 0.1])):
        drawn = [chances[bins == number].sum() / ROWS for number in range(6)]
        assert drawn == pytest.approx(shares, abs=0.01)


def test_balancing_gives_drawn_and_shown_values_one_mean():
    """Each number has the mean, and the mean position in its row, of what is shown."""
    rng = np.random.default_rng(4)
    middle = rng.normal(size=(ROWS, 1))
    shown = middle + rng.normal(size=(ROWS, TOP))
    offered = middle + 0.5 + rng.normal(size=(ROWS, CANDIDATES))  # higher in general
    usable = rng.random((ROWS, CANDIDATES)) < 0.9
    usable[0] = False
    even = usable / np.maximum(usable.sum(axis=1, keepdims=True), 1)

    chances = balanced_chances(even, [Cue(shown, np.where(usable, offered, np.nan))])

    def position(values):  # the share of its row's shown values below a value
        return (shown[:, None, :] < values[:, :, None]).mean(axis=2)

    assert (chances[~usable] == 0).all()
    assert chances.sum(axis=1) == pytest.approx([0] + [1] * (ROWS - 1))
    expected = (chances * np.where(usable, offered, 0)).sum() / (ROWS - 1)
    assert expected == pytest.approx(shown[1:].mean(), abs=0.02)
    assert (even * offered).sum() / (ROWS - 1) > shown.mean() + 0.4  # before
    assert (chances * position(offered)).sum() / (ROWS - 1) == pytest.approx(0.5, abs=0.02)


def test_no_usable_candidate_is_ruled_out():
    usable = np.ones((2, 4), dtype=bool)
    usable[1, 3] = False
    bins = np.full((2, TOP), BIN_COUNT - 1), np.array([[0, 0, 0, BIN_COUNT - 1]] * 2)

    chances = raking_chances(usable, [Feature(lambda chances: bins)])

    assert chances[0, :3].tolist() == [pytest.approx(MIN_WEIGHT, rel=0.01)] * 3
    assert chances[1].tolist() == pytest.approx([1 / 3, 1 / 3, 1 / 3, 0])


def test_what_is_drawn_comes_as_often_as_its_chance():
    chances = np.array([[0, 0.2, 0, 0.5, 0.3, 0]])
    points = np.random.default_rng(0).integers(0, 2**64, 20_000, dtype=np.uint64)

    columns = draw_one(np.repeat(chances, len(points), axis=0), points)

    shares = np.bincount(columns, minlength=6) / len(points)
    assert shares == pytest.approx(chances[0], abs=0.012)
    ends = draw_one(np.repeat(chances, 2, axis=0), np.array([0, 2**64 - 1], dtype=np.uint64))
    assert ends.tolist() == [1, 4]
    assert draw_one(np.zeros((1, 0)), points[:1]).tolist() == [0]


def test_candidates_are_split_at_random_into_parts_of_nearly_one_size():
    usable = np.random.default_rng(2).random((40, 11)) < 0.8
    order = np.random.default_rng(3).integers(0, 2**64, (40, 11), dtype=np.uint64)

    parts = split(order, usable, 3).reshape(40, 3, 11)

    assert (parts.sum(axis=1) == usable).all()
    sizes = parts.sum(axis=2)
    assert (sizes.max(axis=1) - sizes.min(axis=1) <= 1).all()
    assert 0.2 < parts[:, 0, 0].mean() < 0.4  # no column is of one part
    assert split(order, usable, 0).shape == (0, 11)
    assert split(order[:, :0], usable[:, :0], 3).shape == (120, 0)


def test_bins_are_quantiles_of_a_units_values_and_ties_share_the_middle():
    shown = np.array([[1, 2, 3, 4, 5, 6, 7, 8], [7, 7, 7, 7, 7, np.nan, np.nan, np.nan]])

    own = quantile_bins(shown, shown, are_shown=True)

    assert own.tolist() == [[0, 1, 2, 3, 4, 5, 6, 7], [4, 4, 4, 4, 4, NO_BIN, NO_BIN, NO_BIN]]
    new = np.array([[0, 1.5, 4.5, 7.5, 9], [6, 7, 8, np.nan, 7]])
    assert quantile_bins(shown, new).tolist() == [[0, 1, 4, 6, 7], [0, 4, 7, NO_BIN, 4]]


def test_new_values_that_are_like_shown_ones_have_their_bins_as_often():
    values = np.random.default_rng(4).normal(size=(4000, 24))
    shown, new = values[:, :23], values[:, 23:]

    shares = [
        np.bincount(bins.ravel(), minlength=BIN_COUNT) / bins.size
        for bins in (quantile_bins(shown, shown, are_shown=True), quantile_bins(shown, new))
    ]

    middle = np.arange(BIN_COUNT) - (BIN_COUNT - 1) / 2
    assert shares[0] == pytest.approx(shares[1], abs=0.06)
    assert middle @ shares[0] == pytest.approx(middle @ shares[1], abs=0.06)


def test_things_that_nobody_shows_are_drawn_less_but_not_ruled_out():
    shown, offered = np.array([[0, 1, NO_BIN, 9]]), np.array([[0, 7, 1, NO_BIN]])
    usable = offered != NO_BIN

    chances = raking_chances(usable, [identity_feature(shown, offered)])

    assert chances[0, 0] == pytest.approx(chances[0, 2])
    assert chances[0, 3] == 0
    ratio = chances[0, 0] / chances[0, 1]
    assert MAX_IDENTITY_FACTOR <= ratio <= MAX_IDENTITY_FACTOR**2 + 1e-9


def test_a_feature_changes_no_weight_by_more_than_its_limit():
    usable = np.ones((1, 4), dtype=bool)
    bins = np.full((1, TOP), 1), np.array([[0, 0, 0, 1]])

    chances = raking_chances(usable, [Feature(lambda chances: bins, max_factor=3.0)])

    assert (chances[0] / chances[0, 3]).tolist() == pytest.approx([1 / 9] * 3 + [1])
