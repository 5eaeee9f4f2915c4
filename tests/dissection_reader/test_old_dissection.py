"""A dissection of schema version 1 as it was written before it had a writer of its own.

Its files are made here by hand, so that no change of the writer can change what has to be read.
"""

import hashlib
import io
import json

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image as Pillow

from annotator.dissection_reader import (
    DissectionError,
    checked_files,
    load_dissection,
    open_dissection,
    open_folder,
    random_images,
    serve_pictures,
)
from annotator.models import Exemplar, Network, Study

pytestmark = pytest.mark.django_db

MANIFEST = """
{"format": "unitscope-dissection", "schema_version": 1, "created_by": "unitscope 0.1.0",
 "network": {"spec": "tiny", "name": "tiny", "weights": "package", "weights_sha256": "77",
             "input_size": [3, 8, 8], "resize": 8, "crop": 8, "condition": "untrained",
             "origin": {"seed": 1}, "directions": null},
 "images": {"source": "photos", "count": 4, "sha256": "55",
            "skipped": [{"image": "d.jpg", "reason": "torn"}]},
 "settings": {"top": 2, "segment": "upsample", "by": "max", "field": null, "collected": 2,
              "quantile": 0.995, "tile_px": 224, "zoom_px": 448, "mask_px": 8},
 "fingerprint": {"block": 32}, "pictures": "pictures.json", "random_images": [2, 0],
 "layers": [{"name": "conv", "type": "Conv2d", "unit_count": 1, "map_size": [4, 5],
             "table": "layers/0.npz", "masks": "masks/0/{unit}.png", "field": null}]}
"""


# The segmentation has another name today.
AS_READ = json.loads(MANIFEST)
AS_READ["settings"]["segment"] = "quantile"


@pytest.fixture
def files():
    """The files by name; three images, each with a picture of its own."""
    pictures = {f"{hashlib.sha256(data).hexdigest()}.jpg": data for data in map(jpeg, range(3))}
    rows = [
        {"place": place, "path": f"{'abc'[place]}.jpg", "tile": name, "zoom": name}
        for place, name in enumerate(pictures)
    ]
    table = io.BytesIO()
    np.savez_compressed(
        table,
        score=np.array([[3.5, 1.25]], "f4"), sum=np.array([[9, 8]], "f4"),
        image=np.array([[1, 2]]), y=np.array([[3, 0]], "i4"), x=np.array([[4, 1]], "i4"),
        low_score=np.array([[0]], "f4"), low_sum=np.array([[0]], "f4"), low_image=np.array([[0]]),
        low_y=np.array([[0]], "i4"), low_x=np.array([[0]], "i4"),
        coverage=np.array([[0.5, 0.125]], "f4"), maximum=np.array([3.5], "f4"),
        threshold=np.array([1.0], "f4"), saturated=np.array([False]),
    )  # fmt: skip
    return {
        "manifest.json": MANIFEST.encode(),
        "pictures.json": json.dumps(rows).encode(),
        "layers/0.npz": table.getvalue(),
        "masks/0/0.png": sheet(),
        **{f"pictures/{name}": data for name, data in pictures.items()},
    }


def jpeg(shade):
    file = io.BytesIO()
    Pillow.new("RGB", (8, 8), (shade * 80, 40, 40)).save(file, "JPEG")
    return file.getvalue()


def sheet():
    cells = np.zeros((8, 80), dtype=bool)
    cells[:, :4] = True
    cells[0, 8:16] = True
    file = io.BytesIO()
    Pillow.fromarray(cells).save(file, "PNG", bits=1)
    return file.getvalue()


@pytest.fixture
def stored(files, tmp_path, settings):
    """The prefix of the dissection in an empty storage."""
    place = {"BACKEND": "annotator.storage.folder.Folder", "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "default": place}
    for name, content in files.items():
        default_storage.save(f"dissections/s/7/{name}", ContentFile(content))
    return "dissections/s/7"


def test_it_is_read_file_by_file(stored):
    dissection = open_dissection(stored)

    layer = dissection.manifest.layer("conv")
    table, masks = dissection.table(layer), dissection.masks(layer, 0)
    assert dissection.manifest.as_json() == AS_READ
    assert [row.path for row in dissection.pictures()] == ["a.jpg", "b.jpg", "c.jpg"]
    assert table.top.image.tolist() == [[1, 2]]
    assert table.top.score.tolist() == [[3.5, 1.25]]
    assert table.low.image.tolist() == [[0]]
    assert masks.shape == (10, 8, 8)
    assert masks.mean(axis=(1, 2)).tolist() == [0.5, 0.125, *[0] * 8]


def test_it_becomes_rows_and_its_pictures_are_shown(stored, tmp_path, files):
    study = Study.objects.create(name="s", top_count=2)

    serve_pictures(stored)
    serve_pictures(stored)
    network = load_dissection(study, stored, "tiny")

    shown = {
        f"pictures/{path.name}": path.read_bytes() for path in (tmp_path / "pictures").iterdir()
    }
    assert shown == {name: data for name, data in files.items() if name.startswith("pictures/")}
    assert (network.condition, network.manifest) == ("untrained", AS_READ)
    values = ("rank", "image__path", "score", "peak_y", "peak_x", "coverage")
    assert list(Exemplar.objects.order_by("rank").values_list(*values)) == [
        (1, "b.jpg", 3.5, 3, 4, 0.5), (2, "c.jpg", 1.25, 0, 1, 0.125)
    ]  # fmt: skip
    assert [image.path for image in random_images(network)] == ["c.jpg", "a.jpg"]


def test_it_can_be_imported_from_a_folder(stored, tmp_path, files):
    dissection = open_folder(tmp_path / stored)

    assert dict(checked_files(dissection)) == {
        name: content for name, content in files.items() if name != "manifest.json"
    }


def test_a_file_that_is_missing_or_damaged_is_one_sentence(stored, tmp_path):
    dissection = open_dissection(stored)
    (tmp_path / stored / "layers/0.npz").write_bytes(b"")
    (tmp_path / stored / "pictures.json").unlink()

    with pytest.raises(DissectionError, match="layers/0.npz of dissections/s/7 cannot be used"):
        dissection.table(dissection.manifest.layers[0])
    with pytest.raises(DissectionError, match="pictures.json of dissections/s/7 cannot be read"):
        dissection.pictures()
    with pytest.raises(DissectionError, match="There is no finished dissection in dissections/s/8"):
        open_dissection("dissections/s/8")


def test_no_name_leads_out_of_a_folder(stored, tmp_path):
    dissection = open_folder(tmp_path / stored)
    (tmp_path / "secret").write_text("x")

    with pytest.raises(DissectionError, match=r"\.\./secret is not inside"):
        dissection.read("../../../secret")


def test_networks_of_other_pictures_have_rows_of_their_own(stored, files):
    study = Study.objects.create(name="s", top_count=2)
    rows = json.loads(files["pictures.json"])
    rows[1]["tile"] = rows[1]["zoom"] = f"{'9' * 64}.jpg"
    for name, content in {**files, "pictures.json": json.dumps(rows).encode()}.items():
        default_storage.save(f"dissections/s/8/{name}", ContentFile(content))

    for number in (7, 8):
        load_dissection(study, f"dissections/s/{number}", f"network {number}")

    assert study.images.count() == 4
    tiles = Exemplar.objects.filter(rank=1).values_list("unit__layer__network__name", "image__tile")
    assert dict(tiles)["network 8"] == f"{'9' * 64}.jpg" != dict(tiles)["network 7"]
    assert Network.objects.count() == 2
