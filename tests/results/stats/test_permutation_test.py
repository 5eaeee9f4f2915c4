"""The permutation test of two networks, judged by shuffling labels one draw at a time."""

import numpy as np
import pytest

from annotator.results.stats.permutation_test import (
    DRAWS,
    mean_difference,
    permutation_p_values,
    unit_sums,
)
from tests.results.crowds import Crowd
from tests.results.rows import answer


def permuted_slowly(of, is_first, draws, rng):
    """By the definition: shuffle, take both means, count."""

    def difference(labels):
        mine = of.within[labels].sum() / of.weights[labels].sum()
        return abs(mine - of.within[~labels].sum() / of.weights[~labels].sum())

    as_large = sum(
        difference(rng.permutation(is_first)) >= difference(is_first) - 1e-12 for _ in range(draws)
    )
    return (1 + as_large) / (1 + draws)


def test_the_permutation_test_agrees_with_its_definition():
    rng = np.random.default_rng(5)
    (first, _), (second, _) = Crowd(12, 0.5, 0.5).layers(rng, [15, 20], 3, [1.0, 0.6])
    of = unit_sums([*first, *second], lambda row: row.precision)
    is_first = np.arange(35) < 15

    (p,) = permutation_p_values([of], is_first)

    assert p == pytest.approx(permuted_slowly(of, is_first, DRAWS, rng), abs=0.04)


def test_no_p_is_zero_and_the_same_answers_give_the_same_p():
    units = [[answer(unit, 57 if unit < 8 else 0, worker=w) for w in "ab"] for unit in range(16)]
    sums = unit_sums(units, lambda row: row.precision)
    is_first = np.arange(16) < 8

    first, second = (permutation_p_values([sums], is_first, draws=99) for _ in range(2))

    assert first == second
    assert first[0] >= 1 / 100


def test_every_unit_weighs_the_same_however_many_answers_it_has():
    units = [[answer(0, 57)], [answer(1, 0, worker=f"w{n}") for n in range(9)], [answer(2, 57)]]
    sums = unit_sums(units, lambda row: row.precision)

    assert sums.weights == pytest.approx([1, 1, 1])
    assert mean_difference(sums, np.array([True, True, False])) == pytest.approx(-0.5)


def test_answers_are_measured_against_the_mean_of_their_worker():
    """Eve is strict about both networks: within workers the networks do not differ."""
    units = [[answer(0, 57, worker="ada")], [answer(1, 20, worker="eve")]]

    sums = unit_sums(units, lambda row: row.precision)

    assert sums.within == pytest.approx([0, 0])
    assert mean_difference(sums, np.array([True, False])) == pytest.approx(37 / 57)


def test_without_answers_on_a_side_there_is_no_test():
    sums = unit_sums([[answer(0)], [answer(1)]], lambda row: None if row.unit else row.precision)

    assert permutation_p_values([sums], np.array([True, False])) == [None]
    assert permutation_p_values([sums], np.array([True, True])) == [None]
