"""Tiles of a site: drawn once, lit where readers see them lit."""

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from annotator.results.output.site import tiles
from annotator.results.output.site.tiles import (
    TILE_PX,
    Strip,
    TileSource,
    draw_tile,
    drawing,
)
from dissect.errors import BadDissection
from dissect.format.tile_drawing import BRIGHTNESS, SATURATION
from dissect.format.tiles import Box
from tests.results.output.site.pictured import left_half, pictured_study, stored_picture


def test_the_region_is_lit_and_the_rest_is_dimmed_as_on_readers_pages():
    color = np.array([200, 40, 40])
    picture = Image.new("RGB", (448, 448), tuple(color.tolist()))

    tile = np.asarray(draw_tile(picture, left_half())).astype(int)

    assert tile.shape == (TILE_PX, TILE_PX, 3)
    assert (tile[:, : TILE_PX // 2 - 2] == color).all()
    outside = np.asarray(ImageEnhance.Color(picture).enhance(SATURATION))[0, 0] * BRIGHTNESS
    assert np.abs(tile[:, TILE_PX // 2 + 2 :] - outside).max() <= 1


def test_a_tile_is_cut_as_readers_see_it():
    picture = Image.new("RGB", (448, 448), (200, 40, 40))

    tile = np.asarray(draw_tile(picture, left_half(), Box(0.3, 0.3, 0.4))).astype(int)

    lit = (tile == (200, 40, 40)).all(axis=2)
    assert lit[:, : TILE_PX // 2 - 2].all()
    assert not lit[:, TILE_PX // 2 + 2 :].any()


def test_a_picture_without_a_region_is_shown_whole():
    picture = Image.new("RGB", (224, 224), (10, 200, 30))

    assert np.asarray(draw_tile(picture, None)).reshape(-1, 3).tolist() == [[10, 200, 30]] * 96**2


def drawn(strips):
    with drawing(strips) as steps:
        return sum(steps)


@pytest.mark.django_db
def test_a_strip_holds_the_tiles_of_a_unit_side_by_side(tmp_path):
    pictured_study()
    stored_picture("blue.jpg", (20, 30, 220))
    sources = (TileSource("pictures/t.jpg", None), TileSource("pictures/blue.jpg", 1))
    strip = Strip(str(tmp_path / "0.jpg"), "d/0.png", sources)

    assert drawn([strip]) == 1

    with Image.open(tmp_path / "0.jpg") as picture:
        assert picture.size == (2 * TILE_PX, TILE_PX)
        red, blue = picture.getpixel((48, 48)), picture.getpixel((96 + 24, 48))
    assert red[0] > 180 > 80 > red[2]
    assert blue[2] > 180 > 80 > blue[0]


@pytest.mark.django_db
def test_a_picture_is_decoded_once_for_all_units_of_a_group(tmp_path, monkeypatch):
    pictured_study()
    decoded = []
    original = tiles._picture
    monkeypatch.setattr(tiles, "_picture", lambda name: decoded.append(name) or original(name))
    sources = (TileSource("pictures/t.jpg", 0),) * 5

    drawn([Strip(str(tmp_path / f"{n}.jpg"), "d/0.png", sources) for n in range(20)])

    assert decoded == ["pictures/t.jpg"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sheet", "picture", "sentence"),
    [
        ("d/9.png", "pictures/t.jpg", "The masks in d/9.png cannot be drawn"),
        ("d/0.png", "pictures/none.jpg", "The picture pictures/none.jpg cannot be drawn"),
    ],
)
def test_what_is_missing_is_named(tmp_path, sheet, picture, sentence):
    pictured_study()

    with pytest.raises(BadDissection, match=sentence):
        drawn([Strip(str(tmp_path / "0.jpg"), sheet, (TileSource(picture, 0),))])
