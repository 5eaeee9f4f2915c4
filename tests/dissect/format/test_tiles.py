"""A tile is the square around the part of the region that holds the peak."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from dissect.format.region_parts import part_counts, parts_of
from dissect.format.tile_drawing import levels_in_frame
from dissect.format.tiles import (
    INSET_SHARE,
    LIT,
    MARGIN,
    MAX_CROPPED_SHARE,
    MIN_SIDE,
    OTHER_PART,
    OUTSIDE,
    WHOLE,
    Box,
    crop_and_levels,
    crop_box,
    lit_levels,
)

SIDE = 24
regions = st.builds(
    lambda seed, share: np.random.default_rng(seed).random((SIDE, SIDE)) < share,
    st.integers(0, 10**6),
    st.sampled_from([0, 0.005, 0.05, 0.3, 0.5, 1]),
)
peaks = st.tuples(st.floats(0, 1), st.floats(0, 1))


def blobs(*boxes, side=SIDE):
    """A region of rectangles (top, bottom, left, right)."""
    region = np.zeros((side, side), dtype=bool)
    for top, bottom, left, right in boxes:
        region[top:bottom, left:right] = True
    return region


def parts_slowly(region):
    """Flood from each lit pixel in reading order that has no number yet."""
    labels, number = np.zeros(region.shape, dtype=int), 0
    for start in zip(*np.nonzero(region), strict=True):
        if labels[start]:
            continue
        number += 1
        pixels = [start]
        while pixels:
            y, x = pixels.pop()
            if labels[y, x] or not region[y, x]:
                continue
            labels[y, x] = number
            for near_y in range(max(0, y - 1), min(len(region), y + 2)):
                pixels += [(near_y, near_x) for near_x in range(x - 1, x + 2)
                           if 0 <= near_x < len(region)]  # fmt: skip
    return labels


def box_slowly(region, peak):
    """The definition, pixel by pixel."""
    if not region.any() or region.sum() > 0.4 * region.size:
        return (0, 0, 1)
    labels = parts_slowly(region)
    y, x = (min(len(region) - 1, int(share * len(region))) for share in peak)
    number = labels[y, x] or min(
        ((row - y) ** 2 + (column - x) ** 2, row, column, labels[row, column])
        for row, column in zip(*np.nonzero(region), strict=True)
    )[-1]  # fmt: skip
    rows, columns = np.nonzero(labels == number)
    spans = [((min(at)) / SIDE, (max(at) + 1) / SIDE) for at in (columns, rows)]
    side = max(high - low for low, high in spans) * 2.5
    side = 1 / 3 if side < 1 / 3 else 1 if side > 1 else side
    edges = []
    for low, high in spans:
        edge = (low + high) / 2 - side / 2
        edges.append(0 if edge < 0 else 1 - side if edge + side > 1 else edge)
    return (*edges, side)


@given(regions)
def test_parts_are_what_flooding_finds(region):
    parts = parts_of(region)

    assert np.array_equal(parts.labels(), parts_slowly(region))
    assert np.array_equal(parts.labels(), ndimage.label(region, np.ones((3, 3)))[0])
    assert parts.count == parts.labels().max()


@given(st.integers(0, 10**6), st.sampled_from([(1, 9), (9, 1), (7, 12), (1, 1)]))
def test_a_region_of_any_shape_falls_into_its_parts(seed, shape):
    region = np.random.default_rng(seed).random(shape) < 0.5

    assert np.array_equal(parts_of(region).labels(), ndimage.label(region, np.ones((3, 3)))[0])


@pytest.mark.parametrize(
    "rows",
    [
        ["#.#.#", "#.#.#", "#####"],  # joined by the last row
        ["#...#", ".#.#.", "..#.."],  # at corners
        ["#####", "#...#", "#.#.#", "#...#", "#####"],  # a ring around a part
        ["#.#.#", ".#.#.", "....#"],
        ["....#", "#....", "....#", "#...."],  # the ends of rows do not touch
    ],
)
def test_parts_that_join_late_are_one(rows):
    region = np.array([[cell == "#" for cell in row] for row in rows])

    assert np.array_equal(parts_of(region).labels(), ndimage.label(region, np.ones((3, 3)))[0])


def test_parts_of_many_regions_are_counted_as_those_of_each():
    rng = np.random.default_rng(5)
    regions = rng.random((40, 13, 9)) < rng.random((40, 1, 1))
    regions[[3, 7]] = [[[False]], [[True]]]

    counts = part_counts(regions).tolist()

    assert counts == [ndimage.label(region, np.ones((3, 3)))[1] for region in regions]


@given(regions, peaks)
def test_the_part_of_a_peak_is_the_nearest_and_of_equals_the_first(region, peak):
    labels = parts_slowly(region)
    y, x = (min(SIDE - 1, int(share * SIDE)) for share in peak)
    distances = [
        ((row - y) ** 2 + (column - x) ** 2, row, column)
        for row, column in zip(*np.nonzero(region), strict=True)
    ]

    if distances:
        _, row, column = min(distances)
        assert parts_of(region).of_peak(peak) == labels[row, column]
    both = crop_box(region, peak), lit_levels(region, peak)
    box, levels = crop_and_levels(region, peak)
    assert box == both[0]
    assert np.array_equal(levels, both[1])


@given(regions, peaks)
def test_a_box_is_what_the_definition_says(region, peak):
    assert crop_box(region, peak) == pytest.approx(box_slowly(region, peak))


@given(regions, peaks)
def test_a_box_lies_inside_the_view_and_holds_the_part_of_the_peak(region, peak):
    box = crop_box(region, peak)

    assert 0 <= box.left <= 1 - box.side + 1e-9
    assert 0 <= box.top <= 1 - box.side + 1e-9
    assert MIN_SIDE <= box.side <= 1
    if region.any() and region.mean() <= MAX_CROPPED_SHARE:
        labels = parts_of(region).labels()
        ys, xs = np.nonzero(labels == parts_of(region).of_peak(peak))
        for low, edges in ((box.top, ys), (box.left, xs)):
            assert low <= edges.min() / SIDE + 1e-9
            assert edges.max() + 1 <= (low + box.side) * SIDE + 1e-9


def test_the_tile_is_around_the_part_of_the_peak_not_around_all_parts():
    region = blobs((2, 6, 2, 6), (16, 20, 16, 20))

    box = crop_box(region, peak=(0.75, 0.75))

    assert box == pytest.approx((0.75 - 0.5 * box.side, 0.75 - 0.5 * box.side, MARGIN * 4 / SIDE))


def test_a_peak_just_outside_counts_for_the_nearest_part():
    region = blobs((2, 6, 2, 6), (16, 20, 16, 20))

    assert crop_box(region, (0.3, 0.3)) == crop_box(region, (0.2, 0.2))
    assert crop_box(region, (0.95, 0.95)) == crop_box(region, (0.75, 0.75))


def test_a_tiny_part_gets_a_third_of_the_view_and_a_tile_at_the_edge_is_moved_inside():
    region = blobs((0, 1, 23, 24))

    assert crop_box(region, (0, 1)) == pytest.approx((1 - MIN_SIDE, 0, MIN_SIDE))


@pytest.mark.parametrize("region", [blobs(), blobs((0, 24, 0, 10)), blobs((0, 24, 0, 24))])
def test_an_empty_or_large_region_shows_the_whole_picture(region):
    assert crop_box(region, (0.5, 0.5)) == WHOLE


def test_the_mirrored_box_is_the_box_of_the_mirrored_region():
    region = blobs((4, 9, 1, 5))

    mirrored = crop_box(region[:, ::-1], (0.25, 1 - 0.1))

    assert crop_box(region, (0.25, 0.1)).mirrored == pytest.approx(mirrored)


def test_among_many_parts_the_part_of_the_peak_stands_out():
    parts = [(2, 4, 2, 4), (2, 4, 10, 12), (10, 12, 2, 4), (14, 20, 14, 20)]

    few, many = lit_levels(blobs(*parts[:3]), (0, 0)), lit_levels(blobs(*parts), (0.7, 0.7))

    assert set(np.unique(few)) == {OUTSIDE, LIT}
    assert np.array_equal(many == LIT, blobs(parts[3]))
    assert np.array_equal(many == OTHER_PART, blobs(*parts[:3]))


def frame_slowly(levels, box):
    """Bilinear interpolation of what is lit, and of the part of the peak, pixel by pixel."""
    side = len(levels)
    drawn = np.zeros_like(levels)
    for row in range(side):
        for column in range(side):
            y, x = (
                np.clip((edge + box.side * (at + 0.5) / side) * side - 0.5, 0, side - 1)
                for edge, at in ((box.top, row), (box.left, column))
            )
            y0, x0 = int(y), int(x)
            y1, x1 = min(side - 1, y0 + 1), min(side - 1, x0 + 1)
            sums = {LIT: 0, OTHER_PART: 0, OUTSIDE: 0}
            for at_y, weight_y in ((y0, 1 - (y - y0)), (y1, y - y0)):
                for at_x, weight_x in ((x0, 1 - (x - x0)), (x1, x - x0)):
                    sums[levels[at_y, at_x]] += weight_y * weight_x
            if sums[LIT] + sums[OTHER_PART] >= 0.5:
                drawn[row, column] = LIT if sums[LIT] >= 0.5 else OTHER_PART
    return drawn


@settings(max_examples=20)
@given(regions, st.floats(0, 0.5), st.floats(0, 0.5), st.floats(0.34, 0.5))
def test_a_frame_is_what_interpolation_by_its_definition_gives(region, left, top, side):
    levels, box = lit_levels(region, (0.5, 0.5)), Box(left, top, side)

    drawn, slowly = levels_in_frame(levels, box), frame_slowly(levels, box)

    assert (drawn != slowly).mean() < 0.01  # ties at one half may fall either way


def lit_share(levels, box):
    return (levels_in_frame(levels, box) != OUTSIDE).mean()


def test_the_whole_picture_is_its_own_frame_and_a_part_fills_its_share_of_a_crop():
    region = blobs((8, 16, 8, 16))
    levels = lit_levels(region, (0.5, 0.5))

    assert levels_in_frame(levels, WHOLE) is levels
    assert lit_share(levels, WHOLE) == pytest.approx(1 / 9)
    assert lit_share(levels, Box(0.25, 0.25, 0.5)) == pytest.approx(4 / 9, abs=0.02)
    assert lit_share(levels, Box(0.4, 0.4, 0.2)) == 1


def test_a_part_as_large_as_a_tile_allows_fills_a_sixth_of_it():
    """A square part fills 1 / MARGIN of the tile's side, so 16 % of its area."""
    region = blobs((30, 60, 40, 70), side=96)
    levels, box = lit_levels(region, (0.5, 0.5)), crop_box(region, (0.5, 0.5))

    assert lit_share(levels, box) == pytest.approx(1 / MARGIN**2, abs=0.01)


@given(regions, peaks)
def test_an_inset_hides_nothing_of_the_part_of_the_peak(region, peak):
    box = crop_box(region, peak)
    if box.is_whole:
        return

    labels = parts_of(region).labels()
    ys, xs = np.nonzero(labels == parts_of(region).of_peak(peak))
    # Where the part ends in the tile, from the left and from above.
    bottom = ((ys.max() + 1) / SIDE - box.top) / box.side
    left, right = ((edge / SIDE - box.left) / box.side for edge in (xs.min(), xs.max() + 1))
    hidden = INSET_SHARE - 1e-9  # edges may touch
    is_beside = right <= 1 - hidden if box.inset_corner else left >= hidden
    assert is_beside or bottom <= 1 - hidden
