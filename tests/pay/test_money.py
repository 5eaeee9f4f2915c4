"""Amounts of money: one parser, one formatter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.pay.money import MAX_CENTS, InvalidAmount, dollars, parse_cents


@pytest.mark.parametrize(
    ("text", "cents"), [("0.80", 80), (" 12 ", 1200), ("0", 0), ("1e2", 10_000), (".5", 50)]
)
def test_dollars_are_read_as_cents(text, cents):
    assert parse_cents(text) == cents


@pytest.mark.parametrize(
    "text",
    ["", "free", "-1", "0.805", "NaN", "Infinity", "1,000", "1000000.01", "$5"]
    + ["1e9999999", "-1e9999999", "1e-9999999", "sNaN"],
)
def test_anything_else_is_refused_by_its_name(text):
    with pytest.raises(InvalidAmount, match="such as 0.80, got") as error:
        parse_cents(text)

    assert repr(text) in str(error.value)


@given(st.integers(0, MAX_CENTS))
def test_what_is_written_can_be_read(cents):
    assert parse_cents(dollars(cents).removeprefix("$").replace(",", "")) == cents


def test_thousands_are_set_apart():
    assert dollars(123450) == "$1,234.50"
