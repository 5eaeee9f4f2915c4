import csv

import numpy as np
import pytest
from PIL import Image

from dissect.demo import DemoError
from dissect.demo.__main__ import main
from dissect.demo.concepts import LEVELS, OBJECTS, PARTS, SCENES, TEXTURES, class_rows
from dissect.demo.folder import pictures, write_folder
from dissect.demo.light import color_labels, orientation_labels
from dissect.demo.objects import THINGS
from dissect.demo.scenes import CASTS, KINDS, render
from dissect.demo.surfaces import TEXTURE_FUNCTIONS


@pytest.fixture(scope="module")
def shown():
    """Two pictures of every object and eight of every scene."""
    return list(pictures(160, seed=3))


def test_there_are_at_least_eight_scenes_and_twenty_objects_with_parts():
    assert len(SCENES) >= 8
    assert len(OBJECTS) >= 20
    assert all(len(parts) >= 2 for parts in OBJECTS.values())


def test_whatever_has_a_name_can_be_drawn():
    assert tuple(THINGS) == tuple(OBJECTS)
    assert tuple(TEXTURE_FUNCTIONS) == TEXTURES
    assert tuple(CASTS) == SCENES


@pytest.mark.parametrize("kind", KINDS)
def test_a_seed_always_gives_the_same_picture(kind):
    first, again, other = (render(kind, 7, seed) for seed in (5, 5, 6))

    assert np.array_equal(first.pixels, again.pixels)
    assert all(np.array_equal(first.labels[level], again.labels[level]) for level in LEVELS)
    assert not np.array_equal(first.pixels, other.pixels)


def test_pictures_do_not_depend_on_how_many_are_rendered():
    assert all(
        np.array_equal(few.pixels, many.pixels)
        for few, many in zip(pictures(4, seed=9), pictures(8, seed=9), strict=False)
    )


def test_every_pixel_has_a_color_a_texture_and_a_surface(shown):
    for picture in shown:
        for level in ("color", "texture", "surface"):
            assert picture.labels[level].min() > 0


def test_every_label_has_a_name(shown):
    for picture in shown:
        for level, (_, names) in LEVELS.items():
            assert picture.labels[level].max() <= len(names)


def test_a_scene_covers_its_picture_and_a_single_object_has_none(shown):
    for picture in shown:
        wanted = SCENES.index(picture.name) + 1 if picture.kind == "scene" else 0
        assert (picture.labels["scene"] == wanted).all()


def test_a_part_lies_in_an_object_that_has_it(shown):
    names = list(OBJECTS)
    for picture in shown:
        objects, parts = (picture.labels[level].astype(int) for level in ("object", "part"))
        for pair in np.unique(objects * 1000 + parts):
            thing, part = divmod(int(pair), 1000)
            if thing == 0:
                assert part == 0
            else:
                assert PARTS[part - 1] in OBJECTS[names[thing - 1]]


def test_every_part_of_every_object_is_seen_somewhere():
    names, seen = list(OBJECTS), set()
    for place in range(12 * len(names)):
        labels = render("object", place, seed=4).labels
        inside = labels["part"][labels["object"] == place % len(names) + 1]
        seen |= {(names[place % len(names)], PARTS[part - 1]) for part in np.unique(inside)}

    assert seen == {(name, part) for name, parts in OBJECTS.items() for part in parts}


def test_a_single_object_picture_shows_that_object_and_no_other(shown):
    for picture in shown:
        if picture.kind == "object":
            wanted = list(OBJECTS).index(picture.name) + 1
            assert set(np.unique(picture.labels["object"])) == {0, wanted}


def test_every_object_is_in_several_scenes_and_sure_in_none():
    for name in OBJECTS:
        chances = [cast[name][0] for cast in CASTS.values() if name in cast]
        assert len(chances) >= 3, name
        # A share of one scene in all sights of the object, if scenes come equally often.
        assert max(chances) / sum(chances) < 0.8, name
        assert name == "tree" or max(chances) < 0.9, name


