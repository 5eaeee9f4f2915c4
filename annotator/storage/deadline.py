"""Opens stored files for pages, which must not wait: a storage that hangs holds no request up.

Threads that wait for a storage serve no forms meanwhile. So a file is opened by a few threads of
its own, a page waits for two seconds at most, and once a file took longer the next pages do not
ask at all for a while.
"""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
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


def open_in_time(name: str) -> File:
    """Open a stored file, or say within two seconds that it cannot be had now.

    Raises:
        FileNotFoundError: there is none.
        StorageDown: the storage does not answer in time, or did not a moment ago.
    """
    return _in_time(default_storage.open, name)


def exists_in_time(name: str) -> bool:
    """Whether there is a stored file; raises StorageDown as `open_in_time` does."""
    return _in_time(default_storage.exists, name)


def _in_time(ask: Callable[[str], T], name: str) -> T:
    if time.monotonic() < _closed_until:
        raise StorageDown(f"{name} is not asked for: the storage hangs.", may_pass=True)
    asked = _pool.submit(ask, name)
    try:
        return asked.result(DEADLINE_SECONDS)
    except TimeoutError as error:
        asked.cancel()
        asked.add_done_callback(_close)
        _pause()
        raise StorageDown(
            f"{name} did not come within {DEADLINE_SECONDS:.0f} s: the storage hangs. Nothing is "
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
