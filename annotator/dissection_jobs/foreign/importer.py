"""Takes a dissection of another program into a study: a table of top images, or a whole folder.

Near copies among its pictures are counted on the way.
"""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.db import transaction
from numpy.typing import NDArray
from PIL import Image as Pillow

from annotator.dissection_jobs.foreign.neuronpedia import read_model
from annotator.dissection_jobs.foreign.writer import TableFacts, image_list_of, write_table
from annotator.dissection_jobs.progress import StageProgress
from annotator.dissection_reader import (
    DissectionError,
    SharedPictures,
    checked_files,
    load_dissection,
    open_folder,
)
from annotator.dissection_reader.study_binding import bind_study, check_binding
from annotator.imports import ImportRefused, TopImageTable, study_named
from annotator.job_requests import ImportRequest
from annotator.models import Network, Study
from dissect.dissection.manifest_facts import image_facts
from dissect.errors import DissectError
from dissect.format.manifest import (
    MANIFEST_FILE,
    PICTURE_FOLDER,
    ImageFacts,
    Manifest,
    encode_manifest,
)
from dissect.format.picture_list import decode_pictures
from dissect.format.tables import decode_table
from dissect.images.image_list import find_images
from dissect.images.preprocessing import Preprocessing
from dissect.render.near_copies import grey_of, near_copies
from dissect.storage.store import Store, store_at

MAX_TOP = 60  # images shown for each unit, unless --top or the study says otherwise
COMPARED = {"top"}  # the settings that must agree: another program drew the regions


def _with_near_copies(manifest: Manifest, files: Mapping[str, bytes]) -> Manifest:
    """Find the near copies in layers whose manifest does not say whether there are any.

    Args:
        files: the dissection's files by name, its pictures as pictures/NAME.
    """
    top = manifest.settings.top
    shown = {
        layer.name: decode_table(files[layer.table]).top.image[:, :top]
        for layer in manifest.layers
        if "near_copies" not in layer.model_fields_set
    }
    places = {place for images in shown.values() for place in images.ravel().tolist()}
    greys = {
        row.place: _grey(files[f"{PICTURE_FOLDER}/{row.zoom}"])
        for row in decode_pictures(files[manifest.pictures])
        if row.place in places
    }
    layers = [
        layer.replaced(near_copies=near_copies(shown[layer.name], greys))
        if layer.name in shown
        else layer
        for layer in manifest.layers
    ]
    return manifest.replaced(layers=layers)


def _grey(picture: bytes) -> NDArray[np.uint8]:
    with Pillow.open(io.BytesIO(picture)) as image:
        return grey_of(image)


def import_table(table: TopImageTable, request: ImportRequest, progress: StageProgress) -> Network:
    """Import a foreign table of top images: write a dissection, make its rows. Idempotent.

    Raises:
        ImportRefused, DissectionError, StudyMismatch: the study is as it was.
    """
    study, name = study_named(request.study), request.name or table.path.stem
    top = _top(study, table, request.top)
    view = Preprocessing(request.resize, request.crop)
    facts = TableFacts(name, request.condition, top, view)
    try:
        images = image_list_of(table, request.images)
        dissection = Foreign(
            name=name,
            spec=f"imported:{name}",
            weights_sha256=table.sha256,
            images=image_facts(images),
            settings={"top": top, "segment": "imported"},
            write=lambda store, shared: write_table(table, images, facts, store, shared, progress),
        )
        return _import(study, dissection, progress)
    except DissectError as error:
        raise DissectionError(str(error)) from error


def import_model(folder: Path, request: ImportRequest, progress: StageProgress) -> Network:
    """Import a foreign model: batches of features and activations that another program wrote.

    Idempotent. Their images have to be named by a list; without masks they are shown whole.

    Raises:
        ImportRefused, DissectionError, StudyMismatch: the study is as it was.
    """
    if request.images is None:
        raise ImportRefused(f"{folder} has no pictures: name the list of its images by --images.")
    try:
        table = read_model(folder, find_images(request.images))
    except DissectError as error:
        raise DissectionError(str(error)) from error
    return import_table(table, request, progress)


def import_folder(folder: Path, request: ImportRequest, progress: StageProgress) -> Network:
    """Import a foreign dissection: copy its folder and make its rows. Idempotent.

    Raises:
        ImportRefused, DissectionError, StudyMismatch: the study is as it was.
    """
    source = open_folder(folder)
    files = dict(checked_files(source))
    manifest = source.manifest
    network, largest_top = manifest.network, manifest.settings.top
    top = request.top or largest_top
    if top > largest_top:
        raise DissectionError(
            f"{folder} has {largest_top} top images a unit: take --top {largest_top} or less."
        )

    def copy(store: Store, shared: SharedPictures) -> None:
        for done, (name, content) in enumerate(files.items(), start=1):
            (shared if name.startswith(f"{PICTURE_FOLDER}/") else store).put(name, content)
            progress("copying files", done, len(files))
        copied = _with_near_copies(manifest, files).replaced(picture_folder=shared.folder)
        store.put(MANIFEST_FILE, encode_manifest(copied))

    dissection = Foreign(
        name=request.name or network.name,
        spec=network.spec,
        weights_sha256=network.weights_sha256,
        images=manifest.images,
        settings={"top": top, "segment": manifest.settings.segment},
        write=copy,
    )
    return _import(study_named(request.study), dissection, progress)


@dataclass(frozen=True)
class Foreign:
    """A dissection of another program.

    Attributes:
        images, settings: what its study must be bound to.
        write: writes its files to a store and its pictures where they are shared, the manifest
            last.
    """

    name: str
    spec: str
    weights_sha256: str
    images: ImageFacts
    settings: Mapping[str, Any]
    write: Callable[[Store, SharedPictures], object]


def _top(study: Study, table: TopImageTable, wanted: int | None) -> int:
    """Images to show for each unit: as wanted, or as the study, or as many as every unit has."""
    default = study.top_count if study.image_list_sha256 else min(MAX_TOP, table.rank_count)
    top = wanted or default
    if top > table.rank_count:
        units = [rows for units in table.layers.values() for rows in units.values()]
        shortest = min(units, key=len)
        raise DissectionError(
            f"Unit {shortest[0].unit} of {shortest[0].layer} has {len(shortest)} top images, fewer "
            f"than the {top} that HITs of this study show: list more, or take --top "
            f"{len(shortest)} in another study."
        )
    return top


def _import(study: Study, dissection: Foreign, progress: StageProgress) -> Network:
    """Write a dissection to the storage and make its rows, unless the study has it already."""
    check_binding(study, dissection.images, dissection.settings, COMPARED)
    networks = {network.name: network for network in study.networks.all()} if study.pk else {}
    if (existing := networks.get(dissection.name)) is not None:
        same = (dissection.spec, dissection.weights_sha256)
        if (existing.spec, existing.weights_sha256) == same:
            return existing
        raise DissectionError(
            f"Study {study.name!r} has another network named {dissection.name!r}: give a --name."
        )
    place = f"{study.name}/imported-{dissection.weights_sha256[:16]}-{len(networks)}"
    prefix = f"dissections/{place}"
    dissection.write(store_at(f"{settings.DISSECTIONS_URL}/{place}"), SharedPictures(prefix))
    with transaction.atomic():
        if study.pk is None:
            study.save()
        bind_study(study, dissection.images, dissection.settings, COMPARED)
        return load_dissection(study, prefix, dissection.name)
