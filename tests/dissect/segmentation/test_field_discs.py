"""Regions by receptive field, judged pixel by pixel."""

import numpy as np
import pytest
import torch

from dissect.format.masks import MASK_PX
from dissect.networks.registry import load_network
from dissect.receptive_fields.incremental.axes import Axis
from dissect.receptive_fields.theoretical import Field, theoretical_fields
from dissect.segmentation.field_discs import MAX_KEPT_ROWS, field_regions


def regions_slowly(maps, field_px, field, crop, side):
    """Every pixel against every cell, by the definition."""
    regions = np.zeros((len(maps), side, side), dtype=bool)
    for n, one in enumerate(maps.numpy()):
        for y, x in np.ndindex(*one.shape):
            if one[y, x] <= 0.5 * max(one.max(), 0):
                continue
            middle = np.array(field.centre(y, x)) * side / crop
            for v, u in np.ndindex(side, side):
                distance = np.hypot(*(np.array([v, u]) + 0.5 - middle))
                regions[n, v, u] |= distance <= field_px / 2 * side / crop
    return regions


@pytest.mark.parametrize("field_px", [3.0, 11.5, 40.0])
def test_regions_are_discs_of_the_field_around_every_cell_above_half_the_maximum(field_px):
    maps = torch.rand(3, 5, 4, generator=torch.Generator().manual_seed(2)) ** 3
    field = Field(Axis(-3, 8, 11), Axis(1, 10, 7))

    regions = field_regions(maps, field_px, field, crop=48, side=24)

    assert np.array_equal(regions.numpy(), regions_slowly(maps, field_px, field, 48, 24))


def test_a_map_of_more_rows_than_are_kept_and_a_side_of_no_whole_words_have_the_same_discs():
    maps = torch.rand(1, MAX_KEPT_ROWS + 6, 2, generator=torch.Generator().manual_seed(3)) ** 6
    field = Field(Axis(-2, 1, 5), Axis(0, 24, 24))

    regions = field_regions(maps, 6.0, field, crop=72, side=36)

    assert np.array_equal(regions.numpy(), regions_slowly(maps, 6.0, field, 72, 36))


def test_a_map_that_is_nowhere_above_zero_has_an_empty_region():
    maps = torch.stack([torch.zeros(3, 3), -torch.ones(3, 3)])

    regions = field_regions(maps, 20.0, Field(Axis(0, 8, 8), Axis(0, 8, 8)), crop=24)

    assert regions.shape == (2, MASK_PX, MASK_PX)
    assert not regions.any()


def test_one_peak_of_a_planted_detector_is_cut_out_where_it_was_planted():
    network = load_network("tests.dissect.custom_networks:bright")  # cells of 8 x 8 px
    field = theoretical_fields(network, ["cells"])["cells"]
    maps = torch.zeros(1, 8, 8)
    maps[0, 2, 5] = 1.0

    region = field_regions(maps, 8.0, field, network.preprocessing.crop, side=64)[0]

    y, x = region.nonzero().T
    assert (y.min(), y.max(), x.min(), x.max()) == (16, 23, 40, 47)
    assert abs(float(region.sum()) - np.pi * 16) < 4
