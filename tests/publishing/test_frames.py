"""What a HIT lights of a picture comes from one image: region, parts, peak and crop together."""

import numpy as np
import pytest

from annotator.models import Exemplar
from annotator.publishing.hit_tiles import frame_of, resized
from dissect.format.tiles import LIT, WHOLE, crop_box

SIDE = 32


def blob(height, width, top=4, left=6):
    region = np.zeros((SIDE, SIDE), dtype=bool)
    region[top : top + height, left : left + width] = True
    return region


TWO_PARTS = blob(4, 4, top=2, left=2) | blob(6, 6, top=20, left=20)
MASKS = np.stack([blob(5, 9), blob(10, 3), blob(0, 0), TWO_PARTS])
PEAKS = np.array([[0.2, 0.25], [0.2, 0.25], [0.5, 0.5], [0.7, 0.7]], dtype=np.float32)


def lit(role, mask, coverage=0.5):
    return frame_of(Exemplar(role=role, mask=mask, coverage=coverage), MASKS, PEAKS)


@pytest.mark.parametrize("role", ["top", "held-out"])
def test_an_image_has_its_own_region_and_the_crop_around_its_own_peak(role):
    levels, box = lit(role, 3, coverage=0.9)

    assert np.array_equal(levels, MASKS[3])
    assert box == crop_box(MASKS[3], (0.7, 0.7)) != crop_box(MASKS[3], (0.1, 0.1))


def test_an_empty_region_is_lit_whole_and_not_cropped():
    for levels, box in (lit("top", 2), lit("catch", 0, coverage=0)):
        assert (levels == LIT).all()
        assert box == WHOLE


def test_the_region_and_the_crop_of_a_repeat_are_mirrored():
    (levels, box), original = lit("repeat", 3), lit("top", 3)

    assert np.array_equal(levels, original.levels[:, ::-1])
    assert box == pytest.approx(original.box.mirrored)


@pytest.mark.parametrize("role", ["catch", "random"])
def test_a_borrowed_region_has_the_area_of_its_exemplar_and_the_crop_of_that_region(role):
    levels, box = lit(role, 0, coverage=0.3)

    assert (levels == LIT).mean() == pytest.approx(0.3, abs=0.02)
    assert box == crop_box(levels == LIT, (0.2, 0.25))


def test_a_region_borrowed_as_it_is_looks_as_in_its_own_picture():
    borrowed, own = lit("catch", 3, MASKS[3].mean()), lit("top", 3)

    assert np.array_equal(borrowed.levels, own.levels)
    assert borrowed.box == own.box


@pytest.mark.parametrize("share", [0.02, 0.1, 0.25, 0.6])
def test_a_resized_region_has_nearly_the_area_asked_for(share):
    region = blob(9, 9, top=12, left=12)

    assert resized(region, share).mean() == pytest.approx(share, abs=0.03)


@pytest.mark.parametrize("share", [0.01, 0.2, 0.45, 0.8])
def test_parts_at_opposite_ends_grow_and_shrink_where_they_are(share):
    region = blob(4, 4, top=0, left=0) | blob(6, 6, top=26, left=26)

    drawn = resized(region, share)

    assert drawn.mean() == pytest.approx(share, abs=0.03)
    assert (drawn <= region).all() if share < region.mean() else (drawn >= region).all()


@pytest.mark.parametrize(("share", "area"), [(0, 0), (-1, 0), (1, 1), (2, 1)])
def test_the_extremes_are_nothing_and_everything(share, area):
    assert resized(blob(5, 5), share).mean() == area


def test_a_region_that_has_the_area_is_returned_as_it_is():
    region = blob(5, 9)

    assert resized(region, region.mean()) is region
