"""Binds a study to the images and settings of its first dissection, and checks later ones.

A dissection that another program wrote is checked before any of it is imported.
"""

import os
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import numpy as np

from annotator.dissection_reader.dissection import Dissection, DissectionError
from annotator.models import Study
from dissect.format.manifest import PICTURE_FOLDER, ImageFacts, LayerFacts
from dissect.format.picture_list import content_name
from dissect.format.tables import LayerTable

FINITE = ("score", "sum")  # of the ranked images
FINITE_OF_LAYER = ("coverage", "maximum", "threshold")
SHARES = ("firing_share", "broad_share")


class StudyMismatch(Exception):
    """A dissection does not fit the study."""


def bind_study(
    study: Study,
    images: ImageFacts,
    settings: Mapping[str, Any],
    compared: Collection[str] | None = None,
) -> None:
    """Bind a study to the images and settings of its first dissection; check later ones.

    Thread-safe: of two first dissections, one binds the study and the other is checked.

    Args:
        images: facts of the image list, as a manifest has them.
        settings: options that are the same for every network of a study, such as `top`.
        compared: the settings that must agree; None is all of them.

    Raises:
        StudyMismatch: the study is bound to other images or settings.
    """
    unbound = Study.objects.filter(pk=study.pk, image_list_sha256="")
    unbound.update(
        image_source=_absolute(images.source),
        image_count=images.count,
        image_list_sha256=images.sha256,
        dissect_settings=settings,
        top_count=settings["top"],
    )
    study.refresh_from_db()
    check_binding(study, images, settings, compared)


def _absolute(source: str) -> str:
    """A path of this machine as every process finds it; an address, or a path elsewhere, as is."""
    return os.path.abspath(source) if os.path.exists(source) else source


def check_binding(
    study: Study,
    images: ImageFacts,
    settings: Mapping[str, Any],
    compared: Collection[str] | None = None,
) -> None:
    """Check a dissection against the images and settings to which its study is bound, if to any.

    A study that is not bound takes any.

    Raises:
        StudyMismatch: the study is bound to other images or settings.
    """
    if not study.image_list_sha256:
        return
    if study.image_list_sha256 != images.sha256:
        raise StudyMismatch(
            f"Study {study.name!r} is over {study.image_count} images from {study.image_source}; "
            f"{images.source} has {images.count} and is another list. Networks are compared "
            "on the same images only: name the study's images (--images), or take another study."
        )
    bound, new = (
        {name: value for name, value in values.items() if compared is None or name in compared}
        for values in (study.dissect_settings, settings)
    )
    if bound != new:
        raise StudyMismatch(
            f"Study {study.name!r} has the settings {_as_options(bound)}, not {_as_options(new)}: "
            "take the same settings, or another study."
        )


def _as_options(values: Mapping[str, Any]) -> str:
    return " ".join(f"--{name} {value}" for name, value in values.items())


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
