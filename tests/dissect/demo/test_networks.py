"""The shipped networks: small, loadable by SPEC, and as accurate as reported."""

import pytest
import torch
from torch import nn

from dissect.demo import WEIGHTS, DemoError, networks
from dissect.demo.__main__ import accuracy_table
from dissect.demo.baselines import (
    rendered,
)
from dissect.demo.concepts import OBJECTS, SCENES
from dissect.demo.scenes import KINDS
from dissect.demo.train import HELD_OUT_WORLD, accuracy
from dissect.networks.registry import load_network

NAMES = [f"{kind}_{seed}" for kind in ("scene", "object", "untrained") for seed in range(3)]


@pytest.fixture(scope="module")
def held_out():
    """The first of the pictures that accuracy.json was measured on."""
    return {kind: rendered(kind, 240, HELD_OUT_WORLD) for kind in KINDS}


@pytest.mark.parametrize("name", NAMES)
def test_every_network_is_made_without_arguments(name):
    network = getattr(networks, name)()

    assert isinstance(network, nn.Module)
    assert not network.training
    assert network.classes in (SCENES, tuple(OBJECTS))
    size = network.input_size
    assert network(torch.zeros(2, 3, size, size)).shape == (2, len(network.classes))


def test_a_spec_finds_a_network_of_the_demo():
    network = load_network("dissect.demo.networks:scene_1")

    assert network.preprocessing.crop == network.preprocessing.resize == 128
    assert network.preprocessing.mean == networks.SmallCNN.mean


def test_weights_are_small_enough_to_ship():
    sizes = [path.stat().st_size for path in WEIGHTS.glob("*.safetensors")]

    assert len(sizes) == 6
    assert max(sizes) < 1_000_000
    assert sum(sizes) < 4_000_000


def test_the_scene_network_knows_scenes_by_more_than_colors_or_one_object():
    scenes = accuracy_table()["scene"]
    worst = min(scenes["networks"][f"scene_{seed}"] for seed in range(3))

    assert worst > 0.8
    assert scenes["color_histogram"] < worst - 0.25
    assert scenes["best_object_rule"]["accuracy"] < 0.3
    assert scenes["most_telling_object"]["share"] < 0.9


def test_the_object_network_knows_objects_by_more_than_colors():
    objects = accuracy_table()["object"]

    assert min(objects["networks"].values()) > objects["color_histogram"] + 0.4


@pytest.mark.parametrize(("kind", "seed"), [("scene", 0), ("object", 2)])
def test_shipped_weights_reach_the_reported_accuracy(kind, seed, held_out):
    reported = accuracy_table()[kind]["networks"][f"{kind}_{seed}"]

    # 240 of the 1000 pictures: three standard errors of such a share are below .06.
    assert accuracy(networks.trained(kind, seed), held_out[kind]) == pytest.approx(
        reported, abs=0.06
    )


def test_an_untrained_network_guesses(held_out):
    assert accuracy(networks.untrained_0(), held_out["scene"]) < 0.25


def test_missing_or_damaged_weights_are_named_with_the_way_out(tmp_path):
    (tmp_path / "scene_1.safetensors").write_bytes(b"not weights")

    for seed in (0, 1):
        with pytest.raises(DemoError, match=rf"scene_{seed}.* dissect.demo train"):
            networks.trained("scene", seed, tmp_path)
