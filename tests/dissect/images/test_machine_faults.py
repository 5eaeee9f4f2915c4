"""A fault of the machine is never taken for a fault of an image: no image is skipped for it."""

import errno
import os
import tarfile

import pytest
from PIL import Image

from dissect.errors import ImagesError, StoreError
from dissect.images import decoding, sources, tar_shards
from dissect.images.decoding import read_image
from dissect.images.image_list import find_images

# What the system says, and what becomes of an image that it says it of.
FAULTS = [
    (errno.EIO, StoreError),  # a disk fails, or a soft mount is away
    (errno.ESTALE, StoreError),  # the server of a mount restarted
    (errno.ETIMEDOUT, StoreError),
    (errno.ENOTCONN, StoreError),  # a FUSE mount has died
    (errno.EMFILE, StoreError),  # this process has too many open files
    (errno.ENOMEM, StoreError),
    (errno.ENOENT, ImagesError),
    (errno.EACCES, ImagesError),
    (None, ImagesError),  # how Pillow says that a file is truncated
]
ids = pytest.mark.parametrize(
    ("number", "kind"), FAULTS, ids=[errno.errorcode.get(one, "none") for one, _ in FAULTS]
)


def failing(number):
    def fail(*arguments, **options):
        raise OSError(number, os.strerror(number)) if number else OSError("image file is truncated")

    return fail


@pytest.fixture
def picture(tmp_path):
    Image.new("RGB", (8, 6)).save(tmp_path / "a.png")
    return tmp_path / "a.png"


@ids
def test_an_image_is_skipped_only_for_what_is_wrong_with_it(picture, monkeypatch, number, kind):
    monkeypatch.setattr(decoding.Image, "open", failing(number))

    with pytest.raises(kind) as caught:
        read_image(picture)

    if kind is StoreError:
        assert str(caught.value).startswith(f"{picture} cannot be read now ({os.strerror(number)})")


@ids
def test_an_image_in_a_tar_likewise(picture, tmp_path, monkeypatch, number, kind):
    with tarfile.open(tmp_path / "shard.tar", "w") as archive:
        archive.add(picture, "a.png")
    images = find_images(tmp_path / "shard.tar")
    monkeypatch.setattr(tar_shards, "_read", failing(number))

    with pytest.raises(kind):
        images.open(0)


@pytest.mark.parametrize(
    ("number", "kind", "sentence"),
    [
        (errno.EACCES, ImagesError, "cannot be listed (Permission denied), so its images would"),
        (errno.EIO, StoreError, "cannot be read now"),
    ],
)
def test_a_folder_that_cannot_be_listed_is_not_left_out_silently(
    picture, monkeypatch, number, kind, sentence
):
    below = picture.parent / "below"
    below.mkdir()
    scandir = os.scandir

    def closed(path):
        if str(path) == str(below):
            raise OSError(number, os.strerror(number), str(path))
        return scandir(path)

    with monkeypatch.context() as patched:
        patched.setattr(os, "scandir", closed)
        with pytest.raises(kind) as caught:
            find_images(picture.parent)

    assert str(below) in str(caught.value)
    assert sentence in str(caught.value)


def test_a_file_whose_disk_fails_is_not_missing_from_the_list(picture, monkeypatch):
    with monkeypatch.context() as patched:  # pytest itself looks at files
        patched.setattr(sources.os, "stat", failing(errno.EIO))
        with pytest.raises(StoreError):
            sources.size_of(picture)
