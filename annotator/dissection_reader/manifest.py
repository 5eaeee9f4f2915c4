"""A dissection's files (docs/seam.md), whoever wrote them."""

import io
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image as Pillow

from annotator import storage

FORMAT, SCHEMA_VERSION = "unitscope-dissection", 1
SHEET_COLUMNS = 10  # of a unit's sheet of masks
THREADS = 8  # copying pictures: each waits for the storage


class DissectionError(Exception):
    """A dissection cannot be read, or does not fit the study."""


@dataclass(frozen=True)
class Dissection:
    """A dissection in storage; `prefix` is its folder there."""

    prefix: str
    manifest: dict[str, Any]

    def read(self, name: str) -> bytes:
        try:
            return storage.read(f"{self.prefix}/{name}")
        except OSError as error:
            raise DissectionError(f"{name} of {self.prefix} cannot be read: {error}") from error

    def table(self, layer: dict[str, Any]) -> dict[str, np.ndarray]:
        """A layer's arrays by name; see docs/seam.md for their shapes."""
        with np.load(io.BytesIO(self.read(layer["table"])), allow_pickle=False) as arrays:
            return dict(arrays)

    def pictures(self) -> list[dict[str, Any]]:
        return json.loads(self.read(self.manifest["pictures"]))

    def masks(self, layer: dict[str, Any], unit: int) -> np.ndarray:
        """A unit's regions in rank order: (images, side, side) bool."""
        sheet = np.asarray(Pillow.open(io.BytesIO(self.read(layer["masks"].format(unit=unit)))))
        side = sheet.shape[1] // SHEET_COLUMNS
        rows = sheet.shape[0] // side
        cells = sheet.reshape(rows, side, SHEET_COLUMNS, side).swapaxes(1, 2)
        return cells.reshape(-1, side, side).astype(bool)


def open_dissection(prefix: str) -> Dissection:
    """The dissection in a folder of the storage.

    Raises:
        DissectionError: there is none, it cannot be read, or it is of a newer schema.
    """
    return Dissection(prefix, _manifest(prefix, lambda: storage.read(f"{prefix}/manifest.json")))


class FolderDissection(Dissection):
    """A dissection in a folder of this machine, which somebody else wrote."""

    def read(self, name: str) -> bytes:
        path = Path(self.prefix, name)
        if not path.resolve().is_relative_to(Path(self.prefix).resolve()):
            raise DissectionError(f"{name} is not inside {self.prefix}.")
        try:
            return path.read_bytes()
        except OSError as error:
            raise DissectionError(f"{path} cannot be read: {error.strerror}.") from error


def open_folder(folder: Path) -> FolderDissection:
    """The dissection in a folder of this machine; raises as `open_dissection` does."""
    read = (folder / "manifest.json").read_bytes
    return FolderDissection(str(folder), _manifest(str(folder), read))


def _manifest(place: str, read: Callable[[], bytes]) -> dict[str, Any]:
    try:
        manifest = json.loads(read())
    except FileNotFoundError as error:
        raise DissectionError(f"There is no finished dissection in {place}.") from error
    except (OSError, ValueError) as error:
        raise DissectionError(f"The dissection in {place} cannot be read: {error}") from error
    version = manifest.get("schema_version") if isinstance(manifest, dict) else None
    if version != SCHEMA_VERSION or manifest.get("format") != FORMAT:
        raise DissectionError(
            f"{place} has schema version {version}; this Unitscope reads version {SCHEMA_VERSION}."
        )
    return manifest


def serve_pictures(prefix: str, progress: Callable[[int, int], None] | None = None) -> None:
    """Copy a dissection's pictures to where the web serves them; those that are there are left.

    Args:
        progress: told how many of how many are done.

    Raises:
        DissectionError: the storage does not answer, or is full.
    """
    dissection = open_dissection(prefix)
    names = {picture[size] for picture in dissection.pictures() for size in ("tile", "zoom")}

    def serve(name: str) -> None:
        path = f"pictures/{name}"
        storage.keep(path, lambda: dissection.read(path))

    with ThreadPoolExecutor(THREADS, thread_name_prefix="pictures") as pool:
        try:
            for done, _ in enumerate(pool.map(serve, sorted(names)), start=1):
                if progress:
                    progress(done, len(names))
        except storage.StorageDown as error:
            raise DissectionError(str(error)) from error
        finally:
            pool.shutdown(cancel_futures=True)
