"""A thread that keeps something up while a long piece of work goes on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

from django.db import connection


@contextmanager
def companion(
    work: Callable[[Event], object], name: str, max_join_seconds: float | None = None
) -> Iterator[None]:
    """Run a companion thread while the block lasts; however the block ends, it is told to end.

    Its connection to the database is closed with it.

    Args:
        work: is given an event, and returns soon after it is set.
        name: of the thread, for a debugger.
        max_join_seconds: how long the end of the block waits for it; None: until it has ended.
    """
    ended = Event()

    def run() -> None:
        try:
            work(ended)
        finally:
            connection.close()

    thread = Thread(target=run, name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(max_join_seconds)
