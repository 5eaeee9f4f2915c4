"""A dissection in the storage or in a folder, opened and read file by file."""

import posixpath
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from annotator import storage
from dissect.errors import BadDissection
from dissect.format.manifest import MANIFEST_FILE, LayerFacts, Manifest, decode_manifest
from dissect.format.masks import decode_sheet
from dissect.format.picture_list import PictureRow, decode_pictures
from dissect.format.tables import LayerTable, decode_table

Content = TypeVar("Content")


class DissectionError(Exception):
    """A dissection is missing, cannot be read, or does not fit the study."""


@dataclass(frozen=True)
class Dissection:
    """A dissection in the storage.

    Every method raises DissectionError where a file is missing or is not what docs/seam.md says.

    Attributes:
        prefix: its folder.
    """

    prefix: str
    manifest: Manifest

    def read(self, name: str) -> bytes:
        """The bytes of a file of the dissection."""
        try:
            return storage.read(f"{self.prefix}/{name}")
        except OSError as error:
            raise DissectionError(f"{name} of {self.prefix} cannot be read: {error}") from error

    def read_picture(self, name: str) -> bytes:
        """The bytes of a picture, wherever the dissection keeps its pictures."""
        try:
            return storage.read(f"{self.picture_folder}/{name}")
        except OSError as error:
            raise DissectionError(f"Picture {name} of {self.prefix}: {error}") from error

    @property
    def picture_folder(self) -> str:
        """The folder of its pictures in the storage."""
        return posixpath.normpath(f"{self.prefix}/{self.manifest.picture_folder}")

    def table(self, layer: LayerFacts) -> LayerTable:
        return self._decoded(layer.table, decode_table)

    def pictures(self) -> list[PictureRow]:
        return self._decoded(self.manifest.pictures, decode_pictures)

    def masks(self, layer: LayerFacts, unit: int) -> np.ndarray:
        """A unit's regions in rank order, then empty ones: (n, side, side) bool."""
        return self._decoded(layer.sheet(unit), decode_sheet)

    def _decoded(self, name: str, decode: Callable[[bytes], Content]) -> Content:
        try:
            return decode(self.read(name))
        except BadDissection as error:
            raise DissectionError(f"{name} of {self.prefix} cannot be used: {error}") from error


class FolderDissection(Dissection):
    """A dissection in a folder of this machine, which another program may have written."""

    def read(self, name: str) -> bytes:
        path = Path(self.prefix, name)
        if not path.resolve().is_relative_to(Path(self.prefix).resolve()):
            raise DissectionError(f"{name} is not inside {self.prefix}.")
        return _file_content(path)

    def read_picture(self, name: str) -> bytes:
        return _file_content(Path(self.prefix, self.manifest.picture_folder, name))


def _file_content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DissectionError(f"{path} cannot be read: {error.strerror}.") from error


def open_dissection(prefix: str) -> Dissection:
    """Open the dissection in a folder of the storage to read its files.

    Raises:
        DissectionError: there is none, it cannot be read, or its schema is another one.
    """
    return Dissection(prefix, _manifest(prefix, lambda: storage.read(f"{prefix}/{MANIFEST_FILE}")))


def open_folder(folder: Path) -> FolderDissection:
    """Open the dissection in a folder of this machine; raises as `open_dissection` does."""
    return FolderDissection(
        str(folder), _manifest(str(folder), (folder / MANIFEST_FILE).read_bytes)
    )


def _manifest(place: str, read: Callable[[], bytes]) -> Manifest:
    try:
        return decode_manifest(read())
    except FileNotFoundError as error:
        raise DissectionError(f"There is no finished dissection in {place}.") from error
    except OSError as error:
        raise DissectionError(f"The dissection in {place} cannot be read: {error}") from error
    except BadDissection as error:
        raise DissectionError(f"{place} {error}") from error
