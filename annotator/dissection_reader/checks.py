"""Whether a dissection that somebody else wrote is whole, before any of it is taken in."""

import hashlib
import io
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
from PIL import Image as Pillow

from annotator.dissection_reader.manifest import SHEET_COLUMNS, Dissection, DissectionError

PICTURE = re.compile(r"[0-9a-f]{64}\.jpg")
NEEDED = {
    "network": ("spec", "name", "weights_sha256", "resize", "crop"),
    "images": ("source", "count", "sha256", "skipped"),
    "settings": ("top", "segment"),
}
ARRAYS = ("score", "sum", "image", "y", "x")
OF_UNIT = ("maximum", "threshold", "saturated")


def checked_files(found: Dissection) -> Iterator[tuple[str, bytes]]:
    """Every file of a dissection but its manifest, by name, each checked.

    Raises:
        DissectionError: one is missing, or is not what docs/seam.md says.
    """
    _check_manifest(found)
    yield found.manifest["pictures"], found.read(found.manifest["pictures"])
    places = set()
    for picture in _keyed(found, "pictures.json", found.pictures()):
        places.add(picture["place"])
        for name in {picture["tile"], picture["zoom"]}:
            yield f"pictures/{name}", _picture(found, name)
    for layer in found.manifest["layers"]:
        yield layer["table"], found.read(layer["table"])
        ranks = _check_table(found, layer, places)
        for unit in layer.get("units") or range(layer["unit_count"]):
            name = layer["masks"].format(unit=unit)
            yield name, _sheet(found, name, ranks)


def _check_manifest(found: Dissection) -> None:
    manifest = found.manifest
    missing = [
        f"{part}.{key}"
        for part, keys in NEEDED.items()
        for key in keys
        if not isinstance(manifest.get(part), dict) or key not in manifest[part]
    ]
    missing += [key for key in ("pictures", "layers") if not manifest.get(key)]
    for layer in manifest.get("layers") or []:
        keys = ("name", "unit_count", "map_size", "table", "masks")
        missing += [f"layers.{key}" for key in keys if key not in layer]
    if missing:
        raise DissectionError(f"The manifest of {found.prefix} has no {missing[0]}.")


def _keyed(found: Dissection, name: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for row in rows:
        if missing := {"place", "path", "tile", "zoom"} - row.keys():
            raise DissectionError(f"{name} of {found.prefix} has a row without {min(missing)}.")
    return rows


def _picture(found: Dissection, name: str) -> bytes:
    if not PICTURE.fullmatch(name):
        raise DissectionError(f"A picture of {found.prefix} is named {name!r}, not by its SHA-256.")
    content = found.read(f"pictures/{name}")
    if hashlib.sha256(content).hexdigest() != name.removesuffix(".jpg"):
        raise DissectionError(
            f"The bytes of picture {name} of {found.prefix} are others than it says."
        )
    return content


def _check_table(found: Dissection, layer: dict[str, Any], places: set[int]) -> int:
    """The number of ranks that a layer's units have."""
    name, units = layer["table"], layer["unit_count"]
    try:
        table = found.table(layer)
    except (ValueError, OSError, EOFError) as error:
        raise DissectionError(f"{name} of {found.prefix} cannot be read: {error}") from error
    wanted = [*ARRAYS, "coverage", *OF_UNIT, *(f"low_{array}" for array in ARRAYS)]
    if missing := [array for array in wanted if array not in table]:
        raise DissectionError(f"{name} of {found.prefix} has no array {missing[0]}.")
    ranks = table["image"].shape[-1]
    for array in (*ARRAYS, "coverage"):
        _check_shape(found, name, array, table[array], (units, ranks))
    for array in OF_UNIT:
        _check_shape(found, name, array, table[array], (units,))
    if ranks < found.manifest["settings"]["top"]:
        top = found.manifest["settings"]["top"]
        raise DissectionError(
            f"{name} of {found.prefix} has {ranks} ranks, fewer than the top {top}."
        )
    numbers = list(layer.get("units") or range(units))
    shown = np.r_[table["image"][numbers].ravel(), table["low_image"][numbers].ravel()]
    if strange := set(shown.tolist()) - places - {-1}:
        raise DissectionError(
            f"{name} of {found.prefix} shows image {min(strange)}, without a picture."
        )
    return ranks


def _check_shape(
    found: Dissection, name: str, array: str, values: np.ndarray, shape: tuple[int, ...]
) -> None:
    if values.shape != shape:
        raise DissectionError(
            f"Array {array} in {name} of {found.prefix} is {values.shape}, not {shape}."
        )
    if not np.isfinite(values.astype(np.float64)).all():
        raise DissectionError(f"Array {array} in {name} of {found.prefix} is not all finite.")


def _sheet(found: Dissection, name: str, ranks: int) -> bytes:
    content = found.read(name)
    try:
        sheet = Pillow.open(io.BytesIO(content))
        side = sheet.width // SHEET_COLUMNS
        cells = SHEET_COLUMNS * (sheet.height // side)
    except (OSError, ValueError, ZeroDivisionError, Pillow.DecompressionBombError) as error:
        raise DissectionError(f"{name} of {found.prefix} is no sheet of masks: {error}.") from error
    if cells < ranks:
        raise DissectionError(
            f"{name} of {found.prefix} has {cells} masks, fewer than {ranks} ranks."
        )
    return content
