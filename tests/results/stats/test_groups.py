"""The semantic groups of a layer, each rule judged by its definition."""

from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.results.loading.answers import by_unit
from annotator.results.stats.groups import (
    NO_MAJORITY,
    majority,
    shares_above,
    shares_by_majority,
    shares_of_all,
)
from tests.results.rows import answer, many_answers


def shares_slowly(units, threshold):
    """By definition: each answer above the threshold is 1/k of a unit."""
    sums = Counter()
    for rows in units:
        for row in rows:
            if row.group and row.fitting / row.shown > threshold:
                sums[row.group] += Fraction(1, len(rows))
    return sums, sum(sums.values())


@given(many_answers(), st.floats(0, 1))
def test_groups_above_the_threshold_agree_with_their_definition(rows, threshold):
    units = list(by_unit(rows).values())

    shares = shares_above(units, threshold)

    sums, total = shares_slowly(units, threshold)
    assert shares.denominator == pytest.approx(float(total))
    for group in range(1, 7):
        expected = float(sums[group] / total) if total else None
        assert shares.shares[group] == pytest.approx(expected)


def test_an_answer_of_a_unit_with_many_weighs_less():
    one = [answer(unit=0, group=5)]
    four = [answer(unit=1, group=1), *[answer(unit=1, fitting=0, group=1)] * 3]

    shares = shares_above([one, four], 0.75)

    assert shares.shares[5] == 0.8
    assert shares.shares[1] == 0.2
    assert (shares.denominator, shares.count) == (1.25, 2)


def test_all_answers_count_whatever_their_precision_but_nothing_has_no_group():
    shares = shares_of_all([[answer(fitting=0, group=6), answer(says="nothing")]])

    assert shares.shares[6] == 1
    assert (shares.denominator, shares.count) == (0.5, 1)


def test_a_majority_is_more_than_half_of_all_answers():
    assert majority([answer(group=5), answer(group=5), answer(group=4)]) == 5
    assert majority([answer(group=5), answer(group=4)]) is None
    assert majority([answer(group=5), answer(says="nothing")]) is None
    assert majority([]) is None


def test_units_without_a_majority_are_a_seventh_bar():
    agreed = [answer(group=5), answer(group=5)]
    split = [answer(group=5), answer(group=4)]
    below = [answer(group=1, fitting=1)]

    shares = shares_by_majority([agreed, split, below], 0.75)

    assert shares.shares[5] == shares.shares[NO_MAJORITY] == 0.5
    assert shares.shares[1] == 0
    assert shares.count == 2


@given(many_answers(), st.floats(0, 1))
def test_shares_of_every_rule_sum_to_one_or_there_are_none(rows, threshold):
    units = list(by_unit(rows).values())

    for group_shares in (
        shares_above(units, threshold),
        shares_of_all(units),
        shares_by_majority(units, threshold),
    ):
        shares = list(group_shares.shares.values())
        assert None not in shares if group_shares.denominator else set(shares) == {None}
        assert not group_shares.denominator or sum(shares) == pytest.approx(1)
