"""Catch images borrow regions that are like shown ones and that the HIT does not show."""

import numpy as np
import pytest

from annotator.models import Study, Unit
from annotator.publishing.lenders import (
    AREA_TOLERANCE,
    UnitRegions,
    borrowed_regions,
    likely_lenders,
    target_of,
)

STUDY, TOP, PLACES = Study(key="secret"), 20, [90, 91, 92, 93]


def random_regions(seed, count=30, shown=TOP):
    rng = np.random.default_rng(seed)
    sides = (1 / 3 + 2 / 3 * rng.random(count)).tolist()
    return UnitRegions(rng.random(count).round(2).tolist(), sides, shown)


@pytest.mark.parametrize("seed", range(5))
def test_borrowed_regions_have_the_areas_of_shown_ones_and_no_shape_comes_twice(seed):
    regions = random_regions(seed)

    borrowed = borrowed_regions(STUDY, Unit(pk=seed), regions, PLACES)

    assert len({mask for mask, _ in borrowed}) == len(PLACES)
    for mask, share in borrowed:
        assert mask >= TOP
        assert regions.coverage[mask] > 0
        nearest = min(abs(share - area) / max(area, 1e-9) for area in regions.coverage[:TOP])
        assert nearest <= AREA_TOLERANCE


def test_a_lender_is_nearest_in_area_and_crop_by_definition():
    regions = random_regions(1)
    for target in range(TOP):
        off = {
            mask: abs(regions.coverage[mask] - regions.coverage[target]) / regions.coverage[target]
            + abs(regions.sides[mask] - regions.sides[target]) / regions.sides[target]
            for mask in range(TOP, 30)
        }

        assert regions.nearest(target, range(TOP, 30)) == min(off, key=off.get)


def test_a_likely_lender_is_the_one_that_lends_if_nobody_else_asks():
    regions, unit = random_regions(2), Unit(pk=5)

    likely = likely_lenders(STUDY, unit, regions, PLACES)

    assert likely == [borrowed_regions(STUDY, unit, regions, [place])[0][0] for place in PLACES]


def test_every_shown_region_is_as_likely_to_be_followed():
    regions, unit = random_regions(3), Unit(pk=5)

    targets = [target_of(STUDY, unit, place, regions) for place in range(4000)]

    assert np.bincount(targets, minlength=TOP) == pytest.approx(np.full(TOP, 200), rel=0.35)


def test_regions_come_from_shown_images_if_there_are_no_others():
    regions = UnitRegions([0.1, 0.2, 0.3], [0.4, 0.4, 0.4], shown=3)

    borrowed = borrowed_regions(STUDY, Unit(pk=1), regions, PLACES[:2])

    assert len({mask for mask, _ in borrowed}) == 2
