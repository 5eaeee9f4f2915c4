"""Work in the background is bounded and in order, and its errors reach the caller."""

import threading
from itertools import count

import pytest

from dissect.background import Background


def test_an_error_in_the_background_is_raised_and_ends_the_rest():
    begun: list[int] = []

    def work(number):
        begun.append(number)
        if number == 3:
            raise ValueError("no room")

    def hundred():
        with Background(1, waiting=2) as background:
            for number in range(100):
                background.submit(lambda number=number: work(number))

    with pytest.raises(ValueError, match="no room"):
        hundred()

    assert 4 <= len(begun) <= 8


def test_all_submitted_work_is_done_when_the_block_ends():
    begun: list[int] = []

    with Background(3, waiting=1) as background:
        for number in range(50):
            background.submit(lambda number=number: begun.append(number))

    assert sorted(begun) == list(range(50))


@pytest.mark.parametrize(("threads", "waiting"), [(1, 0), (1, 5), (4, 0), (4, 3), (2, None)])
@pytest.mark.parametrize("items", [0, 1, 4, 30])
def test_a_map_gives_what_a_loop_gives(threads, waiting, items):
    with Background(threads, waiting) as background:
        results = list(background.map(lambda number: number**2, range(items)))

    assert results == [number**2 for number in range(items)]


def test_a_map_of_items_without_end_draws_only_what_fits():
    drawn: list[int] = []

    def items():
        for number in count():
            drawn.append(number)
            yield number

    with Background(2, waiting=3) as background:
        results = background.map(lambda number: number, items())
        assert len(drawn) == 5
        assert [next(results) for _ in range(10)] == list(range(10))

    assert len(drawn) == 15


def test_a_map_begins_before_its_results_are_asked_for():
    begun = threading.Event()

    with Background(1) as background:
        background.map(lambda _: begun.set(), [0])

        assert begun.wait(10)


def test_nothing_runs_while_the_caller_uses_a_result_of_one_thread_without_a_queue():
    running: list[int] = []

    def work(number):
        running.append(number)

    with Background(1, waiting=0) as background:
        for done, _ in enumerate(background.map(work, range(20)), start=1):
            assert running == list(range(done))


def test_items_are_drawn_by_the_thread_of_the_caller():
    threads = []

    def items():
        for _ in range(10):
            threads.append(threading.current_thread())
            yield 0

    with Background(2, waiting=1) as background:
        list(background.map(lambda _: None, items()))

    assert set(threads) == {threading.current_thread()}


@pytest.mark.parametrize("waiting", [0, 2, None])
def test_an_error_of_a_piece_comes_in_its_place_and_the_rest_is_dropped(waiting):
    begun, results = [], []
    is_raised = threading.Event()

    def work(number):
        begun.append(number)
        if number == 3:
            raise ValueError("broken")
        if number > 3:
            is_raised.wait(10)
        return number

    def hundred():
        with Background(1, waiting) as background:
            try:
                results.extend(background.map(work, range(100)))
            finally:
                is_raised.set()

    with pytest.raises(ValueError, match="broken"):
        hundred()

    assert results == [0, 1, 2]
    assert len(begun) < 20


@pytest.mark.parametrize("how", ["break", "close", "error"])
def test_leaving_early_drops_what_has_not_begun_and_leaves_no_thread(how):
    begun = []
    go_on = threading.Event()

    def work(number):
        begun.append(number)
        assert number == 0 or go_on.wait(10)
        return number

    def results():
        with Background(1, waiting=None, name="early") as background:
            taken = background.map(work, range(50))
            threading.Timer(0.05, go_on.set).start()
            yield next(taken)
            if how == "error":
                raise KeyError
            if how == "close":
                yield from taken

    numbers = results()
    assert next(numbers) == 0
    if how == "close":
        numbers.close()
    elif how == "error":
        with pytest.raises(KeyError):
            next(numbers)
    else:
        assert list(numbers) == []

    assert len(begun) <= 2
    assert not [one for one in threading.enumerate() if one.name.startswith("early")]
