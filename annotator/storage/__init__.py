"""Where dissections, pictures and sheets of masks are kept, behind Django's default storage.

A page asks once and says when there is no answer; a task or a command asks again for a while.

StorageDown: the storage does not answer, refuses or is full; its text is one sentence.
"""

import time
from collections.abc import Callable
from typing import TypeVar

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from annotator.storage.errors import StorageDown

__all__ = ["StorageDown", "keep", "read", "size"]

PAUSES_SECONDS = (0.5, 1, 2, 4, 8, 8, 8, 8, 8)  # less than a lease in all

T = TypeVar("T")


def read(name: str) -> bytes:
    """The bytes under a name.

    Raises:
        FileNotFoundError: there are none.
        StorageDown: the storage has not answered for most of a minute.
    """
    return _patiently(lambda: _read(name))


def _read(name: str) -> bytes:
    with default_storage.open(name) as file:
        content: bytes = file.read()
        return content


def size(name: str) -> int:
    """How many bytes are under a name; raises as `read` does."""
    return _patiently(lambda: default_storage.size(name))


def keep(name: str, content: Callable[[], bytes]) -> None:
    """Write bytes under a name that is made from them, unless they are there.

    Args:
        content: makes the bytes; not called where they are there.

    Raises:
        StorageDown: the storage is full, or has not answered for most of a minute.
    """
    if not _patiently(lambda: default_storage.exists(name)):
        made = content()
        _patiently(lambda: default_storage.save(name, ContentFile(made)))


def _patiently(ask: Callable[[], T]) -> T:
    for pause in PAUSES_SECONDS:
        try:
            return ask()
        except StorageDown as error:
            if not error.may_pass:
                raise
        time.sleep(pause)
    return ask()
