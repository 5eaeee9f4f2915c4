"""Numbers are written alike everywhere; a missing one is a dash, never a zero."""

import doctest

import pytest

from annotator.results.output import formatting
from annotator.results.output.formatting import count, decimal, interval, percent, plural, rounded
from annotator.results.stats.intervals import Interval


def test_the_examples_of_the_docstrings_hold():
    assert doctest.testmod(formatting).failed == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (decimal(None), "–"),
        (decimal(-0.0001), "0.000"),
        (percent(None), "–"),
        (percent(1), "100.0 %"),
        (interval(None), ""),
        (interval(Interval(0.1, 0.25)), "[0.100, 0.250]"),
        (count(12.0000001), "12"),
        (plural(0, "unit"), "0 units"),
    ],
)
def test_edge_cases(text, expected):
    assert text == expected


def test_a_stored_number_has_six_digits_and_a_missing_one_stays_missing():
    assert rounded(1 / 3) == 0.333333
    assert rounded(None) is None
