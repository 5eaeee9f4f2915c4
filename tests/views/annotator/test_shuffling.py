"""The page order: a permutation that one assignment keeps, and that places nobody better."""

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.crowd.answers.display_order import page_order, shuffled


@given(st.sets(st.integers(0, 127)), st.text())
def test_every_slot_has_one_place(slots, key):
    assert sorted(shuffled(slots, key)) == sorted(slots)


@given(st.permutations(range(20)), st.text())
def test_the_key_alone_decides(slots, key):
    assert shuffled(slots, key) == shuffled(range(20), key)


def test_over_many_assignments_no_slot_has_a_better_place():
    orders = [shuffled(range(63), f"key {number}") for number in range(1000)]

    for slot in range(63):
        places = [order.index(slot) for order in orders]
        # The mean of 1000 places is within 31 +- 0.58 two times of three; 5 sigma never fails.
        assert statistics.mean(places) == pytest.approx(31, abs=2.9)


@pytest.mark.django_db
def test_the_page_order_of_an_assignment_is_of_its_hits_slots(assignment):
    assert sorted(page_order(assignment)) == list(range(63))
    assert page_order(assignment) == page_order(assignment)
