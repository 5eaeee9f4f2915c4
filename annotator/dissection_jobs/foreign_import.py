"""Takes a dissection that another framework, or another Unitscope, wrote into a study."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from annotator.dissection_jobs.fitting import bind_study, check_binding
from annotator.dissection_jobs.foreign import Facts, images_of, write_foreign
from annotator.dissection_reader import (
    DissectionError,
    SharedPictures,
    checked_files,
    load_dissection,
    open_folder,
)
from annotator.dissection_reader.foreign import ForeignDissection
from annotator.models import Network, Study
from dissect.dissection.writer import image_facts
from dissect.errors import DissectError
from dissect.format.manifest import (
    MANIFEST_FILE,
    PICTURE_FOLDER,
    ImageFacts,
    encode_manifest,
)
from dissect.images.preprocessing import Preprocessing
from dissect.receptive_fields.measure import StageProgress
from dissect.storage.store import Store, store_at

MOST_TOP = 60
COMPARED = {"top"}  # another program drew the regions of imported units


@dataclass(frozen=True)
class Asked:
    """What a user says of a dissection besides its files.

    Attributes:
        name: of the network; None is what the dissection says, or its file's name.
        images: the list that a table's images stand in; None is the table itself.
        top: images shown for each unit; None is the study's, or as many as there are, at most 60.
        resize, crop: what the network saw of an image, as Resize and CenterCrop cut it.
    """

    study: str
    name: str | None = None
    images: str | None = None
    top: int | None = None
    condition: str = "trained"
    resize: int = 224
    crop: int = 224


def import_table(found: ForeignDissection, asked: Asked, say: StageProgress) -> Network:
    """
    Raises:
        DissectionError, ValidationError: nothing of it is in the study.
    """
    if not 1 <= asked.crop <= asked.resize:
        raise DissectionError(
            f"--crop must be from 1 to --resize {asked.resize}, got {asked.crop}."
        )
    study, name = _study(asked.study), asked.name or found.path.stem
    top = _top(study, found, asked.top)
    facts = Facts(name, asked.condition, top, Preprocessing(asked.resize, asked.crop))
    try:
        images = images_of(found, asked.images)
        facts_of_images, wanted = image_facts(images), {"top": top, "segment": "imported"}
        check_binding(study, facts_of_images, wanted, COMPARED)
        return _taken(
            study, facts_of_images, wanted, name, f"imported:{name}", found.sha256,
            lambda store, shared: write_foreign(found, images, facts, store, shared, say), say,
        )  # fmt: skip
    except DissectError as error:
        raise DissectionError(str(error)) from error


def import_folder(folder: Path, asked: Asked, say: StageProgress) -> Network:
    """
    Raises:
        DissectionError, ValidationError: nothing of it is in the study.
    """
    found = open_folder(folder)
    files = dict(checked_files(found))
    manifest, study = found.manifest, _study(asked.study)
    network, largest_top = manifest.network, manifest.settings.top
    top = asked.top or largest_top
    if top > largest_top:
        raise DissectionError(
            f"{folder} has {largest_top} top images a unit: take --top {top} or less"
        )
    wanted = {"top": top, "segment": manifest.settings.segment}
    check_binding(study, manifest.images, wanted, COMPARED)

    def copy(store: Store, shared: SharedPictures) -> None:
        for done, (name, content) in enumerate(files.items(), start=1):
            (shared if name.startswith(f"{PICTURE_FOLDER}/") else store).put(name, content)
            say("copying files", done, len(files))
        copied = manifest.replaced(picture_folder=shared.path)
        store.put(MANIFEST_FILE, encode_manifest(copied))

    name = asked.name or network.name
    return _taken(
        study, manifest.images, wanted, name, network.spec, network.weights_sha256,
        copy, say,
    )  # fmt: skip


def _study(name: str) -> Study:
    """The study of a name; a new one is not saved before there is something in it."""
    study = Study.objects.filter(name=name).first()
    if study is None:
        study = Study(name=name)
        try:
            study.full_clean()
        except ValidationError as error:
            raise DissectionError(f"{name!r}: {' '.join(error.messages)}") from error
    return study


def _top(study: Study, found: ForeignDissection, asked: int | None) -> int:
    top = study.top_count if study.image_list_sha256 else min(MOST_TOP, found.rank_count)
    top = asked or top
    if top > found.rank_count:
        unit, rows = min(
            ((unit, rows) for units in found.layers.values() for unit, rows in units.items()),
            key=lambda one: len(one[1]),
        )
        raise DissectionError(
            f"Unit {unit} of {rows[0].layer} has {len(rows)} top images, fewer than the {top} that "
            f"HITs of this study show: list more, or take --top {len(rows)} in another study."
        )
    return top


def _taken(
    study: Study,
    images: ImageFacts,
    wanted: dict[str, Any],
    name: str,
    spec: str,
    sha256: str,
    write: Callable[[Store, SharedPictures], object],
    say: StageProgress,
) -> Network:
    """Write a dissection to the storage and make its rows; what is in the study already stays."""
    there = {network.name: network for network in study.networks.all()} if study.pk else {}
    if name in there:
        if (there[name].spec, there[name].weights_sha256) == (spec, sha256):
            return there[name]
        raise DissectionError(
            f"Study {study.name!r} has another network named {name!r}: give a --name."
        )
    place = f"{study.name}/imported-{sha256[:16]}-{len(there)}"
    prefix = f"dissections/{place}"
    write(store_at(f"{settings.DISSECTIONS_URL}/{place}"), SharedPictures(prefix))
    with transaction.atomic():
        study.save()
        bind_study(study, images, wanted, COMPARED)
        return load_dissection(study, prefix, name)
