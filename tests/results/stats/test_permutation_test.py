"""The permutation test of two networks, judged by shuffling labels one draw at a time."""

from dataclasses import replace
from math import inf, sqrt

import numpy as np
import pytest

from annotator.results.report.comparison.differences import level_of
from annotator.results.stats.multiple_testing import holm
from annotator.results.stats.permutation_test import (
    MIN_DRAWS,
    UnitSums,
    draws_for,
    permutation_p_values,
    unit_sums,
)
from tests.results.rows import answer
from tests.results.two_networks import DESIGNS, PROCESSES, Design

THRESHOLD = 0.75
STUDIES = 2000  # a share of .05 of them is known to .005


def permuted_slowly(of, is_first, draws, rng):
    """By the definition: shuffle, studentize, count."""
    observed, _ = studentised_slowly(of, is_first)
    as_large = 1
    for _ in range(draws):
        drawn, is_flat = studentised_slowly(of, rng.permutation(is_first))
        as_large += is_flat or drawn >= observed - 1e-9
    return as_large / (1 + draws)


def studentised_slowly(of, is_first):
    """|m1 - m2| / sqrt(s1^2 / n1 + s2^2 / n2) over units, and whether a side is flat.

    m is a ratio of sums, and s the deviation of each unit's linearized part in its error.
    """
    ratios, variances = [], []
    for side in (is_first, ~is_first):
        value, weight = of.within[side], of.weights[side]
        if not weight.any():
            return inf, True
        ratio = sum(value) / sum(weight)
        parts = [(v - ratio * w) / np.mean(weight) for v, w in zip(value, weight, strict=True)]
        ratios.append(ratio)
        variances.append(np.var(parts, ddof=1) / len(parts))
    apart, error = abs(ratios[0] - ratios[1]), sqrt(sum(variances))
    is_flat = min(variances) < 1e-12
    return (0 if apart < 1e-9 else inf if error < 1e-9 else apart / error), is_flat


def value_of_group(group):
    """Of an answer: whether it has the group; None at or below the threshold."""
    return lambda row: float(row.group == group) if row.precision > THRESHOLD else None


@pytest.mark.parametrize("value", [lambda row: row.precision, value_of_group(5)])
def test_the_permutation_test_agrees_with_its_definition(value):
    rng = np.random.default_rng(5)
    first, second = PROCESSES["normal"](rng, Design((15, 30), (0.4, 1.2), workers=12))
    of = unit_sums([*first, *second], value)
    is_first = np.arange(45) < 15

    (p,) = permutation_p_values([of], is_first)

    assert p == pytest.approx(permuted_slowly(of, is_first, MIN_DRAWS, rng), abs=0.04)


def test_every_draw_is_divided_by_its_own_standard_error():
    """Two units far above all make a large difference, and a large error, wherever they go."""
    within = np.array([*np.linspace(0, 0.1, 22), 5.0, 5.1])
    sums = UnitSums(within, within, np.ones(24))
    is_first = np.arange(24) >= 14  # both are of the first network

    (p,) = permutation_p_values([sums], is_first)

    slowly = permuted_slowly(sums, is_first, MIN_DRAWS, np.random.default_rng(1))
    assert p == pytest.approx(slowly, abs=0.04)


def test_a_draw_in_which_a_side_has_no_weight_or_no_spread_counts_as_large():
    """Only three of 30 units differ: a draw that puts them on one side leaves the other flat."""
    within = np.zeros(30)
    within[[0, 1, 20]] = 0.3, 0.2, 0.4
    sums = UnitSums(within, within, np.ones(30))
    is_first = np.arange(30) < 15
    rng = np.random.default_rng(3)

    (p,) = permutation_p_values([sums], is_first)

    draws = [studentised_slowly(sums, rng.permutation(is_first)) for _ in range(MIN_DRAWS)]
    flat = np.mean([is_flat for _, is_flat in draws])
    assert flat == pytest.approx(2 * 15 * 14 * 13 / (30 * 29 * 28), abs=0.03)
    assert p >= flat - 0.03
    assert p == pytest.approx(permuted_slowly(sums, is_first, MIN_DRAWS, rng), abs=0.04)


@pytest.mark.parametrize(("units", "is_tested"), [(8, True), (7, False)])
def test_with_fewer_than_eight_units_with_weight_on_a_side_there_is_no_test(units, is_tested):
    rows = [answer(unit, 40 + unit, worker=f"w{unit % 3}") for unit in range(30)]
    sums = unit_sums(
        [[row] for row in rows],
        lambda row: row.precision if row.unit < units or row.unit >= 15 else None,
    )

    (p,) = permutation_p_values([sums], np.arange(30) < 15)

    assert (p is not None) == is_tested


