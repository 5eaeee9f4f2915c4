"""Work done in threads beside what else goes on; whatever fails there comes out here."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType


class BoundedExecutor:
    """Pieces of work in threads, a bounded number of them waiting.

    >>> with BoundedExecutor(4) as puts:
    ...     for name in names:
    ...         puts.submit(lambda name=name: store.put(name, made(name)))

    When the block ends well, all of them are done; when it fails, those that wait are dropped.

    Args:
        threads: how many at a time.
        ahead: how many more may wait: `submit` itself waits until there is room.
    """

    def __init__(self, threads: int, ahead: int = 16) -> None:
        self.pool = ThreadPoolExecutor(threads, thread_name_prefix="beside")
        self.most = threads + ahead
        self.under_way: deque[Future[object]] = deque()

    def submit(self, work: Callable[[], object]) -> None:
        """Begin a piece of work.

        Raises:
            whatever an earlier piece raised.
        """
        while self.under_way and (self.under_way[0].done() or len(self.under_way) >= self.most):
            self.under_way.popleft().result()
        self.under_way.append(self.pool.submit(work))

    def __enter__(self) -> "BoundedExecutor":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        try:
            while self.under_way and kind is None:
                self.under_way.popleft().result()
        finally:
            self.pool.shutdown(wait=True, cancel_futures=True)
