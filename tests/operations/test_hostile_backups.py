"""A backup that somebody has made up is refused with one sentence, before anything is written."""

import hashlib
import io
import json
import tarfile

import pytest
from django.core.management import CommandError, call_command

from annotator.operations import backup
from annotator.operations.backup import BackupRefused, verified
from tests.folder_storage import use_folder

PLAIN = {"secret_key": b"s", "database/unitscope.sqlite3": b"no database"}


def archive_of(path, members, listed=None, **changes):
    """A backup of members (name, content or TarInfo) and a manifest that fits them."""
    sha256 = {
        name: hashlib.sha256(content).hexdigest()
        for name, content in members
        if isinstance(content, bytes)
    }
    manifest = {"format": 1, "database": "sqlite", "migrations": {}, "rows": {}, "sha256": sha256}
    manifest = {**manifest, **changes}
    for name in listed or ():
        del manifest["sha256"][name]
    members = [*members, ("manifest.json", json.dumps(manifest).encode())]
    with tarfile.open(path, "w") as archive:
        for name, content in members:
            info = content if isinstance(content, tarfile.TarInfo) else tarfile.TarInfo(name)
            file = io.BytesIO(content) if isinstance(content, bytes) else None
            info.size = len(content) if file else info.size
            archive.addfile(info, file)
    return path


def link(name, target, kind=tarfile.SYMTYPE):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


OUT, NOT_PLAIN = "which no backup has", "which is no plain file"
HOSTILE = [  # the name of a member, its content, and what is said; anybody can add a row
    ("files/../../secret_key", b"x", OUT),
    ("files/pictures/../../../etc/cron.d/x", b"x", OUT),
    ("files//etc/passwd", b"x", OUT),
    ("/etc/passwd", b"x", OUT),
    ("files/secret_key", b"x", OUT),
    ("files/unitscope.sqlite3", b"x", OUT),
    ("files/pictures", b"x", OUT),
    ("files/pictures/./a.jpg", b"x", OUT),
    ("files/pictures/", b"x", OUT),
    ("database/../../x", b"x", OUT),
    ("database/unitscope.sqlite3-wal", b"x", OUT),
    ("database/", b"x", OUT),
    ("manage.py", b"x", OUT),
    ("secret_key", b"other", "twice"),
    ("files/pictures/a.jpg", link("files/pictures/a.jpg", "/etc/passwd"), NOT_PLAIN),
    (
        "files/pictures/a.jpg",
        link("files/pictures/a.jpg", "secret_key", tarfile.LNKTYPE),
        NOT_PLAIN,
    ),
    ("files/pictures/a.jpg", link("files/pictures/a.jpg", "", tarfile.FIFOTYPE), NOT_PLAIN),
    ("files/pictures/a.jpg", link("files/pictures/a.jpg", "", tarfile.CHRTYPE), NOT_PLAIN),
    ("files/pictures", link("files/pictures", "", tarfile.DIRTYPE), NOT_PLAIN),
]


@pytest.mark.parametrize(("name", "content", "sentence"), HOSTILE)
def test_a_member_that_no_backup_has_is_refused_with_a_sentence(tmp_path, name, content, sentence):
    path = archive_of(tmp_path / "backup.tar", [*PLAIN.items(), (name, content)])

    with pytest.raises(BackupRefused, match=sentence) as refused:
        verified(path)

    assert str(refused.value).count("\n") == 0
    assert repr(name.rstrip("/"))[1:-1] in str(refused.value)


def test_a_member_that_the_manifest_does_not_list_is_refused(tmp_path):
    members = [*PLAIN.items(), ("files/pictures/a.jpg", b"x")]
    path = archive_of(tmp_path / "backup.tar", members, listed=["files/pictures/a.jpg"])

    with pytest.raises(BackupRefused, match="which its manifest.json does not list"):
        verified(path)


MANIFESTS = [  # what a manifest says, and what is said about it
    ({"format": 99}, "written by a newer Unitscope"),
    ({"format": "x"}, "manifest.json cannot be read"),
    ({"rows": {"auth_user": "many"}}, "manifest.json cannot be read"),
    ({"sha256": {"files/pictures/a.jpg": "0"}}, "is not what was written"),
    ({"sha256": None}, "manifest.json cannot be read"),
]


@pytest.mark.parametrize(("changes", "sentence"), MANIFESTS)
def test_a_manifest_that_makes_no_sense_is_refused(tmp_path, changes, sentence):
    with pytest.raises(BackupRefused, match=sentence):
        verified(archive_of(tmp_path / "backup.tar", list(PLAIN.items()), **changes))


def test_a_plain_backup_is_verified(tmp_path):
    members = [*PLAIN.items(), ("files/dissections/s/1/manifest.json", b"{}")]
    assert verified(archive_of(tmp_path / "backup.tar", members)).format == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "error", [FileNotFoundError("auth_user"), CommandError("No such app 'x'.")]
)
def test_a_database_that_cannot_be_loaded_is_a_sentence(tmp_path, settings, monkeypatch, error):
    use_folder(settings, tmp_path / "storage")
    path = archive_of(
        tmp_path / "backup.tar", list(PLAIN.items()), database=backup.connection.vendor
    )

    def fails(*arguments):
        raise error

    monkeypatch.setattr(backup, "load_database", fails)
    with pytest.raises(CommandError, match="The database in .* cannot be loaded"):
        call_command("restore", str(path))


def test_a_file_that_is_no_database_is_a_sentence(tmp_path, manage):
    path = archive_of(tmp_path / "backup.tar", list(PLAIN.items()))

    done = manage("restore", path)

    assert done.returncode == 1
    assert "cannot be loaded (file is not a database)" in done.stderr
    assert "Traceback" not in done.stderr
