"""Every picture is stored once: in the folder that all dissections of the service share."""

import json
from pathlib import PurePosixPath

import pytest

from annotator.dissection_reader import open_dissection
from annotator.models import Network
from tests.storage.conftest import dissect, run_here

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path, photographs):
    """The photographs in a folder."""
    (tmp_path / "photos").mkdir()
    for name, content in photographs.items():
        (tmp_path / "photos" / name).write_bytes(content)
    return tmp_path / "photos"


@pytest.fixture
def storage(tmp_path, settings):
    """The folder that is the service's storage."""
    location = tmp_path / "storage"
    place = {"BACKEND": "annotator.storage.folder.Folder", "OPTIONS": {"location": location}}
    settings.STORAGES = {**settings.STORAGES, "default": place}
    settings.DISSECTIONS_URL = str(location / "dissections")
    return location


def names_of(network):
    """The names of a network's pictures, as its dissection lists them."""
    rows = open_dissection(network.dissection).pictures()
    return {name for row in rows for name in (row.tile, row.zoom)}


def assert_stored_once(paths, network):
    pictures = [PurePosixPath(path) for path in paths if path.endswith(".jpg")]
    assert {path.parent for path in pictures} == {PurePosixPath("pictures")}
    assert sorted(path.name for path in pictures) == sorted(names_of(network))


def test_in_a_bucket(s3, photographs, command):
    s3.make("photos", photographs)
    s3.make("results")

    assert command(*dissect()).error == ""

    stored = [key.removeprefix("here/") for key in s3.keys("results")]
    assert_stored_once(stored, Network.objects.get())


def test_in_a_folder_whatever_dissections_and_imports_share_them(folder, storage, tmp_path):
    assert run_here(*dissect(images=folder)).error == ""
    ours = Network.objects.get()
    random = run_here(*dissect(images=folder, **{"random-images": 30}))
    imported = run_here("import_dissection", storage / ours.dissection, "--study", "copy")
    own = self_contained(storage, ours, tmp_path / "elsewhere")
    moved = run_here("import_dissection", own, "--study", "moved")

    assert (random.error, imported.error, moved.error) == ("", "", "")
    stored = [path.relative_to(storage).as_posix() for path in storage.rglob("*")]
    assert_stored_once(stored, ours)
    assert [names_of(network) <= names_of(ours) for network in Network.objects.all()] == [True] * 4


def self_contained(storage, network, folder):
    """A copy of a dissection that holds its own pictures, as another Unitscope hands it on."""
    source = storage / network.dissection
    for path in source.rglob("*.*"):
        target = folder / path.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    (folder / "pictures").mkdir()
    for name in names_of(network):
        (folder / "pictures" / name).write_bytes((storage / "pictures" / name).read_bytes())
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest.pop("picture_folder") == "../../../pictures"
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder
