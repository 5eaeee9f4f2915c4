"""Work in background threads: bounded, in order, and with errors that reach the caller."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from types import TracebackType
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class Background:
    """Threads that work while the caller goes on; only a bounded number of pieces may wait.

    >>> with Background(threads=2) as background:
    ...     background.submit(lambda: None)
    ...     list(background.map(len, ["a", "bc"]))
    [1, 2]

    Leaving the block waits for what was submitted. If the block fails, or the results of a map are
    not all taken, the pieces that have not begun are dropped; those that run are waited for.

    Args:
        threads: how many pieces run at the same time.
        waiting: how many more may wait for a thread; None: any number.
        name: of the threads, for a debugger.
    """

    def __init__(self, threads: int, waiting: int | None = 16, name: str = "background") -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._capacity = None if waiting is None else threads + waiting
        self._submitted: deque[Future[object]] = deque()

    def submit(self, work: Callable[[], object]) -> None:
        """Start a piece of work, once there is room for it.

        Raises:
            the error of an earlier piece.
        """
        pieces = self._submitted
        while pieces and (pieces[0].done() or len(pieces) == self._capacity):
            pieces.popleft().result()
        pieces.append(self._pool.submit(work))

    def map(self, work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """Work on each item; the results come in the order of the items.

        The first items begin at once. Each later one is drawn by the caller's thread, before the
        caller waits for the oldest result, and begins after the caller has used that result.

        Raises (where a result is taken):
            the error of its piece.
        """
        items = iter(items)
        first = [self._pool.submit(work, item) for item in islice(items, self._capacity)]
        return self._results(work, items, deque(first))

    def _results(
        self,
        work: Callable[[Item], Result],
        items: Iterator[Item],
        pieces: deque[Future[Result]],
    ) -> Iterator[Result]:
        for item in items:
            yield pieces.popleft().result()
            pieces.append(self._pool.submit(work, item))
        while pieces:
            yield pieces.popleft().result()

    def __enter__(self) -> "Background":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        try:
            while self._submitted and kind is None:
                self._submitted.popleft().result()
        finally:
            self._pool.shutdown(wait=True, cancel_futures=True)
