"""A HIT's regions as one PNG: what is drawn is what is read."""

import io

import numpy as np
import pytest
from PIL import Image as Pillow

from annotator.models import Exemplar
from annotator.publishing.mask_sheet import (
    SHEET_COLUMNS,
    mask_sheet,
    resized,
    store_sheet,
)
from dissect.format.masks import decode_sheet

SIDE = 32


def blob(height, width, top=4, left=6):
    region = np.zeros((SIDE, SIDE), dtype=bool)
    region[top : top + height, left : left + width] = True
    return region


MASKS = np.stack([blob(5, 9), blob(10, 3), blob(0, 0), blob(20, 20)])


def shown(role, mask, coverage=0.5):
    return Exemplar(role=role, mask=mask, coverage=coverage)


def drawn(*exemplars):
    return decode_sheet(mask_sheet(MASKS, list(exemplars)), SHEET_COLUMNS)


def test_regions_are_read_as_they_are_drawn_in_slot_order():
    regions = drawn(*(shown("top", mask) for mask in (1, 3, 0) * 4))

    assert regions.shape == (16, SIDE, SIDE)  # two rows of eight
    assert np.array_equal(regions[:12], MASKS[[1, 3, 0] * 4])
    assert not regions[12:].any()


def test_the_sheet_is_opaque_inside_regions_and_transparent_outside():
    sheet = Pillow.open(io.BytesIO(mask_sheet(MASKS, [shown("top", 0)])))

    alpha = np.asarray(sheet.convert("RGBA"))[:, :SIDE, 3]
    assert np.array_equal(alpha, np.where(MASKS[0], 255, 0))


def test_an_empty_region_is_drawn_whole():
    assert drawn(shown("top", 2))[0].all()
    assert drawn(shown("catch", 0, coverage=0))[0].all()


def test_the_region_of_a_repeat_is_mirrored():
    assert np.array_equal(drawn(shown("repeat", 0))[0], MASKS[0][:, ::-1])


@pytest.mark.parametrize("role", ["catch", "random"])
def test_a_borrowed_region_has_the_area_of_its_exemplar(role):
    assert drawn(shown(role, 0, coverage=0.3))[0].mean() == pytest.approx(0.3, abs=0.02)


def test_a_held_out_region_is_drawn_as_it_is():
    assert np.array_equal(drawn(shown("held-out", 0, coverage=0.9))[0], MASKS[0])


@pytest.mark.parametrize("share", [0.02, 0.1, 0.25, 0.6])
def test_a_resized_region_has_nearly_the_area_asked_for(share):
    region = blob(9, 9, top=12, left=12)

    assert resized(region, share).mean() == pytest.approx(share, abs=0.03)


@pytest.mark.parametrize(("share", "area"), [(0, 0), (-1, 0), (1, 1), (2, 1)])
def test_the_extremes_are_nothing_and_everything(share, area):
    assert resized(blob(5, 5), share).mean() == area


def test_a_region_that_has_the_area_is_returned_as_it_is():
    region = blob(5, 9)

    assert resized(region, region.mean()) is region


def test_an_equal_sheet_is_stored_once(tmp_path, settings):
    first, second = (store_sheet(MASKS, [shown("top", 0)]) for _ in range(2))

    assert first == second
    assert [path.name for path in (tmp_path / "sheets").iterdir()] == [first]
