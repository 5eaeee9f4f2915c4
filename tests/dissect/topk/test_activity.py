"""Dead units and shares of images, judged by all maps at once and by formulas of one line."""

import numpy as np
import pytest

from dissect.format.live_units import is_broad, is_dense
from dissect.networks.registry import load_network
from dissect.topk.activity import unit_activity
from dissect.topk.collect import collect
from dissect.topk.ranking import Ranking
from dissect.topk.sampling import sampled_images
from tests.dissect.topk.test_collect import all_maps

LAYERS = ["linear", "relu"]


@pytest.fixture(scope="module")
def partly_dead():
    return load_network("tests.dissect.custom_networks:partly_dead")


def scores_of(network, images, layer, by):
    """(images, units), of every image."""
    maps = all_maps(network, images, layer)
    return (maps.amax(dim=(2, 3)) if by == "max" else maps.sum(dim=(2, 3))).numpy()


def test_a_unit_that_never_fires_or_has_one_value_is_dead(partly_dead, images):
    linear, relu = collect(partly_dead, LAYERS, images, top=10).layers

    assert linear.activity.dead.tolist() == [False, True, False, False, False]
    assert linear.maximum[0] < 0  # a linear unit may be below 0 for every image, and yet respond
    assert relu.activity.dead.tolist() == [True, True, False, False, False]
    assert relu.maximum[0] == 0


@pytest.mark.parametrize("by", ["max", "sum"])
@pytest.mark.parametrize("layer", LAYERS)
def test_shares_of_images_are_those_of_the_slow_definition(partly_dead, images, layer, by):
    scores = scores_of(partly_dead, images, layer, by)

    activity = collect(partly_dead, [layer], images, top=10, by=by).layers[0].activity

    for unit, column in enumerate(scores.T):
        assert activity.dead[unit] == (len(set(column.tolist())) == 1)
        assert activity.firing_share[unit] == np.float32(np.mean(column > 0))
        assert activity.broad_share[unit] == np.float32(np.mean(column > column.max() / 2))


def test_a_large_set_has_its_shares_from_the_hashed_sample(partly_dead, images, monkeypatch):
    monkeypatch.setattr(
        "dissect.topk.collect.sampled_images", lambda count: sampled_images(count, 20)
    )
    monkeypatch.setattr(
        "dissect.topk.results.sampled_images", lambda count: sampled_images(count, 20)
    )
    scores = scores_of(partly_dead, images, "relu", "max")

    activity = collect(partly_dead, ["relu"], images, top=10).layers[0].activity

    sample = scores[sampled_images(len(images), 20)]
    assert np.allclose(activity.firing_share, (sample > 0).mean(axis=0))
    assert np.array_equal(activity.dead, scores.min(axis=0) == scores.max(axis=0))


@pytest.mark.parametrize(("score", "expected"), [(0.0, True), (2.0, False), (-1.0, False)])
def test_one_image_makes_no_unit_dead_unless_it_is_zero_there(score, expected):
    of_one = np.full((1, 1), score, dtype=np.float32)
    cell = np.zeros((1, 1), dtype=np.int32)
    sample = Ranking(of_one, of_one, cell.astype(np.int64), cell, cell)

    assert unit_activity(sample, of_one[0], of_one[0]).dead.tolist() == [expected]


def test_a_network_that_is_constant_is_dead_throughout(images):
    network = load_network("tests.dissect.custom_networks:still")

    assert collect(network, ["deep"], images, top=10).layers[0].activity.dead.all()


@pytest.mark.parametrize(("share", "expected"), [(None, False), (0.5, False), (0.51, True)])
def test_broad_and_dense_are_strictly_more_than_half_of_the_images(share, expected):
    assert is_broad(share) is expected
    assert is_dense(share) is expected
