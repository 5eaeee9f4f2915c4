"""Catch images borrow regions that are like shown ones and that the HIT does not show."""

import numpy as np
import pytest
from scipy import ndimage

from annotator.publishing.catch.lenders import (
    STEP,
    UnitRegions,
    draw_lenders,
    offered_regions,
    region_cues,
    unit_regions,
)
from annotator.publishing.catch.raking import NONE, Cue
from dissect.format.tiles import Box

UNITS, TOP, SPARE, COUNT = 150, 20, 40, 3


def unit_of(numbers, shown, is_lit=None, **options):
    """The regions of a unit, all of different shapes."""
    every = np.ones(len(numbers), dtype=bool)
    return UnitRegions(numbers, every if is_lit is None else is_lit, every, shown, **options)


def regions_of_weaker_spares(units=UNITS):
    """Two numbers a region, both larger for spare ones."""
    rng = np.random.default_rng(0)
    numbers = rng.normal(size=(units, TOP + SPARE, 2))
    numbers[:, TOP:] += 0.5
    return [unit_of(own, TOP) for own in numbers]


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).integers(0, 2**64, shape, dtype=np.uint64)


def drawn(regions, seed=0):
    """Lenders by random numbers, (units, COUNT)."""
    order = numbers(len(regions), len(regions[0].is_lit), seed=seed)
    offered = offered_regions(regions, order, COUNT, most=order.shape[1])
    cues = [cue.repeated(COUNT) for cue in region_cues(regions)]
    return draw_lenders(offered, cues, numbers(len(regions), seed=seed + 1))


def test_lenders_are_spare_and_differ_and_their_shapes_are_like_shown_ones():
    regions = regions_of_weaker_spares()

    lenders = drawn(regions)

    assert lenders.shape == (UNITS, COUNT)
    assert lenders.min() >= TOP
    assert all(len(set(row)) == COUNT for row in lenders.tolist())
    for column in range(2):
        numbers = np.array([unit.numbers[:, column] for unit in regions])
        borrowed = np.take_along_axis(numbers, lenders, axis=1)
        assert numbers[:, TOP:].mean() > 0.4  # drawn evenly they would stand out
        assert borrowed.mean() == pytest.approx(numbers[:, :TOP].mean(), abs=0.2)


def test_the_numbers_decide_who_lends():
    regions = regions_of_weaker_spares()

    assert (drawn(regions) == drawn(regions)).all()
    assert (drawn(regions) != drawn(regions, seed=1)).any()


def test_regions_come_from_shown_images_if_there_are_no_others():
    regions = [unit_of(np.zeros((4, 1)), shown=4)] * 10

    assert set(drawn(regions).ravel()) == {0, 1, 2, 3}


@pytest.mark.parametrize(("spare", "different"), [(90, 48), (48, 48), (20, 20), (16, 16), (9, 9)])
def test_a_catch_image_tries_some_spare_regions_and_others_than_the_others(spare, different):
    """As far as there are enough: 16 each."""
    regions = [unit_of(np.zeros((4 + spare, 1)), shown=4)] * 10

    offered = offered_regions(regions, numbers(10, 4 + spare), COUNT, most=16)

    assert (offered.sum(axis=2) == min(16, spare)).all()
    assert (offered.any(axis=1).sum(axis=1) == different).all()
    assert not offered[:, :, :4].any()
    assert offered.any(axis=(0, 1)).sum() > min(60, spare - 1)  # not the same ones of each unit


def test_each_catch_image_borrows_one_of_the_regions_that_only_it_may_borrow():
    regions = [unit_of(np.zeros((60, 1)), shown=6)] * UNITS
    order = numbers(UNITS, 60)
    offered = offered_regions(regions, order, COUNT, most=16)

    lenders = draw_lenders(offered, [], numbers(UNITS, seed=1))

    assert np.take_along_axis(offered, lenders[:, :, None], axis=2).all()


def test_each_catch_image_borrows_what_suits_it_and_no_other_borrows_it():
    """Regions suit by a number that depends on who borrows them, as a tile's size does."""
    rng = np.random.default_rng(3)
    offered = np.ones((UNITS, COUNT, 16), dtype=bool)
    sizes = rng.normal(size=(UNITS * COUNT, 16)) + 0.5
    cue = Cue(rng.normal(size=(UNITS * COUNT, TOP)), sizes)

    lenders = draw_lenders(offered, [cue], numbers(UNITS, seed=1))

    assert all(len(set(row)) == COUNT for row in lenders.tolist())
    borrowed = sizes[np.arange(UNITS * COUNT), lenders.ravel()]
    assert abs(borrowed.mean()) < 0.12  # 0.5 if drawn evenly
    assert borrowed.std() == pytest.approx(1, abs=0.1)


def test_who_has_no_region_to_borrow_gets_none_and_too_few_are_borrowed_twice():
    offered = np.zeros((2, COUNT, 4), dtype=bool)
    offered[0, :2, 1:] = True  # nothing for the third
    offered[1, :, 2] = True  # one for all

    lenders = draw_lenders(offered, [], numbers(2))

    assert lenders[0, 2] == NONE
    assert len({*lenders[0, :2].tolist()} & {1, 2, 3}) == 2
    assert lenders[1].tolist() == [2, 2, 2]


