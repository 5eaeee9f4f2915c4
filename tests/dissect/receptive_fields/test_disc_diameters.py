"""The diameter of a layer's discs: where it comes from, and between which bounds it stays."""

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import torch

from dissect.errors import BadSetting
from dissect.images.image_list import find_images
from dissect.networks.registry import load_network
from dissect.receptive_fields import budget
from dissect.receptive_fields.budget import OCCLUDERS, OcclusionCost, quick_fields
from dissect.receptive_fields.disc_diameters import (
    FieldSettings,
    bounded_diameter,
    layer_diameter,
    layer_diameters,
)
from dissect.receptive_fields.empirical import EmpiricalFields, empirical_fields
from dissect.receptive_fields.incremental.axes import Axis
from dissect.receptive_fields.theoretical import Field, theoretical_fields
from dissect.storage.store import Folder
from dissect.topk.collect import collect
from dissect.topk.sampling import in_random_order
from tests.dissect.receptive_fields.test_empirical import bright_spots  # noqa: F401

PLANTED = "tests.dissect.receptive_fields.test_empirical:planted"
PLENTY = 10_000.0  # forwards
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def seen(bright_spots):  # noqa: F811
    """The planted network, its layer as collected, the layer's theoretical field, the images."""
    network, images = load_network(PLANTED), find_images(bright_spots)
    layer = collect(network, ["see"], images, 6).layers[0]
    return network, layer, theoretical_fields(network, ["see"])["see"], images


def diameter(seen, settings=None, forwards=PLENTY):
    network, layer, field, images = seen
    return layer_diameter(network, layer, field, images, settings or FieldSettings(), forwards)


@pytest.mark.parametrize(
    ("stride", "size", "px", "bounded"),
    [(8, 63, 20.0, 20.0), (8, 63, 11.0, 16), (16, 63, 80.0, 63), (2, 3, 11.0, 4)],
)
def test_a_diameter_is_at_least_two_strides_and_at_most_the_theoretical_field(
    stride, size, px, bounded
):
    field = Field(Axis(0, Fraction(stride), size), Axis(0, Fraction(stride), size))

    assert bounded_diameter(px, field) == bounded


def test_it_is_the_median_field_of_a_keyed_sample_of_units(seen):
    network, layer, field, images = seen

    facts = diameter(seen)

    units = in_random_order(3, images.sha256).tolist()
    top = layer.top.take(np.tile(np.arange(5), (3, 1)))
    slowly = empirical_fields(network, layer.info, field, images, top, units, OCCLUDERS)
    assert facts["how"] == "measured"
    assert list(facts["units"]) == [str(unit) for unit in units]
    assert facts["px"] == facts["median"] == np.median(slowly.sizes[0.5])
    assert facts["px"] == pytest.approx(24, rel=0.15)  # units see squares of 16, 24 and 32 px


def test_fields_that_are_cut_leave_the_median_unless_most_are_cut():
    sizes = {0.5: np.array([10.0, 30.0, 50.0, math.nan])}
    fields = EmpiricalFields(
        (0, 1, 2, 3), sizes, np.array([True, False, False, False]), None, sizes[0.5]
    )

    assert fields.median() == 40.0
    assert replace(fields, cut=np.array([True, True, False, False])).median() == 30.0
    assert replace(fields, cut=np.ones(4, dtype=bool)).median() == 30.0
    assert replace(fields, sizes={0.5: np.full(4, math.nan)}).median() is None


def test_the_same_units_are_estimated_from_gradients_where_occlusion_is_too_much(seen):
    measured = diameter(seen)

    estimated = diameter(seen, forwards=18.0)  # three units of three images

    assert (estimated["how"], estimated["forwards"]) == ("gradient", 18)
    assert list(estimated["units"]) == list(measured["units"])
    # The planted units are linear: only the grid of places and the images differ.
    assert estimated["px"] == pytest.approx(measured["px"], rel=0.15)


@pytest.mark.parametrize("forwards", [2.0, 7.0, 40.0])
def test_no_layer_costs_more_than_its_share(seen, forwards):
    facts = diameter(seen, forwards=forwards)

    assert facts["how"] in ("measured", "gradient")
    assert 0 < facts["forwards"] <= forwards


def test_without_a_budget_an_eighth_of_the_view_is_assumed(seen):
    assert diameter(seen, forwards=1.9) == {
        "px": 96 / 8, "how": "assumed", "theoretical": {"size": 40, "stride": 4, "whole": False},
    }  # fmt: skip
    assert diameter(seen, FieldSettings("assumed"))["how"] == "assumed"


