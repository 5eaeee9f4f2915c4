"""Checks a dissection that another program wrote, before any of it is imported."""

from collections.abc import Iterator

import numpy as np

from annotator.dissection_reader.dissection import Dissection, DissectionError
from dissect.format.manifest import PICTURE_FOLDER, LayerFacts
from dissect.format.picture_list import content_name
from dissect.format.tables import LayerTable

FINITE = ("score", "sum")  # of the ranked images
FINITE_OF_LAYER = ("coverage", "maximum", "threshold")
SHARES = ("firing_share", "broad_share")


def checked_files(dissection: Dissection) -> Iterator[tuple[str, bytes]]:
    """Read and check every file of a dissection but its manifest, by name, for an import.

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
