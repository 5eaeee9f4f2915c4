"""Raking: chances for draws that are distributed like what is shown."""

from functools import partial

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
    distinct,
    identity_feature,
    proportional,
    quantile_bins,
    quantile_feature,
    raking_chances,
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
    chances = raking_chances(usable, features, proportional)

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

    chances = balanced_chances(even, [Cue(shown, np.where(usable, offered, np.nan))], proportional)

    def position(values):  # the share of its row's shown values below a value
        return (shown[:, None, :] < values[:, :, None]).mean(axis=2)

    assert (chances[~usable] == 0).all()
    assert chances.sum(axis=1) == pytest.approx([0] + [1] * (ROWS - 1))
    expected = (chances * np.where(usable, offered, 0)).sum() / (ROWS - 1)
    assert expected == pytest.approx(shown[1:].mean(), abs=0.02)
    assert (even * offered).sum() / (ROWS - 1) > shown.mean() + 0.4  # before
    assert (chances * position(offered)).sum() / (ROWS - 1) == pytest.approx(0.5, abs=0.02)


def test_a_number_that_nobody_can_meet_does_not_hold_the_others_back():
    rng = np.random.default_rng(4)
    shown = rng.normal(size=(ROWS, TOP))
    offered = 0.5 + rng.normal(size=(ROWS, CANDIDATES))
    unmet = Cue(np.ones((ROWS, TOP)), np.full((ROWS, CANDIDATES), 2.0))
    even = np.full((ROWS, CANDIDATES), 1 / CANDIDATES)
    unmet.offered[1::2] = 1000.0  # by far, in every other row

    chances = balanced_chances(even, [Cue(shown, offered), unmet], proportional)

    assert chances.sum(axis=1) == pytest.approx(np.ones(ROWS))
    assert (chances * offered).sum() / ROWS == pytest.approx(shown.mean(), abs=0.02)


def test_no_usable_candidate_is_ruled_out():
    usable = np.ones((2, 4), dtype=bool)
    usable[1, 3] = False
    bins = np.full((2, TOP), BIN_COUNT - 1), np.array([[0, 0, 0, BIN_COUNT - 1]] * 2)

    chances = raking_chances(usable, [Feature(lambda chances: bins)], proportional)

    assert chances[0, :3].tolist() == [pytest.approx(MIN_WEIGHT, rel=0.01)] * 3
    assert chances[1].tolist() == pytest.approx([1 / 3, 1 / 3, 1 / 3, 0])


def test_chances_are_in_proportion_to_weights_but_none_is_above_1():
    weights = np.array([[1, 2, 3, 4, 0], [100, 1, 1, 1, 1], [9, 0, 0, 1, 0], [0] * 5], dtype=float)

    assert proportional(weights)[0] == pytest.approx([0.1, 0.2, 0.3, 0.4, 0])
    assert proportional(weights, 2) == pytest.approx(
        np.array([[0.2, 0.4, 0.6, 0.8, 0], [1, *[1 / 4] * 4], [1, 0, 0, 1, 0], [0] * 5])
    )
    assert proportional(weights, 3)[0] == pytest.approx([2 / 6, 4 / 6, 1, 1, 0])


def test_raking_and_balancing_give_chances_for_as_many_as_are_drawn():
    rng = np.random.default_rng(6)
    shown = rng.normal(size=(ROWS, TOP))
    offered = 1 + rng.normal(size=(ROWS, CANDIDATES))  # higher, so that low ones become sure
    usable = np.ones(offered.shape, dtype=bool)
    usable[0, 2:] = False

    cue = Cue(shown, np.where(usable, offered, np.nan))
    three = partial(proportional, count=3)
    chances = balanced_chances(raking_chances(usable, [quantile_feature(cue)], three), [cue], three)

    assert chances.max() == 1
    assert chances.sum(axis=1) == pytest.approx([2] + [3] * (ROWS - 1))
    mean = (chances * np.where(usable, offered, 0)).sum() / chances.sum()
    assert mean == pytest.approx(shown.mean(), abs=0.05)


def test_rows_of_a_unit_can_all_draw_different_columns():
    """The columns of a unit add up to 1 at most, and its rows to 1."""
    rng = np.random.default_rng(7)
    weights = rng.random((40 * 3, 9)) ** 8
    weights[:3] = np.array([[1, 0, 0], [1, 1, 0], [1, 1, 1]]).repeat(3, axis=1)[:, ::3] @ np.eye(
        3, 9
    )

    chances = distinct(weights, 3).reshape(40, 3, 9)

    assert proportional(weights).reshape(40, 3, 9).sum(axis=1).max() > 1.5
    assert chances.sum(axis=1).max() < 1.1
    assert chances.sum(axis=2) == pytest.approx(np.ones((40, 3)))
    assert (chances.reshape(weights.shape)[weights == 0] == 0).all()


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

    chances = raking_chances(usable, [identity_feature(shown, offered)], proportional)

    assert chances[0, 0] == pytest.approx(chances[0, 2])
    assert chances[0, 3] == 0
    ratio = chances[0, 0] / chances[0, 1]
    assert MAX_IDENTITY_FACTOR <= ratio <= MAX_IDENTITY_FACTOR**2 + 1e-9


def test_a_feature_changes_no_weight_by_more_than_its_limit():
    usable = np.ones((1, 4), dtype=bool)
    bins = np.full((1, TOP), 1), np.array([[0, 0, 0, 1]])

    chances = raking_chances(usable, [Feature(lambda chances: bins, max_factor=3.0)], proportional)

    assert (chances[0] / chances[0, 3]).tolist() == pytest.approx([1 / 9] * 3 + [1])
