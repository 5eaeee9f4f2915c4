"""The output of layers of every kind is read as maps, whatever its shape and axes."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from dissect.analyses.activation_maps import maps_of
from dissect.commands.command_line import main
from dissect.commands.runner import run_command
from dissect.errors import DissectError
from dissect.images.image_list import find_images
from dissect.networks.layer_outputs import blank_input
from dissect.networks.layers import layer_infos
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


RED = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)


@pytest.mark.parametrize("kind", ["registers_first", "registers_last", "column_by_column"])
@pytest.mark.parametrize("layer", ["encoder", "sequence"])  # images or tokens first
def test_a_token_grid_may_have_any_shape_and_others_first_or_last(kind, layer):
    picture = Image.fromarray(RED)

    maps = maps_of(load_network(TRANSFORMERS + kind), [layer], picture)[layer]

    red = RED[:, :, 0].reshape(8, 4, 4, 8).mean(axis=(1, 3)) / 255
    assert maps[0].numpy() == pytest.approx(red, abs=1e-6)
    assert maps[1].tolist() == np.arange(32.0).reshape(8, 4).tolist()


MAPS = RED[:28, :28].reshape(7, 4, 14, 2, 3).mean(axis=(1, 3)).transpose(2, 0, 1) / 255


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        ("first", MAPS),  # (images, units, 7, 14)
        ("last", MAPS),  # (images, 7, 14, units)
        ("between", MAPS),  # (images, 7, units, 14)
        ("turned", MAPS),  # (images, units, 14, 7)
        ("tokens", MAPS),  # (images, units, 98)
        ("one", MAPS.sum(0, keepdims=True)),  # (images, 7, 14): one unit
        ("rows", MAPS.mean(2, keepdims=True)),  # (images, units, 7)
        ("squares", None),  # (images, 7 units, 7, 7)
        ("seven", None),  # (images, 7 units, 7, 14)
    ],
)
def test_maps_of_7_x_14_cells_are_read_in_any_order_of_axes(layer, expected):
    network = load_network(TRANSFORMERS + "maps")

    maps = maps_of(network, [layer], Image.fromarray(RED[:28, :28]))[layer]

    if expected is None:  # by the definition of a 1 x 1 convolution
        weight, bias = (p.detach().numpy() for p in network.model.seven.parameters())
        expected = np.einsum("uc,chw->uhw", weight[:, :, 0, 0], MAPS) + bias[:, None, None]
        expected = expected[:, :, : maps.shape[2]]
    assert maps.numpy() == pytest.approx(expected, abs=1e-6)


def test_the_units_of_a_mixers_block_are_its_features():
    info = layer_infos(load_network(TRANSFORMERS + "mixer"), ["block"])[0]

    assert (info.unit_count, info.map_size) == (5, (4, 4))


@pytest.mark.parametrize(
    ("kind", "layer", "options", "expected"),
    [
        ("mixer", "mlp_tokens", ["--grid", "4x4"], (5, (4, 4))),
        ("mixer", "mlp_tokens", ["--grid", "2x8"], (5, (2, 8))),
        ("untold", "tokens",
         ["--grid", "8x4", "--tokens-before", "5", "--channels-first-axis"], (3, (8, 4))),
        ("untold", "maps", ["--channels-first-axis"], (3, (8, 4))),
        ("untold", "maps", ["--channels-last-axis"], (4, (3, 8))),
        ("registers_first", "encoder", ["--grid", "8x4", "--tokens-before", "5"], (2, (8, 4))),
        ("mixer", "mlp_tokens", ["--grid", "3x4"], "puts out 16 tokens, not --grid 3x4"),
        ("mixer", "mlp_tokens", ["--grid", "4x4", "--tokens-before", "1"], "puts out 16 tokens"),
        ("mixer", "mlp_tokens.0", [], "8 learned mixtures of tokens, which have no place"),
        ("untold", "tokens", ["--grid", "8x4"], "which axis holds its units"),
        ("untold", "tokens", ["--channels-first-axis"], "how its 37 tokens lie"),
        ("registers_first", "encoder", ["--grid", "6x6", "--tokens-before", "1"],
         "has 2 units on 8 x 4 tokens after 5 others, as the network itself tells; leave out "
         "--grid 6x6 --tokens-before 1, which says otherwise"),
        ("maps", "first", ["--channels-last-axis"], "leave out --channels-last-axis"),
        ("mixer", "block", ["--grid", "0x4"], "at least one row and one column"),
        ("mixer", "block", ["--grid", "4"], "rows x columns such as 8x4, not '4'"),
        ("mixer", "block", ["--tokens-before", "1"], "goes with --grid HxW"),
        ("mixer", "block", ["--grid", "4x4", "--tokens-before", "-1"], "at least 0, got -1"),
    ],
)  # fmt: skip
def test_options_tell_what_the_network_does_not(red_patch, kind, layer, options, expected):
    arguments = ["--network", TRANSFORMERS + kind, "--layers", layer, "--top", "3", *options]
    arguments += ["--images", str(Path(red_patch.source).resolve())]

    if isinstance(expected, str):
        with pytest.raises(DissectError, match=expected):
            run_command("exemplars", arguments)
        return
    units = run_command("exemplars", arguments)["layers"][layer]["units"]
    listed = run_command("layers", ["--network", TRANSFORMERS + kind, *options])["layers"]
    assert len(units) == expected[0]
    assert (expected[0], list(expected[1])) in [
        (info["unit_count"], info["map_size"]) for info in listed if info["name"] == layer
    ]


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
    output = outputs[-1]
    token = output[first_feature] if output.ndim == 3 else output[0, 0, 0]
    assert torch.equal(maps[:, 0, 0], token)
