"""Regions by receptive field, judged pixel by pixel."""

import numpy as np
import pytest
import torch

from dissect.format.masks import MASK_PX, unpack_regions
from dissect.networks.registry import load_network
from dissect.receptive_fields.incremental.axes import Axis
from dissect.receptive_fields.theoretical import Field, theoretical_fields
from dissect.segmentation.field_discs import MAX_GROUP, FieldDiscs


def field_regions(maps, field_px, field, crop, side=MASK_PX):
    discs = FieldDiscs(maps.shape[1:], field_px, field, crop, side)
    return unpack_regions(discs.regions(maps.numpy()))


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

    assert np.array_equal(regions, regions_slowly(maps, field_px, field, 48, 24))


@pytest.mark.parametrize("limit", [1 << 27, 1 << 15, 0])
def test_wide_maps_have_the_same_discs_however_many_are_kept(monkeypatch, limit):
    """And so has a side that is no whole number of words or bytes."""
    monkeypatch.setattr("dissect.segmentation.field_discs.MAX_BYTES", limit)
    width = 2 * MAX_GROUP + 3
    maps = torch.rand(3, 4, width, generator=torch.Generator().manual_seed(3)) ** 2
    field = Field(Axis(-2, 20, 5), Axis(0, 5, 5))

    regions = field_regions(maps, 6.0, field, crop=72, side=36)

    assert np.array_equal(regions, regions_slowly(maps, 6.0, field, 72, 36))


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

    y, x = region.nonzero()
    assert (y.min(), y.max(), x.min(), x.max()) == (16, 23, 40, 47)
    assert abs(float(region.sum()) - np.pi * 16) < 4
