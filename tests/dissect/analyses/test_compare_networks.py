"""Two networks on the same images, judged by looking at every map of every image."""

import json
from itertools import combinations

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from dissect.analyses.compare_networks import chance_overlap, compare_layers, jaccard
from dissect.commands.command_line import main
from dissect.commands.compare import networks_of, pair_of
from dissect.errors import BadSetting
from dissect.images.image_list import find_images
from dissect.networks.registry import load_network
from dissect.topk.batches import Passes
from tests.dissect.planted import BLUE, RED, rectangle, save
from tests.dissect.topk.test_collect import all_maps

CPU = torch.device("cpu")
SMALL, SEES = "tests.dissect.custom_networks:small", "tests.dissect.planted:detectors"


def top_slowly(network, images, layer):
    """Places by the sum of everything the layer puts out."""
    maps = all_maps(network, images, layer).double()
    key = [(-float(maps[i].sum()), i) for i in range(len(maps))]
    return [place for _, place in sorted(key)]


def test_layers_order_images_by_the_sum_of_all_their_activations(noise_folder):
    images = find_images(noise_folder)
    networks = load_network(SMALL), load_network(SEES)

    pair, _ = compare_layers(
        networks, [("stem", "see"), ("deep", "say")], Passes(images, 2, CPU), of=20
    )

    wanted = top_slowly(networks[0], images, "stem"), top_slowly(networks[1], images, "see")
    assert pair.orders[0].places.tolist() == wanted[0]
    assert pair.orders[1].places.tolist() == wanted[1]
    shared = len(set(wanted[0][:20]) & set(wanted[1][:20]))
    assert pair.jaccard == shared / (40 - shared)


def test_a_network_agrees_with_itself_entirely(noise_folder):
    networks = load_network(SMALL), load_network(SMALL)

    (pair,) = compare_layers(
        networks, [("deep", "deep")], Passes(find_images(noise_folder), 2, CPU), 10
    )

    assert pair.jaccard == 1.0
    assert pair.chance == pytest.approx(chance_overlap(10, 70))


def test_chance_is_the_mean_over_all_pairs_of_choices():
    choices = [np.array(one) for one in combinations(range(7), 3)]
    every = [jaccard(choices[0], other) for other in choices]

    assert chance_overlap(3, 7) == pytest.approx(np.mean(every))


def test_chance_counts_what_must_overlap_and_large_sets():
    assert chance_overlap(4, 5) == pytest.approx(0.2 * 1 + 0.8 * 3 / 5)
    assert 10 / 190 < chance_overlap(100, 1000) < 10.5 / 190  # shared / either is convex


def test_equal_sums_go_to_the_earlier_image(tmp_path):
    for number in range(6):
        save(tmp_path, f"{number}.png", rectangle(RED, (0, 0, 8 * (1 + number // 3), 16)))
    network = load_network(SEES)

    (pair,) = compare_layers(
        (network, network), [("see", "see")], Passes(find_images(tmp_path), 2, CPU), 3
    )

    assert pair.orders[0].places.tolist() == [3, 4, 5, 0, 1, 2]


def test_more_top_images_than_there_are_is_refused(noise_folder, capsys):
    assert main(["compare", "--network", SMALL, "--network", SMALL, "--layers", "stem",
                 "--images", str(noise_folder)]) == 1  # fmt: skip

    assert "must be of 1 to 69 of the 70 images that can be read, not of 100" in (
        capsys.readouterr().err
    )


def test_compare_prints_pairs_and_draws_them_side_by_side(tmp_path, capsys):
    for number in range(5):
        save(tmp_path / "set", f"{number}.png", rectangle(RED, (0, 0, 8 + 8 * number, 16)))
        save(tmp_path / "set", f"{number + 5}.png", rectangle(BLUE, (0, 0, 9 + number, 16)))

    main(["compare", "--network", SEES, "--network", SMALL, "--layers", "see=stem", "say=head",
          "--images", str(tmp_path / "set"), "--overlap", "2", "--out", str(tmp_path / "out"),
          "--format", "json"])  # fmt: skip

    printed = json.loads(capsys.readouterr().out)
    assert [one["layers"] for one in printed["layers"]] == [["see", "stem"], ["say", "head"]]
    assert [one["image"] for one in printed["layers"][0]["top"][0]] == ["4.png", "3.png", "2.png"]
    assert printed["layers"][0]["top"][0][0]["sum"] == 40 * 16
    assert printed["layers"][0]["overlap"]["chance"] == pytest.approx(chance_overlap(2, 10))
    with Image.open(tmp_path / "out" / "compare.png") as sheet:
        assert sheet.height > 4 * 128  # two layers, a row for each network


def test_weights_belong_to_the_network_before_them_or_to_the_one_of_their_place(tmp_path):
    network = load_network(SMALL)
    for name, value in [("a", 1.0), ("b", 2.0)]:
        state = {key: torch.full_like(t, value) for key, t in network.model.state_dict().items()}
        save_file(state, tmp_path / f"{name}.safetensors")
    a, b = str(tmp_path / "a.safetensors"), str(tmp_path / "b.safetensors")

    def given(*words):
        return [network.weights for network in networks_of(list(words))]

    first, second = ("network", SMALL), ("network", SMALL)
    assert given(first, ("weights", a), second, ("weights", b)) == [
        "a.safetensors",
        "b.safetensors",
    ]
    assert given(first, second, ("weights", a), ("weights", b)) == [
        "a.safetensors",
        "b.safetensors",
    ]
    assert given(first, ("weights", a), second) == ["a.safetensors", "factory"]
    assert given(first, second, ("weights", b)) == ["factory", "b.safetensors"]
    with pytest.raises(BadSetting, match="right after its --network"):
        given(("weights", a), first, second)


@pytest.mark.parametrize("count", [1, 3])
def test_compare_takes_two_networks(count):
    with pytest.raises(BadSetting, match=f"takes two --network, got {count}"):
        networks_of([("network", SMALL)] * count)


def test_a_layer_name_stands_for_both_networks_unless_two_are_given():
    assert pair_of("layer4") == ("layer4", "layer4")
    assert pair_of("features.8=fire9") == ("features.8", "fire9")
