"""A picture of any name goes from its folder to the database, the exports and the pages."""

import csv
import io
import json

import pytest
from django.template.loader import render_to_string
from django.utils.html import escape
from PIL import Image as Pillow

from annotator.job_queue import enqueue_run
from annotator.models import Image, Run, Study
from annotator.results.output.exports.formats import WRITERS
from annotator.results.output.exports.registry import export_table
from annotator.results.output.snapshots.lifecycle import take
from tests.dissection_jobs.runs import finish, request
from tests.image_names import DEEP, NAMES, write_pictures
from tests.results.studies import answered_study

pytestmark = pytest.mark.both_databases
PATHS = {path for path, _ in NAMES.values()} | {DEEP.as_posix()}


def save(path, number):
    picture = Pillow.new("RGB", (60, 60), (20 * number, 90, 255 - 20 * number))
    with open(path, "wb") as file:
        picture.save(file, "PNG")


@pytest.fixture
def photos(tmp_path):
    return write_pictures(tmp_path / "photos", save)


def test_a_picture_of_any_name_is_dissected_and_stored(installation, photos):
    (photos / "bad\udcff.jpg").write_bytes(b"no picture")
    (photos / "notes\udcff.txt").touch()

    run = finish(enqueue_run("rooms", request(photos, top=8, shards=1)))

    assert (run.status, run.error) == (Run.Status.DONE, "")
    assert set(Image.objects.values_list("path", flat=True)) == PATHS
    manifest = run.network.manifest["images"]
    assert [image["image"] for image in manifest["skipped"]] == [r"bad\xff.jpg"]
    assert manifest["notes"] == ["Not looked at: 1 file: 1 .txt."]


def test_a_folder_of_pictures_none_of_which_can_be_read_is_one_sentence(installation, tmp_path):
    (tmp_path / "bad\udcff\n.jpg").write_bytes(b"no picture")

    run = finish(enqueue_run("rooms", request(tmp_path / "", top=1, shards=1)))

    assert run.status == Run.Status.FAILED
    assert r"bad\xff\n.jpg" in run.error


@pytest.mark.django_db
def test_a_picture_of_any_name_is_exported_as_it_is_called():
    study, paths = answered_study(), sorted(PATHS)
    for number, path in enumerate(paths):
        Image.objects.filter(place=number).update(path=path)
    Study.objects.update(may_publish_pictures=True)
    table = export_table("marks", Study.objects.get(), take(study))

    text, lines, columns = (b"".join(write(table)) for write in WRITERS.values())

    shown = {row["path"] for row in json.loads(lines)} & PATHS
    assert len(shown) >= 3
    rows = csv.DictReader(io.StringIO(text.decode(), newline=""))
    assert {row["path"] for row in rows} & PATHS == shown
    assert columns.startswith(b"PAR1")


@pytest.mark.parametrize("name", [*NAMES])
def test_pages_show_every_character_of_a_name(name):
    path, shown = NAMES[name]
    picture = Image(pk=1, path=path, tile="0" * 64 + ".jpg")

    page = render_to_string("lab/_choice.html", {"image": picture, "max_images": 1})

    assert f">{escape(shown)}</span>" in page
