"""Images in folders and lists: which, in what order, and what is left out."""

import os
import time

import pytest

from dissect.errors import ImagesError
from dissect.images.image_list import find_images
from tests.dissect.images.test_image_list import saved


def test_a_folder_is_searched_whole_and_sorted_by_relative_path(tmp_path):
    for name in ["b/2.png", "a.jpg", "b/1.gif", "B.webp", "c/d/e.tiff"]:
        saved(tmp_path / name)
    (tmp_path / "labels.csv").write_text("not,an,image")

    result = find_images(tmp_path)

    assert list(result.paths) == ["B.webp", "a.jpg", "b/1.gif", "b/2.png", "c/d/e.tiff"]


def test_links_to_files_are_followed_but_no_circles_pipes_or_dangling_links(tmp_path):
    elsewhere = saved(tmp_path / "elsewhere" / "real.png")
    folder = tmp_path / "images"
    (folder / "deep").mkdir(parents=True)
    (folder / "link.png").symlink_to(elsewhere)
    (folder / "deep" / "up").symlink_to(folder)
    (folder / "nothing.png").symlink_to(tmp_path / "gone.png")
    (folder / "self.png").symlink_to(folder / "self.png")
    os.mkfifo(folder / "pipe.png")

    assert find_images(folder).paths == ("link.png",)


def test_a_list_keeps_its_order_and_is_relative_to_its_own_folder(tmp_path):
    for name in ["x.png", "y.png"]:
        saved(tmp_path / "photos" / name)
    (tmp_path / "list.txt").write_text("photos/y.png\n\nphotos/x.png\n")

    result = find_images(tmp_path / "list.txt")

    assert result.paths == ("photos/y.png", "photos/x.png")
    assert result.open(0).size == (8, 6)


def test_a_list_may_name_absolute_paths(tmp_path):
    path = saved(tmp_path / "elsewhere" / "x.png")
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "list.txt").write_text(f"{path}\n")

    assert find_images(tmp_path / "lists" / "list.txt").open(0).size == (8, 6)


def test_what_a_list_names_and_is_not_there_is_a_bad_image_not_the_end(tmp_path):
    saved(tmp_path / "x.png")
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "list.txt").write_text("gone.png\npipe.png\nx.png\n")

    result = find_images(tmp_path / "list.txt")

    for place, reason in enumerate(["No such file", "no regular file"]):
        with pytest.raises(ImagesError, match=reason):
            result.open(place)
    assert result.open(2).size == (8, 6)


def test_two_lists_are_the_same_only_with_the_same_files_in_the_same_order(tmp_path):
    saved(tmp_path / "a.png")
    first = find_images(tmp_path).sha256
    assert find_images(tmp_path).sha256 == first

    saved(tmp_path / "a.png", size=(80, 60), color=(1, 2, 3))

    assert find_images(tmp_path).sha256 != first


@pytest.mark.parametrize("name", ["missing", "empty"])
def test_a_missing_or_empty_folder_is_one_sentence(tmp_path, name):
    (tmp_path / "empty").mkdir()

    with pytest.raises(ImagesError, match=f"{name}'"):
        find_images(tmp_path / name)


def test_a_file_that_is_no_list_is_one_sentence(tmp_path):
    (tmp_path / "weights.pth").write_bytes(b"PK\3\4\0\0\0\xff\xfe")

    with pytest.raises(ImagesError, match=r"weights\.pth' is no image, no \.tar and no text"):
        find_images(tmp_path / "weights.pth")


def test_a_list_of_100_000_lines_starts_within_seconds(tmp_path):
    paths = [f"{number % 100:02d}/{number:06d}.jpg" for number in range(100_000)]
    for folder in range(100):
        (tmp_path / f"{folder:02d}").mkdir()
    for path in paths:
        (tmp_path / path).touch()
    (tmp_path / "list.txt").write_text("\n".join(paths))

    started = time.monotonic()
    result = find_images(tmp_path / "list.txt")

    assert time.monotonic() - started < 10
    assert result.paths == tuple(paths)


def test_files_that_were_not_looked_at_are_counted_by_ending(tmp_path):
    saved(tmp_path / "a.png")
    for name in ["README", "notes.TXT", "b.txt", "deep/c.txt", "d.mp4", ".DS_Store", "e.eps"]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()

    (note,) = find_images(tmp_path).notes

    assert note == "Not looked at: 7 files: 3 .txt, 2 without an ending, 1 .eps, 1 .mp4."


def test_a_folder_without_images_says_what_lies_there(tmp_path):
    (tmp_path / "film.mov").touch()

    with pytest.raises(ImagesError, match=r"no images in .*Not looked at: 1 file: 1 \.mov\."):
        find_images(tmp_path)


def test_an_image_list_does_not_depend_on_what_is_installed(tmp_path, monkeypatch):
    for name in ["a.heic", "b.avif", "c.HIF"]:
        (tmp_path / name).touch()
    monkeypatch.setattr("PIL.Image.OPEN", {})

    assert find_images(tmp_path).paths == ("a.heic", "b.avif", "c.HIF")
