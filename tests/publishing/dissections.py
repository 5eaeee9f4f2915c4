"""A small dissection, written file by file, and a study that it is in."""

import io
from dataclasses import replace

import numpy as np
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image as Pillow

from annotator.dissection_reader import load_dissection, serve_pictures
from annotator.models import Study
from dissect.format.manifest import (
    MANIFEST_FILE,
    ImageFacts,
    LayerFacts,
    LayerFiles,
    Manifest,
    NetworkFacts,
    SettingsFacts,
    encode_manifest,
)
from dissect.format.masks import encode_sheet
from dissect.format.picture_list import PICTURES_FILE, PictureRow, content_name, encode_pictures
from dissect.format.tables import LayerTable, RankedImages, encode_table

UNITS, IMAGES, TOP, LOW = 3, 60, 6, 12
COLLECTED = 2 * TOP  # ranks of a unit
SIDE = 16  # pixels of a mask
SYMMETRIC = 0  # place of a picture that equals its mirror image
PREFIX = "dissections/small"
FILES = LayerFiles.numbered(0)


def dissected_study(
    units=UNITS, low=LOW, random=30, condition="trained", dead=None, **design
) -> Study:
    """A study of one layer that is dissected and not yet published.

    Unit u has the images u, u + 1, ... as its top ranks and the last ones as low candidates.

    Args:
        low: candidates for catch images that each unit has.
        random: how many images are drawn whatever their scores.
        dead: units whose images have all one score; None: the dissection does not say.
    """
    design = {"name": "small", "key": "secret", "top_count": TOP, "catch_count": 2, **design}
    study = Study.objects.create(**design)
    manifest = Manifest(
        network=NetworkFacts(
            spec="small", name="small", weights_sha256="0", resize=32, crop=32, condition=condition
        ),
        images=ImageFacts(source="images", count=IMAGES, sha256="0"),
        settings=SettingsFacts(top=TOP, segment="quantile"),
        random_images=list(range(IMAGES - random, IMAGES)),
        layers=[LayerFacts(name="conv", unit_count=units, map_size=(4, 4), **FILES._asdict())],
    )
    _save(PICTURES_FILE, encode_pictures([_picture(place) for place in range(IMAGES)]))
    _save(FILES.table, encode_table(_table(units, low, dead)))
    for unit in range(units):
        regions = np.stack([region(unit, mask) for mask in range(COLLECTED)])
        _save(FILES.masks.format(unit=unit), encode_sheet(regions))
    _save(MANIFEST_FILE, encode_manifest(manifest))
    serve_pictures(PREFIX)
    load_dissection(study, PREFIX, "small")
    return study


def region(unit, mask):
    """(SIDE, SIDE) bool: a unit's region on one of its images; the fifth one is empty."""
    shape = np.zeros((SIDE, SIDE), dtype=bool)
    if mask != 4:
        shape[2 : 5 + unit + mask // 2, 1 : 4 + mask] = True
    return shape


def _save(name, content):
    path = f"{PREFIX}/{name}"
    if not default_storage.exists(path):
        default_storage.save(path, ContentFile(content))


def _picture(place):
    rng = np.random.default_rng(place)
    pixels = rng.integers(0, 256, (32, 32, 3), dtype=np.uint8)
    if place == SYMMETRIC:
        pixels[:] = 90
    file = io.BytesIO()
    Pillow.fromarray(pixels).save(file, "JPEG", quality=80 - place % 3)
    name = content_name(file.getvalue(), ".jpg")
    _save(f"pictures/{name}", file.getvalue())
    return PictureRow(place, f"{place}.png", tile=name, zoom=name)


def _table(units, low, dead=None):
    ranks = np.arange(COLLECTED)
    candidates = np.tile(np.arange(IMAGES - LOW, IMAGES), (units, 1))  # (units, candidates)
    candidates[:, low:] = -1
    top = RankedImages.empty(units, COLLECTED)
    return LayerTable(
        top=replace(
            top,
            score=np.tile(np.linspace(1, 0.5, COLLECTED), (units, 1)),
            image=np.arange(units)[:, None] + ranks,  # (units, ranks)
            y=top.y + 1,
            x=top.x + 2,
        ),
        low=replace(RankedImages.empty(units, LOW), image=candidates),
        coverage=np.array([[region(u, mask).mean() for mask in ranks] for u in range(units)]),
        maximum=np.ones(units),
        threshold=np.full(units, 0.5),
        saturated=np.zeros(units, dtype=bool),
        dead=None if dead is None else np.isin(np.arange(units), dead),
        firing_share=None if dead is None else np.where(np.isin(np.arange(units), dead), 0, 0.25),
        broad_share=None if dead is None else np.where(np.arange(units) == units - 1, 0.75, 0.1),
    )