def test_no_p_is_zero_and_the_same_answers_give_the_same_p():
    units = [[answer(unit, 57 if unit < 8 else 0, worker=w) for w in "ab"] for unit in range(16)]
    sums = unit_sums(units, lambda row: row.precision)
    is_first = np.arange(16) < 8

    first, second = (permutation_p_values([sums], is_first, draws=99) for _ in range(2))

    assert first == second
    assert 1 / 100 <= first[0] <= 0.05


def test_units_that_are_all_alike_do_not_differ():
    sums = unit_sums([[answer(unit, 30)] for unit in range(20)], lambda row: row.precision)

    assert permutation_p_values([sums], np.arange(20) < 10) == [1.0]


@pytest.mark.parametrize(("numbers", "draws"), [(1, 1999), (7, 1999), (20, 2000), (105, 10_500)])
def test_a_family_has_draws_enough_for_its_smallest_p(numbers, draws):
    assert draws_for(numbers) == draws
    assert numbers / (1 + draws) < 0.05


def test_every_unit_weighs_the_same_however_many_answers_it_has():
    units = [[answer(0, 57)], [answer(1, 0, worker=f"w{n}") for n in range(9)], [answer(2, 57)]]
    sums = unit_sums(units, lambda row: row.precision)

    assert sums.weights == pytest.approx([1, 1, 1])
    assert level_of(sums, np.array([True, True, False])) == pytest.approx(0.5)
    assert level_of(sums, np.array([False, False, True])) == pytest.approx(1)


def test_answers_are_measured_against_the_mean_of_their_worker():
    """Eve is strict about both networks: within workers the networks do not differ."""
    units = [[answer(0, 57, worker="ada")], [answer(1, 20, worker="eve")]]

    sums = unit_sums(units, lambda row: row.precision)

    assert sums.within == pytest.approx([0, 0])
    assert sums.raw == pytest.approx([1, 20 / 57])


def test_without_answers_on_a_side_there_is_no_test():
    units = [[answer(unit)] for unit in range(20)]
    sums = unit_sums(units, lambda row: row.precision if row.unit < 10 else None)

    assert permutation_p_values([sums], np.arange(20) < 10) == [None]
    assert permutation_p_values([sums], np.full(20, True)) == [None]


def p_values_without_a_difference(process, design, studies, values):
    """(studies, values) p of networks that do not differ; nan where there is no test.

    Args:
        values: of an answer, as in unit_sums.
    """
    rng = np.random.default_rng(2015)
    p_values = []
    for _ in range(studies):
        first, second = PROCESSES[process](rng, design)
        sums = [unit_sums([*first, *second], value) for value in values]
        is_first = np.arange(len(first) + len(second)) < len(first)
        p_values.append(permutation_p_values(sums, is_first, draws=499))
    return np.array(p_values, dtype=float)


def test_a_small_and_even_network_against_a_large_and_uneven_one_is_not_found_different():
    """Without studentizing, this rejects a fifth of the pairs."""
    design = replace(DESIGNS[0], workers=12)

    p = p_values_without_a_difference("normal", design, 150, [lambda row: row.precision])

    assert np.mean(p < 0.05) < 0.12  # .05 is 4 standard errors of .018 below


@pytest.mark.thorough
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("design", DESIGNS, ids=str)
@pytest.mark.parametrize("process", PROCESSES)
def test_of_networks_that_do_not_differ_a_test_rejects_3_to_8_in_a_hundred(process, design):
    values = [lambda row: row.precision, *map(value_of_group, range(1, 7))]

    p = p_values_without_a_difference(process, design, STUDIES, values)

    sizes = [np.mean(of_number[~np.isnan(of_number)] < 0.05) for of_number in p.T]
    any_of_seven = np.mean([min(holm(of_study[~np.isnan(of_study)])) < 0.05 for of_study in p])
    error = sqrt(0.05 * 0.95 / STUDIES)
    shares = " ".join(f"{share:.3f}" for share in sizes[1:])
    print(
        f"{process}, {design}: mean {sizes[0]:.3f}, groups {shares}, any of seven after Holm "
        f"{any_of_seven:.3f} (+- {error:.3f})"
    )
    assert all(0.03 <= size <= 0.075 for size in sizes)
    assert any_of_seven <= 0.075
