"""A folder that somebody has made up becomes a network, or is refused with one sentence."""

import copy
import io
import json
import shutil
import tracemalloc
import zipfile

import numpy as np
import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from annotator.dissection_jobs.foreign import import_folder
from annotator.dissection_reader import DissectionError
from annotator.dissection_reader.study_binding import StudyMismatch
from annotator.imports import ImportRefused
from annotator.job_queue import enqueue_run
from annotator.job_requests import BadRequest, ImportRequest
from annotator.models import Network
from annotator.storage import StorageDown
from dissect.errors import BadDissection
from dissect.format.manifest import decode_manifest
from dissect.format.masks import decode_sheet
from dissect.format.picture_list import decode_pictures
from dissect.format.tables import decode_table
from dissect.topk.stored_results import origin_in
from tests.dissect.images.image_files import one_bit_png
from tests.dissection_jobs.runs import finish, request

SENTENCES = (BadRequest, DissectionError, ImportRefused, StorageDown, StudyMismatch)
MAX_MB, MAX_CHARACTERS = 64, 2_000


@pytest.fixture
def folder(installation, noise):
    """A dissection as another installation may hand it on."""
    run = finish(enqueue_run("rooms", request(noise, shards=1, segment="quantile")))
    made = installation / "elsewhere"
    shutil.copytree(installation / "dissections" / "rooms" / str(run.pk), made)
    manifest = json.loads((made / "manifest.json").read_text())
    shutil.copytree(installation / "pictures", made / "pictures")
    (made / "manifest.json").write_text(json.dumps(manifest | {"picture_folder": "pictures"}))
    return made


def import_it(folder):
    """Import a folder as a new study, and take everything back; the sentence it is refused with."""
    try:
        with transaction.atomic():
            import_folder(folder, ImportRequest(study="new"), lambda *progress: None)
            transaction.set_rollback(True)
    except SENTENCES as error:
        return str(error)
    return ""


def test_the_folder_is_imported_as_it_is(folder):
    import_folder(folder, ImportRequest(study="new"), lambda *progress: None)

    assert Network.objects.filter(study__name="new").count() == 1


VALUES = [  # of anything in a manifest or a list of pictures; anybody can add one
    None, True, -1, 0, 1, 2**31, 2**63, 10**400, 1e308, 0.5, "", "a\0b", "\ud800", "\u202e",
    "../../secret_key", "/etc/passwd", "/dev/zero", "{unit", "{unit:>99999999999}", "{x}",
    "{unit.__class__}", "x" * 70_000, [], [[]], [-1], [0, 0], {}, {"": ""}, {"a": [None]},
]  # fmt: skip


def places(data, way=()):
    """The way to every value in JSON."""
    if way:
        yield way
    if isinstance(data, dict | list):
        for key in data if isinstance(data, dict) else range(len(data)):
            yield from places(data[key], (*way, key))


def changed(data, way, value):
    """The same JSON but for one value; ... removes it."""
    data = copy.deepcopy(data)
    *above, last = way
    part = data
    for key in above:
        part = part[key]
    if value is ...:
        del part[last]
    else:
        part[last] = value
    return data


def check_changed(folder, name, draw):
    """Import the folder with one value of a JSON file changed."""
    path = folder / name
    before = path.read_text()
    data = json.loads(before)
    ways = list(places(data))
    way = ways[draw(st.integers(0, len(ways) - 1))]
    value = draw(st.sampled_from([..., *VALUES]))
    try:
        path.write_text(json.dumps(changed(data, way, value)))
        sentence = import_it(folder)
        assert "\n" not in sentence, (way, value)
        assert len(sentence) < MAX_CHARACTERS, (way, value)
    finally:
        path.write_text(before)


def fuzz(examples):
    checks = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
    return settings(max_examples=examples, suppress_health_check=checks, deadline=None)


@given(data=st.data())
@fuzz(25)
def test_no_value_of_a_manifest_is_a_crash(folder, data):
    check_changed(folder, "manifest.json", data.draw)


