"""`backup` writes one file with everything; `restore` puts it into an empty installation."""

import json
import os
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from annotator.operations.backup import BackupRefused, verified
from tests.conftest import copy_migrated
from tests.house.reading import ROOT
from tests.noise import write_noise
from tests.services import SECRET_KEY

ROWS = """
import json
from annotator.operations.database_copy import row_counts
from annotator.models import Exemplar
pictures = Exemplar.objects.order_by("unit__number", "slot").values_list("image__tile", "box_left")
print(json.dumps([row_counts(), list(pictures)]))
"""


class Installation(NamedTuple):
    manage: Callable
    folder: Path
    environment: dict[str, str]

    def run(self, *arguments):
        return self.manage(*arguments, DATA_DIR=str(self.folder), **self.environment)

    def ok(self, *arguments):
        done = self.run(*arguments)
        assert done.returncode == 0, done.stderr
        return done

    def rows(self):
        counts, pictures = json.loads(self.ok("shell", "--no-imports", "-c", ROWS).stdout)
        return {table: n for table, n in counts.items() if table != "django_session"}, pictures

    def files(self):
        folders = ["pictures", "sheets", "dissections", "snapshots", "analyses"]
        paths = [p for name in folders for p in (self.folder / name).rglob("*") if p.is_file()]
        return {str(p.relative_to(self.folder)): p.read_bytes() for p in paths}


@pytest.fixture
def embedded(manage, tmp_path):
    def make(name):
        return Installation(manage, tmp_path / name, {})

    return make


@pytest.fixture
def production(manage, tmp_path, postgres_url, new_database):
    def make(name):
        environment = {"DATABASE_URL": new_database(), "SECRET_KEY": SECRET_KEY}
        return Installation(manage, tmp_path / name, environment)

    return make


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["embedded", "production"])
def test_a_restored_installation_has_every_row_and_every_file(request, tmp_path, kind):
    make = request.getfixturevalue(kind)
    old, new, backup = make("old"), make("new"), tmp_path / "backup.tar"
    if kind == "production":
        old.ok("migrate", "--verbosity", "0")
    (tmp_path / "images").mkdir()
    images = write_noise(tmp_path / "images")
    old.ok("dissect", "s", "--network", "tests.dissect.custom_networks:small",
           "--layers", "deep", "--images", images, "--top", 10)  # fmt: skip
    old.ok("publish", "s", "--yes")

    assert old.ok("backup", backup).stderr.startswith(f"Wrote {backup}: ")
    restored = new.ok("restore", backup)

    assert "Restored" in restored.stderr
    assert new.rows() == old.rows()
    assert new.files() == old.files() != {}
    # It goes on from there: new rows get new numbers.
    assert new.ok("publish", "s", "--yes").returncode == 0
    assert new.ok("create_requester", "ada@example.org").returncode == 0
    again = new.run("restore", backup)
    assert again.returncode == 1
    assert "This installation is not empty" in again.stderr


def test_an_embedded_installation_gets_the_secret_key_back(embedded, tmp_path):
    old, new, backup = embedded("old"), embedded("new"), tmp_path / "backup.tar"
    old.ok("backup", backup)
    secret = (old.folder / "secret_key").read_text()

    new.ok("restore", backup)

    assert (new.folder / "secret_key").read_text() == secret
    assert backup.stat().st_mode & 0o077 == 0  # it has the key


def test_where_the_environment_sets_another_key_the_way_out_is_said(embedded, empty_backup):
    new = embedded("new")._replace(environment={"SECRET_KEY": SECRET_KEY})

    said = new.ok("restore", empty_backup).stderr

    assert f"tar -xOf {empty_backup} secret_key" in said


def test_a_backup_is_never_written_over(embedded, tmp_path):
    (tmp_path / "backup.tar").write_text("precious")

    done = embedded("old").run("backup", tmp_path / "backup.tar")

    assert done.returncode == 1
    assert "exists already" in done.stderr
    assert (tmp_path / "backup.tar").read_text() == "precious"


def changed(path: Path) -> None:
    """Change one byte of the database in the archive."""
    with tarfile.open(path) as archive:
        start = archive.getmember("database/unitscope.sqlite3").offset_data
    content = bytearray(path.read_bytes())
    content[start + 5000] ^= 1
    path.write_bytes(content)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40_000])


def without_end(path: Path) -> None:
    with tarfile.open(path) as archive:
        end = archive.getmember("manifest.json").offset
    path.write_bytes(path.read_bytes()[:end])


def other(path: Path) -> None:
    path.write_text("study,unit\n")


DAMAGE = [
    (changed, "is damaged: database/unitscope.sqlite3 is not what was written"),
    (cut, "is no backup, or not a whole one"),
    (without_end, "is no whole backup: it has no manifest.json"),
    (other, "is no backup"),
]


@pytest.fixture(scope="module")
def empty_backup(tmp_path_factory, prepared_python, django_db_setup):
    """A backup of an installation without any study."""
    folder = tmp_path_factory.mktemp("empty")
    copy_migrated(folder / "var")
    command = [str(ROOT / "manage.py"), "backup", str(folder / "backup.tar")]
    installation = {**os.environ, "DATA_DIR": str(folder / "var"), "DATABASE_URL": ""}
    done = prepared_python.run(command, cwd=ROOT, env=installation, timeout=60)
    assert done.returncode == 0, done.stderr
    return folder / "backup.tar"


@pytest.mark.parametrize(("damage", "sentence"), DAMAGE)
def test_a_damaged_backup_is_refused(empty_backup, tmp_path, damage, sentence):
    path = tmp_path / "backup.tar"
    shutil.copy(empty_backup, path)
    assert verified(path).database == "sqlite"
    damage(path)

    with pytest.raises(BackupRefused, match=sentence):
        verified(path)


def test_nothing_is_written_from_a_damaged_backup(embedded, empty_backup, tmp_path):
    path = tmp_path / "backup.tar"
    shutil.copy(empty_backup, path)
    changed(path)
    new = embedded("new")

    done = new.run("restore", path)

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(f"CommandError: {path} is damaged")
    assert new.files() == {}


def test_a_backup_is_for_its_own_kind_of_database(empty_backup, production):
    done = production("new").run("restore", empty_backup)

    assert done.returncode == 1
    assert "is of a sqlite database, and this installation has postgresql" in done.stderr
