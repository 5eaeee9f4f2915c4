import pytest
import torch

from dissect.errors import UnknownLayer, UnsupportedLayer
from dissect.networks.layer_outputs import forward, recording
from dissect.networks.layers import in_running_order, layer_infos, list_layers
from dissect.networks.registry import load_network

TRANSFORMERS = "tests.dissect.transformers:"


def test_layers_run_in_order_with_units_and_map_sizes():
    infos = list_layers(load_network("tests.dissect.custom_networks:small"))

    assert [(i.name, i.type, i.unit_count, i.map_size) for i in infos] == [
        ("stem", "Conv2d", 6, (24, 24)),
        ("relu", "ReLU", 6, (24, 24)),
        ("deep", "Conv2d", 8, (12, 12)),
        ("relu:1", "ReLU", 8, (12, 12)),
        ("head", "Linear", 4, (1, 1)),
    ]


def test_layers_are_put_in_the_order_in_which_they_run_each_once():
    network = load_network("tests.dissect.custom_networks:small")

    given = ["relu:1", "deep", "relu:0", "stem", "deep"]
    assert in_running_order(network, given) == ("stem", "relu:0", "deep", "relu:1")


def test_an_unknown_layer_offers_the_nearest_names():
    network = load_network("tests.dissect.custom_networks:small")

    with pytest.raises(UnknownLayer, match=r"named 'deeep'\. Did you mean deep"):
        layer_infos(network, ["stem", "deeep"])


def test_layers_that_were_looked_up_before_need_no_forward():
    network = load_network("tests.dissect.custom_networks:small")
    first = layer_infos(network, ["stem", "deep"])
    forwards = []
    network.model.register_forward_pre_hook(lambda *_: forwards.append(1))

    assert layer_infos(network, ["deep", "stem"]) == first[::-1]
    assert forwards == []
    assert layer_infos(network, ["relu:1"]) == layer_infos(network, ["relu:1"])
    assert forwards == [1]


def test_a_module_that_runs_twice_is_two_layers():
    network = load_network("tests.dissect.custom_networks:twice")
    pixels = torch.randint(0, 256, (2, 3, 16, 16), dtype=torch.uint8)

    with recording(network, ["conv:1", "conv"]) as maps:
        forward(network, pixels)

    once = network.model.conv(network.preprocessing.normalise(pixels))
    assert torch.equal(maps["conv"], once)
    assert torch.equal(maps["conv:1"], network.model.conv(once))


@pytest.mark.parametrize("layer", ["conv:2", "conv:x", "pare:1"])
def test_a_run_that_a_module_does_not_have_is_unknown(layer):
    with pytest.raises(UnknownLayer, match=f"no layer named {layer!r}. Did you mean "):
        layer_infos(load_network("tests.dissect.custom_networks:twice"), [layer])


@pytest.mark.parametrize(
    ("network", "layer", "says"),
    [
        ("patches", "windows", r"puts out \(8, 4, 2\) for 2 images, .* choose a layer around it"),
        ("untold", "made", r"puts out \(2, 3, 4, 4\), which does not come from the images"),
        ("untold", "maps", "does not tell which axis holds its units: say --channels-first-axis"),
        ("mixer", "mlp_tokens", r"\(images, 5, 16\): 16 learned mixtures of .* say --grid HxW"),
        ("odd", "best", "puts out torch.int64, not activations"),
        ("odd", "named", "puts out a dict, not one tensor"),
        ("odd", "deep", r"puts out \(images, 4, 2, 8, 16\); units need"),
        ("odd", "pair", "puts out a tuple, not one tensor"),
        ("odd", "number", r"one number for each image; units need \(images, units\)"),
        ("odd", "unused", "does not run when the network sees an image"),
    ],
)
def test_layers_without_units_are_refused_with_a_sentence(network, layer, says):
    with pytest.raises(UnsupportedLayer, match=says):
        layer_infos(load_network(TRANSFORMERS + network), [layer])


def test_the_list_of_layers_leaves_out_what_would_be_refused():
    names = [info.name for info in list_layers(load_network(TRANSFORMERS + "patches"))]

    assert names == ["encoder", "attention", "last", "head"]