@given(data=st.data())
@fuzz(8)
def test_no_value_of_a_list_of_pictures_is_a_crash(folder, data):
    check_changed(folder, "pictures.json", data.draw)


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["manifest.json", "pictures.json"])
def test_none_of_all_values_at_all_places_is_a_crash(folder, name):
    path = folder / name
    data = json.loads(path.read_text())
    ways = {tuple("*" if isinstance(step, int) else step for step in way): way
            for way in places(data)}  # fmt: skip
    for way in ways.values():  # one element stands for all of a list
        for value in [..., *VALUES]:
            path.write_text(json.dumps(changed(data, way, value)))
            sentence = import_it(folder)
            assert "\n" not in sentence, (way, value)
            assert len(sentence) < MAX_CHARACTERS, (way, value)


def npz(**files):
    """An archive of files as they are, compressed."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, bytes_ in files.items():
            archive.writestr(f"{name}.npy", bytes_)
    return content.getvalue()


def npy_of(shape, kind="<f8", data=b""):
    """An array whose header claims a shape and a type, whatever is behind it."""
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        file, {"shape": shape, "fortran_order": False, "descr": kind}
    )
    return file.getvalue() + data


def png(mode, size):
    file = io.BytesIO()
    Image.new(mode, size).save(file, "PNG")
    return file.getvalue()


DEEP = b"[" * 100_000
FILES = [  # a reader, what it is given, and what it says; anybody can add a row
    (decode_manifest, b"", "not JSON"),
    (decode_manifest, DEEP, "not JSON"),
    (decode_manifest, b"\xff\xfe", "not JSON"),
    (decode_manifest, b"null", "schema version None"),
    (decode_manifest, b'{"schema_version": 1e999}', "schema version inf"),
    (decode_manifest, b'{"schema_version": ' + b"9" * 5_000 + b"}", "not JSON"),
    (decode_manifest, b'{"schema_version": "' + b"x" * 10**6 + b'"}', "schema version"),
    (decode_pictures, DEEP, "Invalid JSON"),
    (decode_pictures, b"[{}]", "Field required"),
    (decode_pictures, b'[{"place": 1e99, "path": "", "tile": "", "zoom": ""}]', "place"),
    (decode_table, b"", "no table"),
    (decode_table, b"PK\3\4", "no table"),
    (decode_table, npz(image=npy_of((10**13,))), "claims"),
    (decode_table, npz(image=npy_of((10**9, 10**9), "<i8")), "claims"),
    (decode_table, npz(image=npy_of((2**62, 16), "<i8")), "claims"),
    (decode_table, npz(image=npy_of((1,), "|O", b"\x80")), "no table"),
    (decode_table, npz(image=b"\x93NUMPY\x01\x00\xff\xff{"), "no table"),
    (decode_table, npz(image=b"no array"), "no table"),
    (decode_table, npz(image=npy_of((2, 2), "<i8", bytes(32))), "low_image"),
    (decode_table, npz(a=b"\0" * (1 << 26)), "no table"),
    (origin_in, npz(head=npy_of((10**13,), "|u1")), "claims"),
    (origin_in, npz(head=npy_of((1,), "|u1", b"[")), "cannot be read"),
    (origin_in, npz(other=npy_of((1,), "|u1", b"[")), "cannot be read"),
    (decode_sheet, b"", "no sheet"),
    (decode_sheet, b"\x89PNG\r\n\x1a\n", "no sheet"),
    (decode_sheet, png("RGB", (80, 10)), "no sheet"),
    (decode_sheet, png("1", (7, 7)), "squares"),
    (decode_sheet, one_bit_png(30_000, 30_000).getvalue(), "no sheet"),
]  # fmt: skip


@pytest.mark.parametrize(("read", "content", "sentence"), FILES)
def test_a_hostile_file_is_a_sentence_in_bounded_memory(read, content, sentence):
    tracemalloc.start()
    try:
        with pytest.raises(BadDissection) as refused:
            read(content)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < MAX_CHARACTERS
    assert peak < MAX_MB * 1e6