def test_the_papers_fixed_share_is_an_option(seen):
    facts = diameter(seen, FieldSettings("fixed"))

    assert (facts["px"], facts["how"]) == (pytest.approx(65 / 227 * 96), "fixed")


def test_units_that_nothing_changes_have_an_assumed_field(noise_folder):
    network, images = load_network("tests.dissect.custom_networks:still"), find_images(noise_folder)
    layer = collect(network, ["deep"], images, 6).layers[0]
    still = network, layer, theoretical_fields(network, ["deep"])["deep"], images

    assert diameter(still)["how"] == diameter(still, forwards=18.0)["how"] == "assumed"
    assert diameter(still, FieldSettings(units=2, top_images=3))["how"] == "assumed"


def test_every_unit_is_measured_on_request_whatever_it_costs(seen):
    facts = diameter(seen, FieldSettings(units=0, top_images=4, stride=6), forwards=0.0)

    assert (facts["how"], facts["top_images"], facts["forwards"]) == ("measured", 4, None)
    assert list(facts["units"]) == ["0", "1", "2"]


def test_the_cost_of_a_window_is_its_share_of_a_forward():
    cost = OcclusionCost(load_network(PLANTED), "see")

    middle, corner = cost.of_image((7, 7)), cost.of_image((0, 0))

    # A place changes one watched cell of 15 x 15, and 8 to 9 places a side reach a field of 40 px.
    assert 1 + 3 * 8**2 / 15**2 <= middle <= 1 + 3 * 9**2 / 15**2
    assert 1 < corner < middle


def test_a_layer_that_mixes_the_whole_image_costs_a_forward_for_each_place():
    cost = OcclusionCost(load_network("tests.dissect.transformers:patches"), "encoder")

    assert cost.of_image((0, 0)) == 1 + 3 * len(OCCLUDERS.starts(cost.side)) ** 2


def test_a_layer_with_few_units_is_occluded_with_as_many(seen, monkeypatch):
    network, layer, field, images = seen
    monkeypatch.setattr(budget, "MIN_OCCLUDED_UNITS", 2)

    two = OcclusionCost(network, "see").of_image((7, 7)) * 5 * 2.5
    quick = quick_fields(network, layer, field, images, two)

    assert (quick.how, len(quick.fields.units)) == ("measured", 2)


@pytest.mark.parametrize("layer_count", [2, 3])
def test_all_layers_together_cost_a_tenth_of_the_images_and_a_second_call_reads_them(
    seen, tmp_path, layer_count
):
    network, layer, _, images = seen
    many = replace(images, paths=images.paths * 40)  # 240: only the first six are opened
    store = Folder(tmp_path)

    first, second = (
        layer_diameters(network, [layer] * layer_count, many, store, FieldSettings(), CPU, print)
        for _ in range(2)
    )

    assert {facts["how"] for facts in first} <= {"measured", "gradient"}
    assert 0 < sum(facts["forwards"] for facts in first) <= 240 / 10
    assert first == second


def test_layers_are_assumed_where_a_tenth_of_the_images_is_less_than_a_forward(seen, tmp_path):
    network, layer, _, six = seen

    facts = layer_diameters(
        network, [layer, layer], six, Folder(tmp_path), FieldSettings(), CPU, print
    )

    assert [each["how"] for each in facts] == ["assumed"] * 2


def test_a_control_takes_the_diameter_of_the_layer_it_controls(seen, tmp_path):
    network, layer, _, images = seen
    known = {"see": {"px": 33.0, "how": "measured", "of": "a network"}}

    facts = layer_diameters(
        network, [layer], images, Folder(tmp_path), FieldSettings(), CPU, print, known
    )

    assert facts == [known["see"]]


def test_a_map_of_one_cell_is_seen_whole(noise_folder):
    network, images = load_network("tests.dissect.custom_networks:small"), find_images(noise_folder)
    layer = collect(network, ["head"], images, 3).layers[0]
    field = theoretical_fields(network, ["head"])["head"]

    facts = diameter((network, layer, field, images))

    assert (facts["px"], facts["how"]) == (48.0, "whole")


def test_wrong_settings_are_one_sentence():
    with pytest.raises(BadSetting, match="measured, assumed or fixed, not 'small'"):
        FieldSettings("small")
    with pytest.raises(BadSetting, match="at least 1 unit"):
        FieldSettings(units=-1)
    with pytest.raises(BadSetting, match="are not measured of 3 units"):
        FieldSettings("fixed", units=3)
