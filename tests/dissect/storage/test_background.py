"""Work in the background is bounded, and its errors reach the caller."""

import pytest

from dissect.storage.background import BoundedExecutor


def test_an_error_in_the_background_is_raised_and_ends_the_rest():
    begun: list[int] = []

    def work(number):
        begun.append(number)
        if number == 3:
            raise ValueError("no room")

    def hundred():
        with BoundedExecutor(1, waiting=2) as executor:
            for number in range(100):
                executor.submit(lambda number=number: work(number))

    with pytest.raises(ValueError, match="no room"):
        hundred()

    assert 4 <= len(begun) <= 8


def test_all_work_is_done_when_the_block_ends():
    begun: list[int] = []

    with BoundedExecutor(3, waiting=1) as executor:
        for number in range(50):
            executor.submit(lambda number=number: begun.append(number))

    assert sorted(begun) == list(range(50))
