"""Keyed hashes: a permutation that places no slot better, and draws that never change."""

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.keyed_random import KeyedPairs, keyed_number, keyed_order
from annotator.tokens.hashing import keyed_name


@given(st.sets(st.integers(0, 127)), st.text())
def test_an_order_has_every_slot_once(slots, key):
    assert sorted(keyed_order(slots, key)) == sorted(slots)


@given(st.permutations(range(20)), st.text())
def test_the_key_alone_decides_the_order(slots, key):
    assert keyed_order(slots, key) == keyed_order(range(20), key)


def test_over_many_keys_no_slot_has_a_better_place():
    orders = [keyed_order(range(63), f"key {number}") for number in range(1000)]

    for slot in range(63):
        places = [order.index(slot) for order in orders]
        # The mean of 1000 places is within 31 +- 0.58 two times of three; 5 sigma never fails.
        assert statistics.mean(places) == pytest.approx(31, abs=2.9)


def test_draws_of_running_studies_never_change():
    assert keyed_number("key", "slot", 7) == 9333165249632122386
    assert keyed_name("key", "ana") == "f8d41d7c3a74c86a"
    assert keyed_order(range(5), "key") == [2, 3, 1, 4, 0]
    assert KeyedPairs("key").pair("hit 7") == (15450272826631892270, 15144054627641024695)


def test_another_key_or_another_name_is_another_draw():
    numbers = {keyed_number(key, *parts) for key in "ab" for parts in [("x", 1), ("x", 2), ("x1",)]}

    assert len(numbers) == 6
