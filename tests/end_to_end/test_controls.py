"""Directions and controls of chance are dissected, published and reported like units."""

import json
from functools import partial

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from scipy.stats import chisquare

from annotator.dissection_reader import open_dissection
from annotator.models import Exemplar, Hit, Image, Network, Study
from dissect.analyses.random_directions import haar_rotation
from dissect.dissection.manifest_facts import network_facts
from dissect.errors import BadSetting
from dissect.images.image_list import find_images
from dissect.networks.registry import load_network
from tests.dissect.topk.test_collect import all_maps
from tests.end_to_end.dissections import SMALL, answer, dissect, is_one_sentence

RANDOM = {"random-directions": 8}


@pytest.fixture
def run(command, pictures):
    return partial(dissect, command, pictures, top=8)


def table(network):
    dissection = open_dissection(network.dissection)
    return dissection.table(dissection.manifest.layers[0])


@pytest.mark.django_db
def test_directions_are_units_from_the_command_to_the_report(run, command, tmp_path):
    axis = torch.eye(8)[5]
    save_file({"any": torch.stack([axis, -axis])}, tmp_path / "probes.safetensors")
    run()

    done = run(directions=tmp_path / "probes.safetensors")
    again = run(directions=tmp_path / "probes.safetensors")
    save_file({"any": torch.stack([-axis, axis])}, tmp_path / "probes.safetensors")
    others = run(directions=tmp_path / "probes.safetensors")

    assert [d.returncode for d in (done, again, others)] == [0, 0, 0], done.stderr
    units, ours, turned = Network.objects.order_by("pk")
    assert ours.name == f"{SMALL}, directions of probes.safetensors"
    assert (ours.condition, ours.control_of) == ("directions", None)
    assert np.array_equal(table(ours).top.image[0], table(units).top.image[5])
    assert np.array_equal(table(ours).top.image, table(turned).top.image[::-1])
    assert ours.manifest["network"]["origin"] == {"source": "probes.safetensors"}
    kept = load_file(tmp_path / ours.dissection / "directions.safetensors")
    assert torch.equal(kept["deep"], torch.stack([axis, -axis]))

    assert command("publish", "s", "--yes").returncode == 0
    answer(Study.objects.get())
    networks = json.loads(command("results", "s", "--early", "--format", "json").stdout)["networks"]
    layers = [network["layers"][0] for network in networks]
    assert [layer["unit_results"][0]["precision"] for layer in layers] == [pytest.approx(7 / 8)] * 3


@pytest.mark.django_db
def test_random_directions_are_a_seeded_rotation_and_a_control_of_their_network(
    run, pictures, tmp_path
):
    alone = run(**RANDOM)
    run()
    other_layer = run(**RANDOM, layers=["stem"])
    few = run(**RANDOM, seed=3)
    shards = run(**RANDOM, seed=3, study="s", shards=2)
    run(**RANDOM, seed=4)
    many = run(**{"random-directions": 9})

    assert is_one_sentence(alone)
    assert "dissect it first, without --random-directions" in alone.stderr
    assert is_one_sentence(other_layer)
    assert "which has layers deep in study 's', not stem" in other_layer.stderr
    assert "8 channels that vary over the images, so 1 to 8" in many.stderr
    assert few.returncode == shards.returncode == 0
    trained, three, four = Network.objects.order_by("pk")
    assert (three.condition, three.control_of) == ("random directions", trained)
    assert (four.name, four.control_of) == (f"{SMALL}, random directions, seed 4", trained)
    rows = load_file(tmp_path / three.dissection / "directions.safetensors")
    maps = all_maps(load_network(SMALL), find_images(pictures), "deep").double()
    flat = maps.transpose(0, 1).flatten(1)
    scaled = (flat - flat.mean(1, keepdim=True)) / flat.std(1, keepdim=True, correction=0)
    expected = haar_rotation(8, 3).T @ scaled
    maps_along = rows["deep"].double() @ flat + rows["deep.offset"].double()[:, None]
    assert torch.allclose(maps_along, expected, atol=1e-4)
    assert not np.array_equal(table(three).top.image, table(four).top.image)


@pytest.mark.django_db
def test_an_untrained_network_is_a_control_with_random_weights_of_its_seed(run):
    run()
    first, again = run("--untrained"), run("--untrained")
    other = run("--untrained", seed=1)

    assert [d.returncode for d in (first, again, other)] == [0, 0, 0], first.stderr
    trained, zero, seeded = Network.objects.order_by("pk")
    assert (zero.name, zero.condition) == (f"{SMALL}, untrained", "untrained")
    assert (zero.control_of, seeded.control_of) == (trained, trained)
    assert len({n.weights_sha256 for n in (trained, zero, seeded)}) == 3
    assert seeded.manifest["network"]["origin"] == {"seed": 1}


