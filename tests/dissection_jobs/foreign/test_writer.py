"""A table of top images as a dissection: its masks in the network's view, its numbers in order."""

import numpy as np
import pytest
from PIL import Image

from annotator.dissection_jobs.foreign.writer import MaskReader, _layer_table, image_list_of
from annotator.dissection_reader import DissectionError
from annotator.imports import read_top_images
from dissect.images.preprocessing import Preprocessing

HEADER = "unit,rank,image,score,role,mask\n"


@pytest.fixture
def folder(tmp_path):
    """Five pictures, of which wide.png is 240 x 120 px."""
    for name in "abcd":
        Image.new("RGB", (60, 60)).save(tmp_path / f"{name}.png")
    Image.new("RGB", (240, 120)).save(tmp_path / "wide.png")
    return tmp_path


def read(folder, lines):
    (folder / "table.csv").write_text(HEADER + lines)
    return read_top_images(folder / "table.csv")


def region(folder, mask, view=(224, 224)):
    """The region of wide.png, with a mask of its own."""
    Image.fromarray(mask).save(folder / "mask.png")
    table = read(folder, "0,1,wide.png,9,,mask.png\n")
    images = image_list_of(table, None)
    reader = MaskReader(table, images, {"wide.png": 0}, Preprocessing(*view))
    return reader.region(table.layers["layer"][0][0])


def test_a_mask_of_the_whole_image_is_cut_as_the_network_saw_it(folder):
    mask = np.zeros((60, 120), dtype=np.uint8)
    mask[:, 30:60] = 255  # the left half of the middle square

    left, right = np.split(region(folder, mask), 2, axis=1)

    assert left.all()
    assert not right.any()


def test_a_square_mask_is_of_the_view_already(folder):
    mask = np.zeros((8, 8), dtype=np.uint8)
    mask[:4] = 1

    upper, lower = np.split(region(folder, mask), 2)

    assert upper.all()
    assert not lower.any()


def test_a_mask_of_another_shape_is_refused(folder):
    with pytest.raises(DissectionError, match="Line 2: mask mask.png is 30 x 10, its image 240 x"):
        region(folder, np.zeros((10, 30), dtype=np.uint8))


def test_a_picture_without_a_mask_is_shown_whole(folder):
    table = read(folder, "0,1,a.png,9,,\n")
    reader = MaskReader(table, image_list_of(table, None), {"a.png": 0}, Preprocessing(224, 224))

    assert reader.region(table.layers["layer"][0][0]).all()


def test_unit_numbers_that_the_table_skips_have_no_images(folder):
    table = read(folder, "2,1,a.png,9,,\n2,2,b.png,9,,\n2,,c.png,1,low,\n")
    places = {"a.png": 4, "b.png": 2, "c.png": 7}

    numbers = _layer_table(table, "layer", np.ones((3, 2), dtype=np.float32), places, top=1)

    assert numbers.top.image.tolist() == [[-1, -1], [-1, -1], [4, 2]]
    assert numbers.low.image.tolist() == [[-1], [-1], [7]]
    assert numbers.maximum.tolist() == [0, 0, 9]
    assert numbers.saturated.tolist() == [False, False, True]  # two at its top score, one shown


def test_a_list_that_lacks_an_image_of_the_table_is_refused(folder, tmp_path_factory):
    others = tmp_path_factory.mktemp("others")
    Image.new("RGB", (60, 60)).save(others / "z.png")
    table = read(folder, "0,1,a.png,9,,\n")

    with pytest.raises(DissectionError, match="Line 2: image a.png is not among the 1 images of"):
        image_list_of(table, str(others))
