"""Training is reproducible, and writes weights with their accuracies."""

import json

import torch

from dissect.demo import networks
from dissect.demo.baselines import (
    rendered,
)
from dissect.demo.train import HELD_OUT_WORLD, Plan, accuracy, train_all, train_network


def test_a_seed_always_trains_the_same_network():
    samples = rendered("scene", 64, seed=5)

    first, again, other = (
        train_network("scene", seed, samples, epochs=1).output.weight for seed in (1, 1, 2)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_training_leaves_the_random_numbers_of_others_alone():
    samples = rendered("scene", 64, seed=5)
    torch.manual_seed(3)
    wanted = torch.rand(4)

    torch.manual_seed(3)
    train_network("scene", 0, samples, epochs=1)
    assert torch.equal(torch.rand(4), wanted)


def test_training_writes_weights_and_what_they_reach(tmp_path):
    train_all(seeds=1, folder=tmp_path / "weights", plan=Plan(80, 40, epochs=1))

    written = sorted(path.name for path in (tmp_path / "weights").iterdir())
    assert written == ["accuracy.json", "object_0.safetensors", "scene_0.safetensors"]
    table = json.loads((tmp_path / "weights" / "accuracy.json").read_text())
    network = networks.trained("object", 0, tmp_path / "weights")
    held_out = rendered("object", 40, HELD_OUT_WORLD)
    assert table["object"]["networks"] == {"object_0": accuracy(network, held_out)}
    assert [path.name for path in tmp_path.iterdir()] == ["weights"]
