"""A pool of threads for work in the background, whose errors reach the caller."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType


class BoundedExecutor:
    """Runs pieces of work in threads; only a bounded number of them may wait.

    >>> with BoundedExecutor(4) as executor:
    ...     for name in names:
    ...         executor.submit(lambda name=name: store.put(name, content_of(name)))

    Leaving the block waits for all of them. If the block fails, those that wait are cancelled.

    Args:
        threads: how many run at the same time.
        waiting: how many more may wait; `submit` blocks until there is room.
    """

    def __init__(self, threads: int, waiting: int = 16) -> None:
        self.pool = ThreadPoolExecutor(threads, thread_name_prefix="background")
        self.capacity = threads + waiting
        self.futures: deque[Future[object]] = deque()

    def submit(self, work: Callable[[], object]) -> None:
        """Start a piece of work.

        Raises:
            the error of an earlier piece.
        """
        while self.futures and (self.futures[0].done() or len(self.futures) >= self.capacity):
            self.futures.popleft().result()
        self.futures.append(self.pool.submit(work))

    def __enter__(self) -> "BoundedExecutor":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        try:
            while self.futures and kind is None:
                self.futures.popleft().result()
        finally:
            self.pool.shutdown(wait=True, cancel_futures=True)
