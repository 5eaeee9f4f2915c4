"""Any file with some bytes changed is read, or refused with one sentence: by every reader."""

import io
import json
import random
import tarfile

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from safetensors.torch import save_file

from annotator.imports import ImportRefused
from annotator.imports.answer_table import read_answers
from annotator.imports.top_images import read_top_images
from annotator.operations.backup import BackupRefused, verified
from dissect.errors import DissectError
from dissect.format.ground_truth import read_ground_truth
from dissect.format.manifest import decode_manifest
from dissect.format.masks import decode_sheet, encode_sheet
from dissect.format.picture_list import decode_pictures
from dissect.format.tables import LayerTable, RankedImages, decode_table, encode_table
from dissect.images.decoding import read_image
from dissect.images.image_list import find_images
from dissect.networks.checkpoints import read_checkpoint
from dissect.networks.direction_files.files import load_directions

MAX_CHARACTERS = 2_000


def image_bytes(kind):
    file, rng = io.BytesIO(), np.random.default_rng(0)
    Image.fromarray(rng.integers(0, 255, (9, 12, 3), dtype=np.uint8)).save(file, kind)
    return file.getvalue()


def tar_bytes(*members):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return file.getvalue()


def table_bytes():
    images = np.zeros((2, 3), int)
    ranked = RankedImages(**dict.fromkeys(("score", "sum", "image", "y", "x"), images))
    units = np.zeros(2, np.float32)
    return encode_table(LayerTable(ranked, ranked, images, units, units, units > 0))


def tensors(folder, name):
    path = folder / name
    weights = {"conv.weight": torch.arange(8.0).reshape(4, 2)}
    save_file(weights, path) if name.endswith(".safetensors") else torch.save(weights, path)
    return path.read_bytes()


def manifest_bytes():
    network = {"spec": "n", "name": "n", "weights_sha256": "", "resize": 8, "crop": 8}
    layer = {"name": "l", "unit_count": 2, "map_size": [1, 1], "table": "t", "masks": "{unit}"}
    return json.dumps({
        "format": "unitscope-dissection", "schema_version": 1, "network": network,
        "images": {"source": "i", "count": 1, "sha256": ""}, "layers": [layer],
        "settings": {"top": 3, "segment": "quantile"},
    }).encode()  # fmt: skip


def all_images(path):
    images = find_images(path)
    return [images.open(place) for place in range(len(images))]


def labels(path):
    (path.parent / "labels").mkdir(exist_ok=True)
    (path.parent / "labels" / "classes.csv").write_bytes(path.read_bytes())
    return read_ground_truth(path.parent / "labels")


ANSWERS = b"network,layer,unit,worker,concept,group,precision\nn,l,0,ana,sky,3,0.5\n"
TOPS = b"layer,unit,rank,image,score,mask,role,y,x\nl,0,1,a.png,1.5,,top,0,0\n"
PICTURE = json.dumps([{"place": 0, "path": "a.png", "tile": "0" * 64 + ".jpg",
                       "zoom": "0" * 64 + ".jpg"}]).encode()  # fmt: skip
READERS = [  # the name of a file, its content made in a folder, and its reader; add a row
    ("a.png", lambda _: image_bytes("PNG"), read_image),
    ("a.jpg", lambda _: image_bytes("JPEG"), read_image),
    ("a.tif", lambda _: image_bytes("TIFF"), read_image),
    ("a.gif", lambda _: image_bytes("GIF"), read_image),
    ("a.webp", lambda _: image_bytes("WEBP"), read_image),
    ("a.tar", lambda _: tar_bytes(("a.png", image_bytes("PNG")), ("é" * 90, b"")), all_images),
    ("a.txt", lambda _: b"a.png\nb.png\t3\n", all_images),
    ("a.csv", lambda _: TOPS, read_top_images),
    ("b.csv", lambda _: ANSWERS, read_answers),
    ("c.csv", lambda _: b"index,name,group\n1,sky,3\n", labels),
    ("a.safetensors", lambda folder: tensors(folder, "a.safetensors"), read_checkpoint),
    ("a.pth", lambda folder: tensors(folder, "a.pth"), read_checkpoint),
    ("b.safetensors", lambda folder: tensors(folder, "b.safetensors"),
     lambda path: load_directions(path, ["conv"])),
    ("a.npz", lambda _: table_bytes(), lambda path: decode_table(path.read_bytes())),
    ("m.png", lambda _: encode_sheet(np.ones((8, 4, 4), bool)),
     lambda path: decode_sheet(path.read_bytes())),
    ("manifest.json", lambda _: manifest_bytes(), lambda path: decode_manifest(path.read_bytes())),
    ("pictures.json", lambda _: PICTURE, lambda path: decode_pictures(path.read_bytes())),
    ("backup.tar", lambda _: tar_bytes(("secret_key", b"s")), verified),
]  # fmt: skip
NOT_WHOLE = {"a.txt", "backup.tar"}  # name no images, have no manifest; all others can be read
SENTENCES = (DissectError, ImportRefused, BackupRefused)


def damaged(content, seed):
    """The content with one to four pieces changed, cut out, put in twice, or made extreme."""
    draw, content = random.Random(seed), bytearray(content)
    for _ in range(draw.randint(1, 4)):
        start = draw.randrange(len(content) + 1)
        stop = min(len(content), start + draw.choice([1, 1, 2, 4, 8, 64]))
        piece = content[start:stop]
        ways = [b"", piece * 2, bytes(len(piece)), b"\xff" * len(piece), draw.randbytes(len(piece))]
        content[start:stop] = draw.choice([*ways, b"9" * 30, b"\0", b'"', b"-", b"[" * 3_000])
    return bytes(content)


def sentence_of(read, path):
    """What a reader says against a file; None if it reads it."""
    try:
        read(path)
    except SENTENCES as error:
        return str(error)
    return None


def check(name, content, read, folder, seed):
    path = folder / name
    path.write_bytes(damaged(content, seed))
    sentence = sentence_of(read, path)
    assert sentence is None or "\n" not in sentence, seed
    assert sentence is None or 0 < len(sentence) < MAX_CHARACTERS, seed


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("damaged")


@pytest.mark.filterwarnings("ignore")  # decoders warn of what they then refuse
@pytest.mark.parametrize(("name", "make", "read"), READERS, ids=[row[0] for row in READERS])
def test_a_damaged_file_is_read_or_refused_with_a_sentence(name, make, read, folder):
    content = make(folder)
    (folder / name).write_bytes(content)
    assert name in NOT_WHOLE or sentence_of(read, folder / name) is None
    for seed in range(40):
        check(name, content, read, folder, seed)


@pytest.mark.thorough
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("name", "make", "read"), READERS, ids=[row[0] for row in READERS])
def test_none_of_many_damaged_files_is_a_crash(name, make, read, folder):
    content = make(folder)

    @settings(max_examples=2_000, deadline=None)
    @given(seed=st.integers(1_000, 10**9))
    def search(seed):
        check(name, content, read, folder, seed)

    search()
