"""Color bars: under the picture, from the lowest color to the highest, with both numbers."""

import numpy as np
import pytest
from PIL import Image

from dissect.render.contact_sheets import GAP, ContactSheet
from dissect.render.heatmap import BAR_PX, GREY, HEAT, SHADES, heat_colours, with_colour_bar


@pytest.mark.parametrize("side", [30, 448])
def test_a_bar_is_below_the_picture_and_runs_from_the_lowest_color_to_the_highest(side):
    picture = Image.new("RGB", (side, side), (0, 128, 0))

    sheet = with_colour_bar(ContactSheet(picture, ()), HEAT, "0", "activation 7.5")

    drawn = np.asarray(sheet.picture)
    assert (drawn[:side, :side] == (0, 128, 0)).all()
    low, high = sheet.captions
    bar = drawn[side + GAP + BAR_PX // 2]
    assert np.abs(bar[0].astype(int) - SHADES[0]).max() < 8
    assert (np.abs(bar.astype(int) - SHADES[-1]).max(axis=1) < 8).any()
    assert (low.text, high.text) == ("0", "activation 7.5")
    assert max(low.y, high.y) + low.font_px <= drawn.shape[0]
    assert high.x > low.x


def test_the_colors_of_a_bar_are_those_of_heat_maps():
    assert (heat_colours(np.linspace(0, 1, len(HEAT)), 0, 1) == HEAT).all()
    assert (GREY[0] == 0).all()
    assert (GREY[-1] == 255).all()
