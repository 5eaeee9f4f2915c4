"""A study in one file gives the same report on another machine, byte for byte in its numbers."""

import io
import json
import zipfile
from hashlib import sha256

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command

from annotator.concept_words import normalised
from annotator.models import Exemplar, Study
from annotator.results.output.exports.bundle import REPORT_DATA, read_bundle, report_text
from annotator.results.report.report import report_from
from tests.results.studies import answered_study, get_unit

pytestmark = pytest.mark.django_db


def results(*arguments, **options) -> str:
    out = io.StringIO()
    call_command("results", *arguments, stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def bundle(tmp_path):
    study = answered_study()
    study.workers.get(key="cleo").assignments.update(status="soft-rejected")
    study.merges.create(version=1, words=[normalised("car")], into="wheel", by="ada")
    path = tmp_path / "rooms.zip"
    results("rooms", format="bundle", out=path)
    return path


def test_the_same_report_where_the_study_is_not(bundle, tmp_path):
    here = results("rooms", format="json")
    Study.objects.update(name="another")

    assert results(bundle=bundle, format="json") == here
    assert results("rooms", bundle=bundle, variant="with-excluded", format="json") != here


def test_the_released_answers_come_back_in_the_same_bytes(released):
    carried = REPORT_DATA.validate_json(REPORT_DATA.dump_json(released.data))

    assert report_text(report_from(carried)) == report_text(released.report)


def test_the_same_study_is_the_same_file(bundle, tmp_path):
    again = tmp_path / "again.zip"

    results("rooms", format="bundle", out=again)

    assert again.read_bytes() == bundle.read_bytes()


def test_its_manifest_names_weights_images_code_design_and_the_hash_of_every_file(bundle):
    with zipfile.ZipFile(bundle) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        hashes = {
            name: sha256(archive.read(name)).hexdigest()
            for name in archive.namelist()
            if name != "manifest.json"
        }

    assert {name: entry["sha256"] for name, entry in manifest["files"].items()} == hashes
    assert manifest["answers_sha256"] == hashes["material.json"]
    assert manifest["hit_design"]["top_count"] == 4
    assert [network["name"] for network in manifest["networks"]] == ["scenes", "objects"]
    assert {"weights_sha256", "spec"} <= manifest["networks"][0].keys()
    assert {"image_list_sha256", "code_version", "hit_types"} <= manifest.keys()


def test_nobody_in_it_is_named_and_no_picture_that_may_not_be_published(bundle):
    with zipfile.ZipFile(bundle) as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist())

        assert not [name for name in archive.namelist() if name.startswith("pictures/")]
    assert Study.objects.get().key.encode() not in everything
    for secret in (b'"ada"', b",ada,", b"0.jpg"):
        assert secret not in everything


def test_pictures_that_may_be_published_are_in_it(tmp_path):
    study = answered_study()
    default_storage.save("pictures/t.jpg", ContentFile(b"a picture"))
    default_storage.save("pictures/cut.jpg", ContentFile(b"a tile cut from it"))
    Exemplar.objects.filter(pk=Exemplar.objects.filter(role="top").first().pk).update(
        tile="cut.jpg"
    )
    Study.objects.update(may_publish_pictures=True)
    path = tmp_path / "rooms.zip"

    results(study.name, format="bundle", out=path)

    with zipfile.ZipFile(path) as archive:
        assert archive.read("pictures/t.jpg") == b"a picture"
        assert archive.read("pictures/cut.jpg") == b"a tile cut from it"


def test_a_changed_answer_is_noticed(bundle, tmp_path):
    changed = tmp_path / "changed.zip"
    with zipfile.ZipFile(bundle) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, content.replace(b"heel", b"eels") if "material" in name else content)

    with pytest.raises(
        CommandError, match=r"material.json in .* differs from the manifest: it is damaged"
    ):
        results(bundle=changed)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"study": "other"}, "holds the study 'rooms', not 'other'"),
        ({"table": "marks", "format": "csv"}, "A bundle gives the report and its tables: units"),
    ],
)
def test_a_wrong_wish_gets_one_sentence(bundle, options, sentence):
    arguments = [options.pop("study")] if "study" in options else []

    with pytest.raises(CommandError, match=sentence):
        results(*arguments, bundle=bundle, **options)


def test_what_is_no_bundle_is_refused(tmp_path):
    path = tmp_path / "no.zip"
    path.write_text("hello")

    with pytest.raises(CommandError, match="is not a bundle of a study"):
        results(bundle=path)


def test_material_comes_back_as_it_was(bundle):
    data = read_bundle(bundle)

    assert get_unit(Study.objects.get()).number == data.answers[0].unit
    assert data.merges[0].into == "wheel"
