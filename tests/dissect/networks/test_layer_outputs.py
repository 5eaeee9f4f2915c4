"""The output of layers of every kind is read as maps, or refused with a sentence."""

import numpy as np
import pytest
import torch
from PIL import Image

from dissect.__main__ import main
from dissect.analyses.activation_maps import maps_of
from dissect.images.image_list import find_images
from dissect.networks.layer_outputs import as_maps, token_grid
from dissect.networks.layers import blank_input
from dissect.networks.registry import load_network
from dissect.topk.collect import collect
from tests.dissect.planted import save

TRANSFORMERS = "tests.dissect.transformers:"


@pytest.fixture(scope="module")
def red_patch(tmp_path_factory):
    """40 pictures of 4 x 4 patches; in picture n patch n % 16 is red, the more the later."""
    folder = tmp_path_factory.mktemp("patches")
    for number in range(40):
        picture = np.zeros((32, 32, 3), dtype=np.uint8)
        y, x = divmod(number % 16, 4)
        picture[8 * y : 8 * y + 8, 8 * x : 8 * x + 8, 0] = 100 + number
        save(folder, f"{number:02d}.png", picture)
    return find_images(folder)


@pytest.mark.parametrize("kind", ["patches", "registers", "no_class_token"])
def test_tokens_go_back_to_their_grid_and_class_tokens_stay_apart(red_patch, kind):
    network = load_network(TRANSFORMERS + kind)

    result = collect(network, ["encoder", "attention"], red_patch, top=5)

    for layer in result.layers:
        assert layer.info.map_size == (4, 4)
        assert layer.top.image[0].tolist() == [39, 38, 37, 36, 35]
        peaks = list(zip(layer.top.y[0].tolist(), layer.top.x[0].tolist(), strict=True))
        assert peaks == [divmod(number % 16, 4) for number in (39, 38, 37, 36, 35)]
        assert layer.maximum[1] == 15  # not the 99 of the first tokens


def test_token_grid_is_row_by_row():
    tokens = torch.arange(10.0)[None, :, None].expand(2, 10, 3)

    maps = token_grid(tokens, "encoder")

    assert maps.shape == (2, 3, 3, 3)
    assert maps[1, 2].tolist() == [[1, 2, 3], [4, 5, 6], [7, 8, 9]]


def test_maps_with_channels_last_are_permuted():
    maps = torch.rand(2, 7, 7, 5)

    assert torch.equal(as_maps(maps, "block"), maps.permute(0, 3, 1, 2))
    assert as_maps(maps.permute(0, 3, 1, 2), "block").shape == (2, 5, 7, 7)


def test_channels_last_are_recognised_by_a_square_map_in_front(red_patch):
    maps = maps_of(load_network(TRANSFORMERS + "patches"), ["last"], red_patch.open(6))["last"]

    assert maps.shape == (2, 4, 4)
    assert (maps[0] > 0).nonzero().tolist() == [[1, 2]]


@pytest.mark.parametrize(("kind", "channels"), [("grey", 1), ("odd", 3), ("four", 4)])
def test_networks_take_one_three_or_four_channels(noise_folder, kind, channels):
    network, images = load_network(TRANSFORMERS + kind), find_images(noise_folder)

    result = collect(network, ["conv"], images, top=3).layers[0]

    assert blank_input(network).shape == (1, channels, 16, 16)
    maps = maps_of(network, ["conv"], images.open(int(result.top.image[0, 0])))["conv"]
    assert maps[0].max().item() == pytest.approx(float(result.top.score[0, 0]), rel=1e-5)


def test_layers_of_a_transformer_are_listed_with_their_grids(capsys):
    assert main(["layers", "--network", TRANSFORMERS + "registers"]) == 0

    assert "encoder    Identity       2  4x4" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize(
    ("spec", "layer", "units", "size", "first_feature"),
    [
        ("torchvision:vit_b_16", "encoder.layers.encoder_layer_3", 768, (14, 14), (0, 1)),
        ("torchvision:swin_t", "features.1", 96, (56, 56), (0, 0)),
    ],
)
def test_real_transformers_put_out_their_grids(spec, layer, units, size, first_feature):
    network = load_network(spec)
    outputs = []
    hook = dict(network.model.named_modules())[layer].register_forward_hook(
        lambda module, inputs, output: outputs.append(output)
    )
    picture = Image.effect_noise((256, 256), 80).convert("RGB")

    maps = maps_of(network, [layer], picture)[layer]
    hook.remove()

    assert maps.shape == (units, *size)
    token = outputs[0][first_feature] if outputs[0].ndim == 3 else outputs[0][0, 0, 0]
    assert torch.equal(maps[:, 0, 0], token)