@pytest.mark.parametrize(
    ("color", "name"),
    [
        ((10, 10, 12), "black"),
        ((128, 128, 130), "gray"),
        ((250, 250, 248), "white"),
        ((205, 30, 30), "red"),
        ((235, 130, 30), "orange"),
        ((240, 215, 50), "yellow"),
        ((50, 150, 60), "green"),
        ((50, 90, 190), "blue"),
        ((125, 50, 150), "purple"),
        ((240, 150, 175), "pink"),
        ((120, 75, 40), "brown"),
    ],
)
def test_colors_are_named_as_people_name_them(color, name):
    flat = np.full((128, 128, 3), color, dtype=np.uint8)

    names = LEVELS["color"][1]
    assert [names[index - 1] for index in np.unique(color_labels(flat))] == [name]


@pytest.mark.parametrize(
    ("across", "down", "name"),
    [
        (0, 1, "horizontal lines"),
        (1, 0, "vertical lines"),
        (1, 1, "rising lines"),
        (1, -1, "falling lines"),
    ],
)
def test_lines_are_named_by_the_way_they_run(across, down, name):
    y, x = np.mgrid[:128, :128]
    wave = 128 + 100 * np.sin((across * x + down * y) * 2 * np.pi / 9)
    stripes = np.repeat(wave[..., None], 3, axis=2).astype(np.uint8)

    inside = orientation_labels(stripes)[8:-8, 8:-8]
    assert {LEVELS["orientation"][1][index - 1] for index in np.unique(inside)} == {name}


def test_a_plain_picture_has_no_lines():
    assert not orientation_labels(np.full((128, 128, 3), 90, dtype=np.uint8)).any()


def test_a_folder_holds_every_picture_with_a_mask_for_every_level(tmp_path):
    folder = tmp_path / "world"
    write_folder(folder, count=6, seed=1)

    rows = list(csv.DictReader((folder / "labels.csv").read_text().splitlines()))
    assert [row["kind"] for row in rows] == ["scene", "object"] * 3
    for row, picture in zip(rows, pictures(6, seed=1), strict=True):
        assert row["class"] == picture.name
        with Image.open(folder / "images" / row["path"]) as image:
            assert image.size == (128, 128)
            assert np.abs(np.asarray(image).astype(int) - picture.pixels).mean() < 4
        for level in LEVELS:
            path = (folder / "masks" / level / row["path"]).with_suffix(".png")
            with Image.open(path) as mask:
                assert np.array_equal(np.asarray(mask), picture.labels[level])


def test_the_classes_of_a_folder_are_those_of_its_masks(tmp_path):
    write_folder(tmp_path / "world", count=1, seed=1)

    rows = list(csv.reader((tmp_path / "world" / "classes.csv").read_text().splitlines()))
    assert rows[0] == ["index", "name", "group", "level"]
    assert rows[1:] == [[str(cell) for cell in row] for row in class_rows()]
    assert {int(group) for _, _, group, _ in rows[1:]} == {1, 2, 3, 4, 5, 6}


def test_a_folder_that_holds_something_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("keep")

    with pytest.raises(DemoError, match="not an empty folder"):
        write_folder(tmp_path, count=2, seed=0)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_failed_rendering_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(
        Image.Image, "save", lambda *_, **__: (_ for _ in ()).throw(OSError("full"))
    )

    with pytest.raises(DemoError, match="full"):
        write_folder(tmp_path / "world", count=2, seed=0)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["render", "{here}", "--count", "0"],
        ["render", "{here}/mine.txt"],
        ["train", "--seeds", "0"],
    ],
)
def test_bad_input_gets_one_sentence_and_a_failure(arguments, tmp_path, capsys):
    (tmp_path / "mine.txt").write_text("keep")

    assert main([argument.format(here=tmp_path) for argument in arguments]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("error: ")
    assert len(told.err.splitlines()) == 1
