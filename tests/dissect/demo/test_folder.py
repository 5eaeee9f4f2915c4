"""A rendered folder holds every picture with its masks, or nothing."""

import csv

import numpy as np
import pytest
from PIL import Image

from dissect.demo import DemoError
from dissect.demo.concepts import LEVELS, class_rows
from dissect.demo.folder import pictures, write_folder


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