@pytest.mark.parametrize(
    "spec", ["squeezenet_bn_places365", "torchvision:squeezenet1_1", "efficientnet_lite0"]
)
def test_any_network_has_random_weights_which_the_seed_alone_decides(spec):
    if spec == "efficientnet_lite0":
        pytest.importorskip("efficientnet_lite_pytorch")
    torch.manual_seed(0)
    first = load_network(spec, "untrained", seed=5)
    torch.manual_seed(1)
    again = load_network(spec, "untrained", seed=5)
    other = load_network(spec, "untrained", seed=6)

    assert first.weights_sha256 == again.weights_sha256 != other.weights_sha256
    assert network_facts(first).condition == "untrained"


def test_parameters_that_no_rule_draws_anew_are_refused_with_a_sentence():
    with pytest.raises(BadSetting, match="has parameters, but no reset_parameters"):
        load_network("tests.dissect.custom_networks:scaled", "untrained")


@pytest.mark.django_db
def test_random_images_have_the_regions_of_a_random_unit_and_no_catch_images(
    run, command, tmp_path
):
    without = run(**{"random-images": 30})
    run()
    done = run(**{"random-images": 30}, seed=2)
    again = run(**{"random-images": 30}, seed=2)

    assert "dissect it first, without --random-images" in without.stderr
    assert done.returncode == again.returncode == 0, done.stderr
    trained, chance = Network.objects.order_by("pk")
    assert (chance.condition, chance.control_of) == ("random images", trained)
    drawn, base = open_dissection(chance.dissection), open_dissection(trained.dissection)
    arrays, facts = table(chance), base.manifest.layers[0]
    for unit, lender in enumerate(arrays.lender):
        lent = base.masks(facts, lender)[:8]
        shown = drawn.masks(drawn.manifest.layers[0], unit)[:8]
        assert sorted(map(bytes, lent)) == sorted(map(bytes, shown))
        assert np.allclose(arrays.coverage[unit], shown.mean(axis=(1, 2)))
        assert len(set(arrays.top.image[unit].tolist())) == 8
    assert chisquare(np.bincount(arrays.top.image.ravel(), minlength=40)).pvalue > 0.001
    assert (
        Image.objects.filter(pk__in=chance_exemplars(chance).values("image"))
        .filter(is_random=False)
        .count()
        == 0
    )

    assert command("publish", "s", "--yes").returncode == 0
    answer(Study.objects.get())
    shown = chance_exemplars(chance)
    assert set(shown.values_list("role", flat=True)) == {"top"}
    assert shown.filter(slot=None).count() == 0
    assert Hit.objects.filter(unit__layer__network=chance).count() == 30
    networks = json.loads(command("results", "s", "--early", "--format", "json").stdout)["networks"]
    # 3 more of them stand where others have catch images.
    assert networks[1]["layers"][0]["unit_results"][0]["precision"] == pytest.approx(10 / 11, 1e-5)


def chance_exemplars(network):
    return Exemplar.objects.filter(unit__layer__network=network)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (("--directions", "/nowhere.safetensors"), "The directions in /nowhere.safetensors cannot"),
        (("--random-directions", "0"), "--random-directions must be at least 1, got 0"),
        (("--random-images", "-2"), "--random-images must be at least 1, got -2"),
        (("--untrained", "--weights", "w.pth"), "take it, or --weights"),
    ],
)
def test_controls_that_make_no_sense_are_one_sentence(run, wrong, says):
    done = run(*wrong)

    assert is_one_sentence(done), done.stderr
    assert says in done.stderr
    assert Study.objects.count() == 0


@pytest.mark.thorough
@pytest.mark.django_db
def test_random_rotations_of_a_real_layer_go_through_to_a_hit_and_a_report(
    command, shared_data, tmp_path
):
    photos = sorted((shared_data / "places-rooms/images").rglob("*.jpg"))[::40]
    (tmp_path / "photos.txt").write_text("\n".join(map(str, photos)))
    weights = shared_data / "weights/squeezenet_bn_places365.pth"
    real = partial(dissect, command, tmp_path / "photos.txt", weights=weights, top=8,
                   network="squeezenet_bn_places365", layers=["fire2"])  # fmt: skip

    assert real().returncode == 0
    done = real(**{"random-directions": 50})

    assert done.returncode == 0, done.stderr
    assert command("publish", "s", "--yes").returncode == 0
    answer(Study.objects.get())
    chance = Network.objects.get(condition="random directions")
    assert chance.control_of.condition == "trained"
    assert Hit.objects.filter(unit__layer__network=chance).count() == 50
    networks = json.loads(command("results", "s", "--early", "--format", "json").stdout)["networks"]
    assert networks[1]["name"] == "squeezenet_bn_places365, random directions"
    assert networks[1]["layers"][0]["unit_results"][0]["precision"] == pytest.approx(7 / 8)
