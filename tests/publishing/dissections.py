"""A small dissection, written file by file as docs/seam.md says, and a study that it is in."""

import hashlib
import io
import json

import numpy as np
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image as Pillow

from annotator.dissection_reader import load_dissection, serve_pictures
from annotator.models import Study

UNITS, IMAGES, TOP, LOW = 3, 60, 6, 12
COLLECTED = 2 * TOP  # ranks of a unit
SIDE = 16  # pixels of a mask
SYMMETRIC = 0  # place of a picture that equals its mirror image
PREFIX = "dissections/small"


def dissected_study(units=UNITS, low=LOW, random=30, condition="trained", **design) -> Study:
    """A study of one layer that is dissected and not yet published.

    Unit u has the images u, u + 1, ... as its top ranks and the last ones as low candidates.

    Args:
        low: candidates for catch images that each unit has.
        random: how many images are drawn whatever their scores.
    """
    design = {"name": "small", "key": "secret", "top_count": TOP, "catch_count": 2, **design}
    study = Study.objects.create(**design)
    layer = {"name": "conv", "unit_count": units, "map_size": [4, 4]}
    layer |= {"table": "layers/0.npz", "masks": "masks/0/{unit}.png"}
    manifest = {
        "format": "unitscope-dissection",
        "schema_version": 1,
        "network": {"spec": "small", "weights_sha256": "0", "condition": condition},
        "pictures": "pictures.json",
        "random_images": list(range(IMAGES - random, IMAGES)),
        "layers": [layer],
    }
    _save("pictures.json", json.dumps([_picture(place) for place in range(IMAGES)]).encode())
    _save("layers/0.npz", _table(units, low))
    for unit in range(units):
        _save(f"masks/0/{unit}.png", _masks(unit))
    _save("manifest.json", json.dumps(manifest).encode())
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
    name = f"{hashlib.sha256(file.getvalue()).hexdigest()}.jpg"
    _save(f"pictures/{name}", file.getvalue())
    return {"place": place, "path": f"{place}.png", "tile": name, "zoom": name}


def _table(units, low):
    ranks = np.arange(COLLECTED)
    image = np.arange(units)[:, None] + ranks  # (units, ranks)
    candidates = np.tile(np.arange(IMAGES - LOW, IMAGES), (units, 1))  # (units, candidates)
    candidates[:, low:] = -1
    cells = np.zeros((units, COLLECTED), dtype=np.int32)
    low_cells = np.zeros((units, LOW), dtype=np.int32)
    coverage = [[region(unit, mask).mean() for mask in ranks] for unit in range(units)]
    arrays = {
        "score": np.tile(np.linspace(1, 0.5, COLLECTED, dtype=np.float32), (units, 1)),
        "image": image,
        "y": cells + 1,
        "x": cells + 2,
        "coverage": np.array(coverage, dtype=np.float32),
        "low_score": np.zeros((units, LOW), dtype=np.float32),
        "low_image": candidates,
        "low_y": low_cells,
        "low_x": low_cells,
        "maximum": np.ones(units, dtype=np.float32),
        "threshold": np.full(units, 0.5, dtype=np.float32),
        "saturated": np.zeros(units, dtype=bool),
    }
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def _masks(unit):
    cells = np.zeros((20, SIDE, SIDE), dtype=bool)  # two rows of ten
    cells[:COLLECTED] = [region(unit, mask) for mask in range(COLLECTED)]
    sheet = cells.reshape(2, 10, SIDE, SIDE).swapaxes(1, 2).reshape(2 * SIDE, 10 * SIDE)
    file = io.BytesIO()
    Pillow.fromarray(sheet).save(file, "PNG", bits=1)
    return file.getvalue()
