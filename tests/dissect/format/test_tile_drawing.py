"""Tiles that Pillow draws look as pages show them."""

import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dissect.format.tile_drawing import (
    BRIGHTNESS,
    FRAME,
    OUTLINE,
    SATURATION,
    cut_tile,
    draw_inset,
    draw_tile,
    jpeg,
    light_region,
)
from dissect.format.tiles import INSET_SHARE, LIT, OTHER_PART, WHOLE, Box, lit_levels

STYLE = Path(__file__).parents[3] / "annotator" / "static" / "tiles.css"
COLOR = np.array([180, 90, 60])
BOX = Box(0.25, 0.25, 0.5)


def plain(side=224):
    return Image.new("RGB", (side, side), tuple(COLOR.tolist()))


def square(first, last, level=LIT, side=224):
    levels = np.zeros((side, side), dtype=np.uint8)
    levels[first:last, first:last] = level
    return levels


def outside_color():
    grey = COLOR @ [0.299, 0.587, 0.114]
    return BRIGHTNESS * (grey + SATURATION * (COLOR - grey))


def test_pages_have_the_same_brightness_saturation_and_inset():
    numbers = dict(re.findall(r"--([a-z-]+): ([.\d]+)", STYLE.read_text().split("}")[0]))

    assert float(numbers["brightness"]) == BRIGHTNESS
    assert float(numbers["saturation"]) == SATURATION
    assert float(numbers["inset-share"]) == 100 * INSET_SHARE


def test_a_region_stays_as_it_was_with_a_thin_outline_and_the_rest_is_darker_and_grayer():
    drawn = np.asarray(light_region(plain(), square(80, 140)), dtype=int)

    assert (drawn[80:140, 80:140] == COLOR).all()
    assert np.abs(drawn[:70] - outside_color()).max() <= 2
    assert (drawn[79, 80:140] == OUTLINE).all()
    assert (drawn == OUTLINE).all(axis=2).sum() < 0.02 * 224**2


def test_the_outline_of_another_part_is_faint():
    levels = np.maximum(square(20, 60), square(120, 180, OTHER_PART))

    drawn = np.asarray(light_region(plain(), levels), dtype=int)

    assert (drawn[19, 20:60] == OUTLINE).all()
    assert (drawn[119, 130:170] < 240).any(axis=1).all()
    assert (drawn[130:170, 130:170] == COLOR).all()


def test_a_picture_without_a_region_is_not_dimmed():
    assert light_region(plain(), np.zeros((224, 224), dtype=np.uint8)) == plain()


@pytest.mark.parametrize("side", [75, 224, 448])
def test_a_tile_has_one_size_whatever_it_is_cut_from(side):
    pixels = np.zeros((side, side, 3), dtype=np.uint8)
    pixels[:, side // 2 :] = 200

    tile = np.asarray(cut_tile(Image.fromarray(pixels), Box(0.25, 0.5, 0.5)), dtype=int)

    assert tile.shape == (224, 224, 3)
    assert tile[:, :100].max() < 30 < 170 < tile[:, 124:].min()


def test_an_inset_has_a_frame_where_the_tile_was_cut_and_none_if_it_was_not():
    dark = Image.new("RGB", (448, 448), (20, 20, 20))

    inset = np.asarray(draw_inset(dark, BOX, side=80), dtype=int)

    assert (inset[20, 20:60] == FRAME).all()
    assert (inset[20:60, 59] == FRAME).all()
    assert np.abs(inset[30:50, 30:50] - 20).max() <= 1
    assert np.abs(np.asarray(draw_inset(dark, WHOLE, side=80), dtype=int) - 20).max() <= 1


def test_a_whole_tile_is_cut_and_lit_and_has_the_picture_in_a_corner():
    levels = lit_levels(square(90, 130) > 0, (0.5, 0.5))

    drawn = np.asarray(draw_tile(plain(), levels, BOX, side=200), dtype=int)

    assert (drawn[90:110, 90:110] == COLOR).all()  # the region, in the middle of the crop
    assert np.abs(drawn[20, 20] - outside_color()).max() <= 2
    assert np.abs(drawn[195, 5] - COLOR).max() <= 2  # the inset
    whole = np.asarray(draw_tile(plain(), levels, WHOLE, side=200), dtype=int)
    assert np.abs(whole[195, 5] - outside_color()).max() <= 2


def test_a_jpeg_is_what_was_drawn():
    drawn = Image.open(io.BytesIO(jpeg(plain())))

    assert drawn.size == (224, 224)
    assert np.abs(np.asarray(drawn, dtype=int) - COLOR).max() <= 3


def test_a_stored_picture_says_nothing_that_the_file_it_was_read_from_said(tmp_path):
    """Comments name programs and people, and tell pictures apart."""
    path = tmp_path / "photo.jpg"
    Image.new("RGB", (9, 9)).save(path, comment=b"by Ana", exif=b"Exif\0\0MM", dpi=(300, 300))

    with Image.open(path) as picture:
        assert picture.info["comment"] == b"by Ana"
        stored = Image.open(io.BytesIO(jpeg(picture)))

    assert set(stored.info) == {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert stored.info["jfif_density"] == (1, 1)
