"""Stores of named bytes, each written completely or not at all: a folder, or a bucket in S3.

In a folder a file is renamed into place; in S3 a PUT is atomic (dissect/storage/s3.py).
"""

from pathlib import Path, PurePosixPath
from typing import Protocol

from dissect.errors import BadDissection, BadSetting, StoreError
from dissect.format.atomic_file import may_pass, write_atomically
from dissect.storage.s3 import Bucket, is_s3


class Store(Protocol):
    """Named bytes. Names have forward slashes. Thread-safe. Any method may raise StoreError.

    Attributes:
        threads: how many writes at the same time are worthwhile.
    """

    threads: int

    def put(self, name: str, content: bytes) -> None:
        """Write bytes under a name; readers see all of them or the former ones.

        Raises:
            StoreError: the store is full or does not answer; nothing has changed.
        """

    def get(self, name: str) -> bytes:
        """The bytes under a name.

        Raises:
            BadDissection: there are none.
        """

    def has(self, name: str) -> bool:
        """Whether there are bytes under a name."""

    def remove(self, name: str) -> None:
        """Remove the bytes under a name, if there are any. Idempotent."""


class Folder:
    """A folder on this machine; files are renamed into place."""

    threads = 1

    def __init__(self, path: Path) -> None:
        self.path = path

    def __str__(self) -> str:
        return str(self.path)

    def put(self, name: str, content: bytes) -> None:
        target = self._inside(name)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(target, [content])
        except OSError as error:
            raise StoreError(
                f"{target} cannot be written: {error.strerror}. What is stored stays: mend that, "
                "ask again, and the work goes on from there.",
                may_pass=may_pass(error),
            ) from error

    def get(self, name: str) -> bytes:
        try:
            return self._inside(name).read_bytes()
        except OSError as error:
            sentence = f"{self.path / name} cannot be read: {error.strerror}."
            if isinstance(error, FileNotFoundError) or not may_pass(error):
                raise BadDissection(sentence) from error
            raise StoreError(sentence, may_pass=True) from error

    def has(self, name: str) -> bool:
        return self._inside(name).is_file()

    def remove(self, name: str) -> None:
        self._inside(name).unlink(missing_ok=True)

    def _inside(self, name: str) -> Path:
        """The path of a name, which may contain the path of an image and so anything."""
        parts = PurePosixPath(name)
        if parts.is_absolute() or ".." in parts.parts:
            raise BadSetting(f"{name!r} would be written outside {self.path}.")
        return self.path / parts


def store_at(place: str) -> Store:
    """Open the store to write to: a folder, or the bucket of an s3:// URL.

    Raises:
        BadSetting: it is neither.
        StoreError: S3 cannot be used here.
    """
    if is_s3(place):
        return Bucket(place)
    if "://" in place and not place.startswith("file://"):
        raise BadSetting(f"Dissections are kept in folders or s3://BUCKET/PREFIX, not {place!r}.")
    return Folder(Path(place.removeprefix("file://")))
