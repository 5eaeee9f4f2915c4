"""Reads and writes Django's default storage, which holds dissections, pictures and mask sheets.

Tasks and commands that call these functions wait for a storage that is away, for most of a minute.
A page does not: it has its answer, or StorageDown, within seconds.

StorageDown: the storage does not answer, refuses or is full; its text is one sentence.
"""

import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from annotator.storage.deadline import in_time, is_page
from annotator.storage.errors import StorageDown

__all__ = ["StorageDown", "files_in", "keep", "read", "size", "threads"]

PAUSES_SECONDS = (0.5, 1, 2, 4, 8, 8, 8, 8, 8)  # together shorter than a lease
REPORT_SECONDS = 10.0  # that a page waits for a file of a report, which may be large

T = TypeVar("T")


def read(name: str) -> bytes:
    """The bytes under a name.

    Raises:
        FileNotFoundError: there are none.
        StorageDown: the storage has not answered for most of a minute.
    """
    return _retried(lambda: _read(name))


def _read(name: str) -> bytes:
    with default_storage.open(name) as file:
        content: bytes = file.read()
        return content


def size(name: str) -> int:
    """The size of a file in bytes; raises as `read` does."""
    return _retried(lambda: default_storage.size(name))


def threads() -> int:
    """How many writes at the same time are worthwhile: one in a folder, several in a bucket."""
    return int(getattr(default_storage, "threads", 1))


def keep(name: str, content: Callable[[], bytes]) -> None:
    """Write bytes under a name that is made from them, unless they are there. Idempotent.

    Args:
        content: makes the bytes; it is not called if they are there.

    Raises:
        StorageDown: the storage is full, or has not answered for most of a minute.
    """
    if not _retried(lambda: default_storage.exists(name)):
        made = content()
        _retried(lambda: default_storage.save(name, ContentFile(made)))


def _retried(ask: Callable[[], T]) -> T:
    if is_page():
        return in_time(ask, "What the page shows", REPORT_SECONDS)
    for pause in PAUSES_SECONDS:
        try:
            return ask()
        except StorageDown as error:
            if not error.is_repeated:
                raise
        time.sleep(pause)
    return ask()


def files_in(folder: str) -> Iterator[str]:
    """The names of all stored files in a folder and those below; none if it does not exist."""
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in sorted(filter(None, files)):
        yield f"{folder}/{name}"
    for name in sorted(filter(None, folders)):
        yield from files_in(f"{folder}/{name}")
