"""A store keeps named bytes whole or not at all, in a folder. For S3 see tests/storage."""

import errno
import os

import pytest

from dissect.errors import BadDissection, BadSetting, StoreError
from dissect.storage.store import Folder, store_at
from tests.dissect.storage.contract import check_put_get_remove


@pytest.fixture
def store(tmp_path):
    return Folder(tmp_path / "kept")


def test_what_is_put_is_got_until_it_is_removed(store):
    check_put_get_remove(store)

    with pytest.raises(BadDissection, match=r"a/b\.bin cannot be read: No such file"):
        store.get("a/b.bin")


@pytest.mark.parametrize("failing", ["write", "replace"])
def test_a_full_disk_is_one_sentence_and_leaves_what_was_there(store, monkeypatch, failing):
    store.put("x.bin", b"before")
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def fail(*_):
        raise full

    if failing == "replace":
        monkeypatch.setattr("dissect.format.atomic_file.os.replace", fail)
    else:
        opened = os.fdopen
        monkeypatch.setattr(
            "dissect.format.atomic_file.os.fdopen", lambda *it: Filling(opened(*it), full)
        )

    with pytest.raises(StoreError, match=r"x\.bin cannot be written: No space left on device\."):
        store.put("x.bin", b"after, and longer")

    monkeypatch.undo()
    assert store.get("x.bin") == b"before"
    assert [path.name for path in store.path.iterdir()] == ["x.bin"]


class Filling:
    """A file on a disk that is full after three bytes."""

    def __init__(self, file, full):
        self.file, self.full = file, full

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()

    def writelines(self, chunks):
        self.file.write(next(iter(chunks))[:3])
        self.file.flush()
        raise self.full


@pytest.mark.parametrize("name", ["/etc/motd", "../up.png", "a/../../up.png"])
def test_no_name_leads_out_of_the_folder(store, name):
    with pytest.raises(BadSetting, match="would be written outside"):
        store.put(name, b"")


def test_a_store_is_a_folder_or_a_bucket(tmp_path):
    store_at(f"file://{tmp_path}").put("x", b"1")

    assert (tmp_path / "x").read_bytes() == b"1"
    with pytest.raises(BadSetting, match="folders or s3://BUCKET/PREFIX, not 'gs://b'"):
        store_at("gs://b")
    with pytest.raises(BadSetting, match="names no bucket"):
        store_at("s3:///prefix")
