"""The sheets of a HIT: what is drawn is what is read, cut as its tiles are."""

import io
import re

import numpy as np
import pytest
from PIL import Image as Pillow

from annotator.models import Exemplar, Hit, Image
from annotator.publishing.hit_tiles import Frame, frame
from annotator.publishing.sheets import SHEET_COLUMNS, mask_sheet, store_sheets, style_sheet
from dissect.format.masks import decode_sheet
from dissect.format.tile_drawing import levels_in_frame
from dissect.format.tiles import WHOLE, Box
from tests.views.hits import jpeg, stored

SIDE = 32


def blob(height, width, top=4, left=6):
    region = np.zeros((SIDE, SIDE), dtype=bool)
    region[top : top + height, left : left + width] = True
    return region


FRAMES = [frame(region, (0.2, 0.25)) for region in (blob(5, 9), blob(10, 3), blob(20, 20))]


def test_regions_are_read_as_they_are_drawn_in_slot_order():
    frames = [FRAMES[number] for number in [1, 2, 0] * 4]

    regions = decode_sheet(mask_sheet(frames, "full"), SHEET_COLUMNS)

    assert regions.shape == (16, SIDE, SIDE)  # two rows of eight
    assert np.array_equal(regions[:12], [levels > 0 for levels, _ in frames])
    assert not regions[12:].any()


def test_a_cut_tile_has_its_region_in_its_own_frame():
    regions = decode_sheet(mask_sheet(FRAMES, "crop"), SHEET_COLUMNS)

    assert [box.is_whole for _, box in FRAMES] == [False, False, True]
    for region, (levels, box) in zip(regions, FRAMES, strict=False):
        assert np.array_equal(region, levels_in_frame(levels, box) > 0)


def test_the_sheet_is_opaque_inside_regions_and_transparent_outside():
    sheet = Pillow.open(io.BytesIO(mask_sheet(FRAMES, "full")))

    alpha = np.asarray(sheet.convert("RGBA"))[:, :SIDE, 3]
    assert np.array_equal(alpha, np.where(FRAMES[0].levels, 255, 0))


def rules(style):
    """{slot: its rule as numbers}"""
    by_slot = re.findall(r"\.slot-(\d+)\{(.*?)\}", style)
    return {int(slot): dict(re.findall(r"--(\w+):([^;]+)", rule)) for slot, rule in by_slot}


def test_the_style_sheet_says_where_each_tile_is_cut_and_where_its_inset_is():
    corner = Frame(blob(6, 6, top=26, left=0).astype(np.uint8), Box(0.0, 0.5, 0.5))

    style = style_sheet(Hit(masks="a.png"), [7, 3, 4], [FRAMES[0], FRAMES[2], corner])

    boxes = {slot: [float(rule[key]) for key in ("left", "top", "side")]
             for slot, rule in rules(style).items()}  # fmt: skip
    assert boxes == {
        7: pytest.approx(FRAMES[0].box, abs=1e-4),
        3: list(WHOLE),
        4: [0, 0.5, 0.5],
    }
    assert [rules(style)[slot]["inset"] for slot in (7, 3, 4)] == ["block", "none", "block"]
    assert [rules(style)[slot]["corner"] for slot in (7, 4)] == ["0", "1"]
    assert 'mask-image:url("a.png")' in style


@pytest.mark.parametrize("view", ["full", "crop"])
def test_equal_sheets_are_stored_once(tmp_path, view):
    picture = stored("pictures", jpeg(Pillow.new("RGB", (64, 64), "teal")), "jpg")
    exemplars = [Exemplar(slot=slot, image=Image(tile=picture)) for slot in range(3)]
    for exemplar, one in zip(exemplars, FRAMES, strict=True):
        exemplar.box = one.box
    hits = [Hit(tile_view=view) for _ in range(2)]

    for hit in hits:
        store_sheets(hit, exemplars, FRAMES)

    first, second = ((hit.masks, hit.full_masks, hit.insets, hit.style) for hit in hits)
    assert first == second
    assert {path.name for path in (tmp_path / "sheets").iterdir()} == {*first} - {""}
    assert bool(hits[0].insets) == bool(hits[0].full_masks) == (view == "crop")