def test_the_first_regions_count_twice_where_they_are_repeated():
    numbers = np.arange(5.0)[:, None]
    unit = unit_of(numbers, shown=3, repeated=2)

    (cue,) = region_cues([unit])

    assert cue.shown.tolist() == [[0, 1, 2, 0, 1]]
    assert cue.offered.tolist() == [[0, 1, 2, 3, 4]]


def test_an_empty_region_is_lent_only_where_one_is_shown():
    is_lit = np.array([1, 1, 0, 1, 1, 0], dtype=bool)
    some = unit_of(np.zeros((6, 1)), 3, is_lit)
    none = unit_of(np.zeros((6, 1)), 2, is_lit)

    assert some.spare(2).tolist() == [False, False, False, True, True, True]
    assert none.spare(2).tolist() == [False, False, False, True, True, False]


def test_of_equal_shapes_as_many_are_lent_as_are_shown_if_there_are_enough_others():
    masks = np.zeros((8, 2 * STEP, 2 * STEP), dtype=bool)
    corners = [(0, 0), (0, 0), (0, 0), (0, 1), (0, 0), (0, 0), (1, 1), (0, 1)]
    for number, (y, x) in enumerate(corners):
        masks[number, STEP * y : STEP * (y + 1), STEP * x : STEP * (x + 1)] = True

    unit = unit_regions(masks, [Box(0, 0, 1)] * 8, shown=2)

    assert np.flatnonzero(unit.spare(4)).tolist() == [2, 3, 4, 6]
    assert np.flatnonzero(unit.spare(5)).tolist() == [2, 3, 4, 5, 6, 7]
    assert unit_regions(masks, [Box(0, 0, 1)] * 8, shown=8).spare(1).all()


@pytest.mark.parametrize("columns", [COUNT, COUNT + 1, 16])
def test_no_region_is_lent_twice_where_all_want_the_same(columns):
    rng = np.random.default_rng(8)
    shown = rng.normal(size=(UNITS * COUNT, TOP))
    offered = np.repeat(rng.normal(size=(UNITS, columns)) + 3, COUNT, axis=0)  # the lowest is best

    cue = Cue(shown, offered)
    lenders = draw_lenders(np.ones((UNITS, COUNT, columns), bool), [cue], numbers(UNITS))

    assert all(len(set(row)) == COUNT for row in lenders.tolist())


def test_a_shape_is_measured_by_definition():
    masks = np.zeros((4, 8 * STEP, 8 * STEP), dtype=bool)
    masks[0, 2 * STEP : 4 * STEP, STEP : 4 * STEP] = True
    masks[1, 2 * STEP : 4 * STEP, STEP : 3 * STEP] = True
    masks[2, :STEP] = True
    boxes = [Box(0.1, 0.2, 0.5)] * 4

    regions = unit_regions(masks, boxes, shown=3)

    assert regions.is_lit.tolist() == [True, True, True, False]
    area, edge, y, x, height, width, parts, likeness, equal, border = regions.numbers[0, :10]
    assert area == 6 / 64
    assert (edge, y, x, height, width) == (10, 2.5, 2, 1, 2)
    assert (parts, border) == (1, 0)
    assert likeness == pytest.approx(4 / 6)  # with the second one
    assert equal == 0
    assert regions.numbers[0, 10:].tolist() == pytest.approx([0.1, 0.2, 0.5, 0, 6 / 64 / 0.25])
    assert regions.numbers[2, 9] == pytest.approx(8 / 16 + 2 / 16)
    assert regions.numbers[3, :10].tolist() == [0] * 10


def test_shapes_of_many_regions_are_those_of_each_by_definition():
    rng = np.random.default_rng(6)
    masks = rng.random((30, 9, 9)) < rng.random((30, 1, 1))
    masks[4] = False
    boxes = [Box(0, 0, 1)] * len(masks)

    large = masks.repeat(STEP, axis=1).repeat(STEP, axis=2)
    numbers = unit_regions(large, boxes, shown=20).numbers

    for region, shape in zip(masks, numbers[:, :7].tolist(), strict=True):
        ys, xs = np.nonzero(region)
        edge = np.abs(np.diff(region.astype(int), axis=0)).sum()
        edge += np.abs(np.diff(region.astype(int), axis=1)).sum()
        parts = ndimage.label(region, np.ones((3, 3)))[1]
        middle = [ys.mean(), xs.mean(), np.ptp(ys), np.ptp(xs)] if region.any() else [0] * 4
        assert shape == pytest.approx([region.mean(), edge, *middle, parts])


def test_equal_regions_and_the_corner_of_the_inset_are_measured():
    masks = np.zeros((4, 2 * STEP, 2 * STEP), dtype=bool)
    masks[[0, 1, 3], :STEP] = True
    masks[2, :, :STEP] = True
    boxes = [Box(0.5, 0.5, 0.5), Box(0, 0.5, 0.5), Box(0, 0, 1), Box(0.5, 0, 0.5)]

    numbers = unit_regions(masks, boxes, shown=3).numbers

    # Shown ones that equal each. The last one is not compared with the first one, so that it has
    # as many to be compared with as those that are not compared with themselves.
    assert numbers[:, 8].tolist() == [1, 1, 0, 1]
    assert numbers[:, 13].tolist() == [0, 1, 1, 0]
