import os

import numpy as np
import pytest
from PIL import Image

from dissect.errors import ImagesError
from dissect.images import find_images, read_image


def saved(path, size=(8, 6), mode="RGB", color=0, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, color).save(path, **options)
    return path


def test_a_folder_is_searched_whole_and_sorted_by_relative_path(tmp_path):
    for name in ["b/2.png", "a.jpg", "b/1.gif", "B.webp", "c/d/e.tiff"]:
        saved(tmp_path / name)
    (tmp_path / "labels.csv").write_text("not,an,image")

    found = find_images(tmp_path)

    assert list(found.paths) == ["B.webp", "a.jpg", "b/1.gif", "b/2.png", "c/d/e.tiff"]


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

    found = find_images(tmp_path / "list.txt")

    assert found.paths == ("photos/y.png", "photos/x.png")
    assert found.open(0).size == (8, 6)


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


def test_exif_turns_the_picture(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # turn a quarter to the right
    path = saved(tmp_path / "turned.jpg", size=(40, 20), exif=exif)

    assert read_image(path).size == (20, 40)


@pytest.mark.parametrize(
    ("name", "mode", "color"),
    [
        ("grey.png", "L", 100),
        ("deep.png", "I;16", 100 * 257),
        ("palette.png", "P", 100),
        ("clear.png", "RGBA", (100, 100, 100, 0)),
        ("print.jpg", "CMYK", (0, 0, 0, 155)),
        ("bits.png", "1", 1),
    ],
)
def test_every_mode_becomes_rgb(tmp_path, name, mode, color):
    image = Image.new(mode, (8, 6), color)
    if mode == "P":
        image.putpalette([value for shade in range(256) for value in (shade,) * 3])
    image.save(tmp_path / name)

    found = read_image(tmp_path / name)

    assert (found.mode, found.size) == ("RGB", (8, 6))
    shade = 255 if mode == "1" else 100
    assert np.abs(np.asarray(found).astype(int) - shade).max() <= 2


def test_an_animation_gives_its_first_frame(tmp_path):
    frames = [Image.new("RGB", (8, 6), color) for color in ("red", "blue")]
    frames[0].save(tmp_path / "film.gif", save_all=True, append_images=frames[1:])

    assert read_image(tmp_path / "film.gif").getpixel((0, 0)) == (255, 0, 0)


def test_a_picture_too_large_to_be_real_is_refused_before_it_is_decoded(tmp_path, monkeypatch):
    path = saved(tmp_path / "huge.png", size=(40, 30))
    monkeypatch.setattr("dissect.images.MOST_PIXELS", 1199)

    with pytest.raises(ImagesError, match=r"40 x 30 is above 1,199 pixels"):
        read_image(path)
