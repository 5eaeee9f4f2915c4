"""Receptive fields from a notebook."""

import numpy as np
import pytest

import dissect
from dissect.errors import ImagesError
from dissect.images.image_list import find_images
from dissect.networks.registry import load_network
from dissect.receptive_fields.empirical import empirical_fields
from tests.dissect.custom_networks import Small


def test_theoretical_fields_need_no_images():
    fields = dissect.receptive_field(Small(), ["stem", "deep"])

    assert [one.theoretical.size for one in fields.layers.values()] == [(5, 5), (9, 9)]
    assert fields.rows()[1]["empirical"] is None
    assert fields.pictures() == {}


def test_empirical_fields_are_those_of_the_parts_they_are_made_of(noise_folder):
    network, images = load_network(Small()), find_images(noise_folder)
    occluders = dissect.Occluders(9, 5, "constants")
    layer = dissect.collect(network, ["deep"], images, top=4).layers[0]
    theory = dissect.theoretical_fields(network, ["deep"])["deep"]
    expected = empirical_fields(network, layer.info, theory, images, layer.top, [2, 5], occluders)

    fields = dissect.receptive_field(
        Small(), "deep", noise_folder, units=[2, 5], top_images=4, occluder=9, stride=5
    )

    measured = fields.layers["deep"].empirical
    assert measured.units == (2, 5)
    assert np.array_equal(measured.sizes[0.5], expected.sizes[0.5], equal_nan=True)
    assert np.array_equal(measured.maps, expected.maps)
    assert fields.is_quick
    assert "a quick field" in fields.summary()
    assert list(fields.pictures()) == ["deep: average maps, and top images within them"]


def test_more_top_images_than_there_are_are_refused_before_the_pass(noise_folder):
    with pytest.raises(ImagesError, match="holds 70 images, fewer than the 99"):
        dissect.receptive_field(Small(), "deep", noise_folder, top_images=99)
