import json
from itertools import product

import numpy as np
import pytest
import torch
from torch import nn

from dissect.demo import WEIGHTS, DemoError, networks
from dissect.demo.__main__ import accuracy_table, main
from dissect.demo.baselines import (
    Samples,
    best_object_rule,
    color_histograms,
    histogram_accuracy,
    most_telling_object,
    rendered,
)
from dissect.demo.concepts import OBJECTS
from dissect.demo.scenes import KINDS, SCENES
from dissect.demo.train import HELD_OUT_WORLD, Plan, accuracy, train_all, train_network
from dissect.networks.registry import load_network

NAMES = [f"{kind}_{seed}" for kind in ("scene", "object", "untrained") for seed in range(3)]


@pytest.fixture(autouse=True)
def one_thread():
    """These networks are too small to share out."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


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
def test_shipped_weights_reach_the_accuracy_that_is_told(kind, seed, held_out):
    told = accuracy_table()[kind]["networks"][f"{kind}_{seed}"]

    # 240 of the 1000 pictures: three standard errors of such a part are below .06.
    assert accuracy(networks.trained(kind, seed), held_out[kind]) == pytest.approx(told, abs=0.06)


def test_an_untrained_network_guesses(held_out):
    assert accuracy(networks.untrained_0(), held_out["scene"]) < 0.25


def test_the_color_classifier_learns_where_color_decides():
    images = torch.zeros(60, 3, 8, 8, dtype=torch.uint8)
    images[::2, 0] = 200
    samples = samples_of(images, torch.arange(60) % 2)

    assert histogram_accuracy(samples, samples, steps=50) == 1.0


def samples_of(images, targets, seen=None):
    if seen is None:
        seen = torch.zeros(len(images), len(OBJECTS), dtype=torch.bool)
    return Samples(("bedroom", "street", "farm"), images, targets, seen)


def test_a_color_histogram_agrees_with_its_definition():
    images = torch.randint(0, 256, (3, 3, 9, 9), dtype=torch.uint8)

    for image, found in zip(images, color_histograms(images), strict=True):
        pixels = image.flatten(1).T.numpy()
        counts, _ = np.histogramdd(pixels, bins=(8, 8, 8), range=((0, 256),) * 3)
        assert np.allclose(found.numpy() ** 2, counts.ravel() / 81, atol=1e-6)


def random_sights(seed):
    generator = torch.Generator().manual_seed(seed)
    targets = torch.arange(90) % 3
    seen = torch.rand(90, len(OBJECTS), generator=generator) < 0.3
    seen[:, 7] = targets == 2  # one object that gives a scene away
    return samples_of(torch.zeros(90, 3, 1, 1, dtype=torch.uint8), targets, seen)


def test_the_best_rule_is_the_best_of_all_rules():
    samples = random_sights(seed=0)

    rights = {
        (thing, yes, no): int(
            (torch.where(samples.seen[:, thing], yes, no) == samples.targets).sum()
        )
        for thing, yes, no in product(range(len(OBJECTS)), range(3), range(3))
    }
    rule = best_object_rule(samples, samples)
    assert rule.accuracy == pytest.approx(max(rights.values()) / 90)
    assert (rule.object, rule.if_seen) == (list(OBJECTS)[7], "farm")


def test_the_most_telling_object_is_the_one_that_gives_a_scene_away():
    telling = most_telling_object(random_sights(seed=1))

    assert (telling.object, telling.scene, telling.share) == (list(OBJECTS)[7], "farm", 1.0)


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


def test_missing_or_damaged_weights_are_named_with_the_way_out(tmp_path):
    (tmp_path / "scene_1.safetensors").write_bytes(b"not weights")

    for seed in (0, 1):
        with pytest.raises(DemoError, match=rf"scene_{seed}.* dissect.demo train"):
            networks.trained("scene", seed, tmp_path)


def test_the_accuracy_command_prints_the_table_as_data(capsys):
    assert main(["accuracy", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == accuracy_table()


def test_the_accuracy_command_prints_a_line_for_every_network(capsys):
    assert main(["accuracy"]) == 0
    told = capsys.readouterr().out

    assert all(name in told for name in NAMES)
    assert "color histogram" in told
