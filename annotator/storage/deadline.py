"""Opens stored files for pages, which must not wait: a storage that hangs holds no request up.

Threads that wait for a storage serve no forms meanwhile. So a file is opened by a few threads of
its own, a page waits for two seconds at most, and once a file took longer the next pages do not
ask at all for a while.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock
from typing import Any, TypeVar

from django.core.files.base import File
from django.core.files.storage import default_storage

from annotator.storage.errors import StorageDown

T = TypeVar("T")
THREADS = 8
DEADLINE_SECONDS = 2.0
PAUSE_SECONDS = 5.0  # in which nothing is asked for after a file that took too long

_pool = ThreadPoolExecutor(THREADS, thread_name_prefix="storage")
_lock = Lock()
_closed_until = 0.0
_is_page: ContextVar[bool] = ContextVar("is_page", default=False)


def open_in_time(name: str) -> "File[Any]":
    """Open a stored file, or say within two seconds that it cannot be had now.

    Raises:
        FileNotFoundError: there is none.
        StorageDown: the storage does not answer in time, or did not a moment ago.
    """
    return in_time(lambda: default_storage.open(name), name)


def exists_in_time(name: str) -> bool:
    """Whether there is a stored file; raises StorageDown as `open_in_time` does."""
    return in_time(lambda: default_storage.exists(name), name)


@contextmanager
def page() -> Iterator[None]:
    """Answer a request: nothing waits long for the storage while the block lasts."""
    token = _is_page.set(True)
    try:
        yield
    finally:
        _is_page.reset(token)


def is_page() -> bool:
    return _is_page.get()


def in_time(ask: Callable[[], T], name: str, seconds: float | None = None) -> T:
    """The answer of the storage to a question, if it comes in time.

    Args:
        name: what is asked for, as sentences say it.
        seconds: how long to wait for it; None is DEADLINE_SECONDS.

    Raises:
        StorageDown: as `open_in_time`.
    """
    seconds = DEADLINE_SECONDS if seconds is None else seconds
    if time.monotonic() < _closed_until:
        raise StorageDown(f"{name} is not asked for: the storage hangs.", may_pass=True)
    asked = _pool.submit(ask)
    try:
        return asked.result(seconds)
    except TimeoutError as error:
        asked.cancel()
        asked.add_done_callback(_close)
        _pause()
        raise StorageDown(
            f"{name} did not come within {seconds:.0f} s: the storage hangs. Nothing is "
            f"asked for during {PAUSE_SECONDS:.0f} s.",
            may_pass=True,
        ) from error


def _close(asked: Future[Any]) -> None:
    """Close a file that nobody waits for any more."""
    if not asked.cancelled() and asked.exception() is None and isinstance(asked.result(), File):
        asked.result().close()


def _pause() -> None:
    global _closed_until
    with _lock:
        _closed_until = time.monotonic() + PAUSE_SECONDS
