"""Where a dissection is kept: named bytes, each written whole or not at all."""

import os
import tempfile
from pathlib import Path
from typing import Protocol

from dissect.errors import BadDissection, BadSetting


class Store(Protocol):
    """Named bytes. Names have forward slashes."""

    def put(self, name: str, content: bytes) -> None:
        """Write bytes under a name; a reader sees all of them or the ones before."""

    def get(self, name: str) -> bytes:
        """The bytes under a name.

        Raises:
            BadDissection: there are none.
        """

    def has(self, name: str) -> bool:
        """Whether there are bytes under a name."""

    def remove(self, name: str) -> None:
        """Forget the bytes under a name, if there are any."""


class Folder:
    """A folder on this machine; files are renamed into place."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __str__(self) -> str:
        return str(self.path)

    def put(self, name: str, content: bytes) -> None:
        target = self.path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, partial = tempfile.mkstemp(dir=target.parent, prefix=".partial-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            os.chmod(partial, 0o644)
            os.replace(partial, target)
        except BaseException:
            Path(partial).unlink(missing_ok=True)
            raise

    def get(self, name: str) -> bytes:
        try:
            return (self.path / name).read_bytes()
        except OSError as error:
            raise BadDissection(f"{self.path / name} cannot be read: {error.strerror}.") from error

    def has(self, name: str) -> bool:
        return (self.path / name).is_file()

    def remove(self, name: str) -> None:
        (self.path / name).unlink(missing_ok=True)


def store_at(place: str) -> Store:
    """The store that a path names."""
    if "://" in place and not place.startswith("file://"):
        raise BadSetting(f"Dissections are kept in folders; {place!r} is not one.")
    return Folder(Path(place.removeprefix("file://")))
