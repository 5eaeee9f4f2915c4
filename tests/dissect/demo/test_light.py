"""Colors and lines are labeled as people call them."""

import numpy as np
import pytest

from dissect.demo.concepts import LEVELS
from dissect.demo.light import color_labels, orientation_labels


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
