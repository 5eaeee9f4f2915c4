"""Images and results in S3, over HTTP: what is found and kept, and what is said when it fails."""

import threading
import time

import pytest

from dissect.errors import BadDissection, ImagesError, StoreError
from dissect.images.image_list import find_images
from dissect.storage.s3 import Bucket
from dissect.storage.store import store_at
from tests.dissect.storage.contract import check_put_get_remove


def test_what_is_put_is_got_until_it_is_removed(s3):
    s3.make("results")
    store = store_at("s3://results/some/prefix/")

    store.put("c.bin", b"")

    assert s3.keys("results") == ["some/prefix/c.bin"]
    check_put_get_remove(store)
    with pytest.raises(BadDissection, match=r"There is no s3://results/some/prefix/a/b\.bin"):
        store.get("a/b.bin")


def test_a_prefix_gives_its_images_sorted_by_key_and_no_neighbors(s3, photographs):
    pictures = list(photographs.values())
    names = ["photos/b/2.jpg", "photos/a.JPG", "photos/b/1.png", "photos2/x.jpg", "x.jpg"]
    s3.make("set", dict(zip(names, pictures, strict=False)) | {"photos/labels.csv": b"", "p/": b""})

    images = find_images("s3://set/photos")

    assert images.paths == ("a.JPG", "b/1.png", "b/2.jpg")
    assert images.open(0).size == (60, 60)
    assert find_images("s3://set").paths == tuple(sorted(names))


def test_a_bucket_of_many_pages_is_listed_whole(s3, monkeypatch):
    monkeypatch.setattr("dissect.storage.s3.PAGE", 7)
    names = [f"{number:03d}.jpg" for number in range(50)]
    s3.make("set", dict.fromkeys(names, b"x"))

    assert find_images("s3://set").paths == tuple(names)


def test_the_same_photographs_are_the_same_list_from_a_folder(s3, photographs, tmp_path):
    s3.make("set", {f"deep/{name}": content for name, content in photographs.items()})
    for name, content in photographs.items():
        (tmp_path / name).write_bytes(content)

    assert find_images("s3://set/deep").sha256 == find_images(tmp_path).sha256


def test_a_list_may_mix_objects_and_files(s3, photographs, tmp_path):
    s3.make("one", {"a/x.jpg": photographs["00.jpg"]})
    s3.make("two", {"y.jpg": photographs["01.jpg"]})
    (tmp_path / "z.jpg").write_bytes(photographs["02.jpg"])
    lines = ["s3://two/y.jpg", "z.jpg", "s3://one/a/x.jpg", "s3://one/a/gone.jpg", "s3://two"]
    (tmp_path / "list.txt").write_text("\n".join(lines))

    images = find_images(tmp_path / "list.txt")

    assert images.paths == tuple(lines)
    assert [images.open(place).size for place in range(3)] == [(60, 60)] * 3
    for place in (3, 4):
        with pytest.raises(ImagesError, match="there is no"):
            images.open(place)


def test_a_list_of_objects_asks_for_pages_not_for_each(s3, tmp_path, monkeypatch):
    s3.make("set", {f"{number:03d}.jpg": b"x" * (number % 7) for number in range(60)})
    (tmp_path / "list.txt").write_text("\n".join(f"s3://set/{n:03d}.jpg" for n in range(10, 60)))
    asked, page = [], Bucket._page
    monkeypatch.setattr("dissect.storage.s3.PAGE", 20)
    monkeypatch.setattr(
        Bucket, "_page", lambda self, after: asked.append(after) or page(self, after)
    )

    find_images(tmp_path / "list.txt")

    assert asked == ["010.jpf~", "030.jpf~", "050.jpf~"]


def test_sizes_of_objects_tell_lists_apart(s3, tmp_path):
    s3.make("set", {"a.jpg": b"1", "b.jpg": b"22"})
    (tmp_path / "list.txt").write_text("s3://set/b.jpg\ns3://set/a.jpg\n")
    before = find_images(tmp_path / "list.txt").sha256

    s3.client().put_object(Bucket="set", Key="a.jpg", Body=b"longer")

    assert find_images(tmp_path / "list.txt").sha256 != before


def test_bad_bytes_are_one_bad_image(s3, photographs):
    s3.make("set", {"a.jpg": b"not an image", "b.jpg": photographs["00.jpg"]})
    images = find_images("s3://set")

    with pytest.raises(ImagesError, match="cannot identify image file"):
        images.open(0)
    assert images.open(1).size == (60, 60)


@pytest.mark.parametrize(
    ("place", "says"),
    [
        ("s3://nowhere/x", "There is no bucket 'nowhere' at http://127"),
        ("s3://set/empty", "There are no images in 's3://set/empty'"),
        ("s3://set/tars", "Tar shards are read from folders: copy those of s3://set/tars"),
        ("s3://Not A Bucket/x", "Invalid bucket name"),
    ],
)
def test_what_cannot_be_listed_is_one_sentence(s3, place, says):
    s3.make("set", {"tars/s.tar": b""})

    with pytest.raises((ImagesError, StoreError), match=says):
        find_images(place)


def test_no_credentials_is_one_sentence(s3, monkeypatch):
    s3.make("set")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")

    with pytest.raises(StoreError, match="no credentials for s3://set.*set AWS_ACCESS_KEY_ID"):
        find_images("s3://set")


def test_a_profile_that_is_not_there_is_one_sentence(s3, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "anna")

    with pytest.raises(StoreError, match=r"S3 cannot be used: The config profile \(anna\)"):
        find_images("s3://set")


def test_an_endpoint_that_nobody_answers_is_one_sentence(s3, impatient):
    s3.stop()

    with pytest.raises(StoreError, match="s3://set did not answer for 1 seconds.*ask again"):
        find_images("s3://set")


def test_storage_that_comes_back_is_waited_for(s3, photographs, asked_often):
    s3.make("set", photographs)
    images, store = find_images("s3://set"), store_at("s3://set/results")
    s3.stop()
    back = threading.Timer(0.5, s3.start)
    back.start()

    started = time.monotonic()
    store.put("x", b"kept")
    waited = time.monotonic() - started

    back.join()
    assert waited > 0.4
    assert store.get("x") == b"kept"
    assert images.open(0).size == (60, 60)


def test_a_photograph_that_cannot_be_fetched_is_not_taken_for_a_bad_one(s3, photographs, impatient):
    """Else a storage that is down for a minute would leave the dissection without its images."""
    s3.make("set", photographs)
    images = find_images("s3://set")
    s3.stop()

    with pytest.raises(StoreError, match="did not answer"):
        images.open(0)
