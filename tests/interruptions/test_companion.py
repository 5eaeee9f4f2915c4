"""A companion works while the block lasts, and ends with it, however that ends."""

import threading
from contextlib import suppress

import pytest

from annotator.interruptions.companion import companion


@pytest.mark.parametrize("error", [None, ValueError, KeyboardInterrupt])
def test_a_companion_works_during_the_block_and_ends_with_it(error):
    begun, ended = threading.Event(), []

    def work(end):
        begun.set()
        ended.append(end.wait(10))

    with suppress(ValueError, KeyboardInterrupt), companion(work, "test-companion"):
        assert begun.wait(10)
        assert ended == []
        if error:
            raise error

    assert ended == [True]
    assert not [one for one in threading.enumerate() if one.name == "test-companion"]


def test_the_end_of_the_block_waits_for_a_slow_companion_only_so_long():
    may_end = threading.Event()

    with companion(lambda end: may_end.wait(10), "slow-companion", max_join_seconds=0.01):
        pass

    (slow,) = [one for one in threading.enumerate() if one.name == "slow-companion"]
    may_end.set()
    slow.join(10)
    assert not slow.is_alive()
