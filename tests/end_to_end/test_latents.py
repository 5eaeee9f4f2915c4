"""Latents of a sparse autoencoder are dissected like units, all of them or a sample."""

import json
from functools import partial

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from annotator.dissection_reader import open_dissection
from annotator.models import Network, Unit
from dissect.images.image_list import find_images
from dissect.networks.direction_files.files import load_directions
from dissect.networks.registry import load_network
from tests.dissect.networks.direction_files import slow_encoders
from tests.dissect.topk.test_collect import all_maps, top_slowly
from tests.end_to_end.dissections import SMALL, dissect, is_one_sentence

CFG = {"architecture": "topk", "k": 4, "d_in": 8, "d_sae": 40, "dtype": "float32"}


@pytest.fixture
def sae(tmp_path):
    """An encoder of SAELens for layer deep: latent 7 is dead, latent 11 fires everywhere."""
    folder, generator = tmp_path / "sae", torch.Generator().manual_seed(2)
    tensors = {
        "W_enc": torch.randn(8, 40, generator=generator),
        "W_dec": torch.randn(40, 8, generator=generator),
        "b_enc": 0.1 * torch.randn(40, generator=generator),
        "b_dec": torch.zeros(8),
    }
    tensors["b_enc"][7], tensors["b_enc"][11] = -1e4, 1e4
    folder.mkdir()
    save_file(tensors, folder / "sae_weights.safetensors")
    (folder / "cfg.json").write_text(json.dumps(CFG))
    return folder


@pytest.fixture
def run(command, pictures, sae):
    return partial(dissect, command, pictures, top=8, directions=sae)


def only_layer(network):
    dissection = open_dissection(network.dissection)
    return dissection, dissection.manifest.layers[0]


@pytest.mark.django_db
def test_latents_of_an_encoder_are_units_with_their_numbers_and_firing_density(run, pictures, sae):
    done = run()

    assert done.returncode == 0, done.stderr
    network = Network.objects.get()
    dissection, layer = only_layer(network)
    assert (network.name, network.condition) == (f"{SMALL}, directions of sae", "directions")
    assert (layer.unit_count, layer.latents, layer.after) == (40, True, "TopK")
    encoder = load_directions(sae, ["deep"])["deep"]
    channels = all_maps(load_network(SMALL), find_images(pictures), "deep")
    stored = {"W_enc": encoder.rows.T, "b_enc": encoder.offset, "b_dec": encoder.pre_bias}
    maps = slow_encoders.by_cell(channels, lambda x: slow_encoders.saelens(stored, CFG, x))
    table = dissection.table(layer)
    live = [unit for unit in range(40) if maps[:, unit].amax() > 0]
    assert np.allclose(table.maximum, maps.amax(dim=(0, 2, 3)), rtol=1e-5, atol=1e-6)
    assert np.array_equal(table.top.image[live, 0], top_slowly(maps.float(), 1)[live, 0])
    fires = (maps.amax(dim=(2, 3)) > 0).double().mean(dim=0)
    shares = Unit.objects.order_by("number").values_list("firing_share", flat=True)
    assert np.allclose(list(shares), fires, atol=1e-6)
    assert Unit.objects.get(number=7).dead
    assert Unit.objects.get(number=11).firing_share == 1


@pytest.mark.django_db
def test_a_sample_shows_live_latents_under_their_own_numbers(run, command):
    first, again = run(sample=5), run(sample=5)
    other_seed, other_size = run(sample=5, seed=1), run(sample=6)

    for done in (first, again, other_seed, other_size):
        assert done.returncode == 0, done.stderr
    five, seeded, six = Network.objects.order_by("pk")
    assert five.name == f"{SMALL}, directions of sae, sample of 5"
    assert seeded.name == f"{SMALL}, directions of sae, sample of 5, seed 1"
    assert five.manifest["network"]["origin"] == {"source": "sae", "sample": 5, "seed": 0}
    dissection, layer = only_layer(five)
    numbers = list(five.layers.get().units.values_list("number", flat=True))
    assert numbers == list(layer.units)
    assert len(numbers) == five.layers.get().unit_count == 5
    assert not {7, 11} & set(numbers)
    assert layer.unit_count == 40
    table = dissection.table(layer)
    assert (table.top.image[numbers] >= 0).all()
    assert (np.delete(table.top.image, numbers, axis=0) == -1).all()
    assert len(table.firing_share) == 40
    for unit in numbers:
        assert len(dissection.masks(layer, unit)) >= table.rank_count
    assert six.layers.get().units.count() == 6

    assert command("publish", "s", "--yes").returncode == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"sample": 41}, "--sample is 41, but layer 'deep' has 40 units: take 1 to 40"),
        ({"sample": 0}, "--sample must be at least 1, got 0"),
        ({"layers": ["stem"]}, "have 8 channels, the layer has 6: take the layer"),
        ({"layers": ["stem", "deep"]}, "of one layer, and 2 were named"),
    ],
)
def test_what_cannot_be_dissected_is_refused_before_the_pass(run, options, says):
    done = run(**options)

    assert is_one_sentence(done)
    assert says in done.stderr
    assert not Network.objects.exists()


@pytest.mark.django_db
def test_a_sample_needs_directions(command, pictures):
    done = dissect(command, pictures, sample=3)

    assert is_one_sentence(done)
    assert "--sample draws among the units of --directions: take both" in done.stderr
