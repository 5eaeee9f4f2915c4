"""A dissection in the storage or in a folder, opened, read and checked file by file.

One that another program wrote is checked before any of it is imported.
"""

import posixpath
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from annotator import storage
from dissect.errors import BadDissection
from dissect.format.manifest import (
    MANIFEST_FILE,
    PICTURE_FOLDER,
    LayerFacts,
    Manifest,
    decode_manifest,
)
from dissect.format.masks import decode_sheet
from dissect.format.picture_list import PictureRow, content_name, decode_pictures
from dissect.format.tables import LayerTable, decode_table

Content = TypeVar("Content")
FINITE = ("score", "sum")  # of the ranked images
FINITE_OF_LAYER = ("coverage", "maximum", "threshold")
SHARES = ("firing_share", "broad_share")


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


def checked_files(dissection: Dissection) -> Iterator[tuple[str, bytes]]:
    """Read and check every file of a dissection but its manifest, by name.

    Pictures are named pictures/NAME, wherever the dissection keeps them.

    Raises:
        DissectionError: a file is missing, or is not what docs/seam.md says.
    """
    manifest = dissection.manifest
    yield manifest.pictures, dissection.read(manifest.pictures)
    places = set()
    for row in dissection.pictures():
        places.add(row.place)
        for name in {row.tile, row.zoom}:
            yield f"{PICTURE_FOLDER}/{name}", _checked_picture(dissection, name)
    for layer in manifest.layers:
        table = dissection.table(layer)
        _check_table(dissection, layer, table, places)
        yield layer.table, dissection.read(layer.table)
        for unit in layer.unit_numbers:
            masks = len(dissection.masks(layer, unit))
            if masks < table.rank_count:
                raise DissectionError(
                    f"{layer.sheet(unit)} of {dissection.prefix} has {masks} masks, fewer than "
                    f"{table.rank_count} ranks."
                )
            yield layer.sheet(unit), dissection.read(layer.sheet(unit))


def _checked_picture(dissection: Dissection, name: str) -> bytes:
    content = dissection.read_picture(name)
    if content_name(content, ".jpg") != name:
        raise DissectionError(
            f"Picture {name} of {dissection.prefix} has another SHA-256 than its name says."
        )
    return content


def _check_table(
    dissection: Dissection, layer: LayerFacts, table: LayerTable, places: set[int]
) -> None:
    """Check what a table says against its manifest and the list of pictures."""
    name, top = f"{layer.table} of {dissection.prefix}", dissection.manifest.settings.top
    if len(table.maximum) != layer.unit_count:
        raise DissectionError(f"{name} has {len(table.maximum)} units, not {layer.unit_count}.")
    if table.rank_count < top:
        raise DissectionError(f"{name} has {table.rank_count} ranks, fewer than the top {top}.")
    arrays = {array: getattr(table.top, array) for array in FINITE}
    arrays |= {array: getattr(table, array) for array in FINITE_OF_LAYER}
    for array, values in arrays.items():
        if not np.isfinite(values).all():
            raise DissectionError(f"Array {array} in {name} is not all finite.")
    for array in SHARES:
        shares = getattr(table, array)
        if shares is not None and not ((shares >= 0) & (shares <= 1)).all():
            raise DissectionError(f"Array {array} in {name} is not all from 0 to 1.")
    units = list(layer.unit_numbers)
    shown = np.r_[table.top.image[units].ravel(), table.low.image[units].ravel()]
    if unknown := set(shown.tolist()) - places - {-1}:
        raise DissectionError(f"{name} shows image {min(unknown)}, without a picture.")
