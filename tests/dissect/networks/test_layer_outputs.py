import pytest
import torch

from dissect.errors import BadSetting
from dissect.networks.layer_outputs import blank_input, forward, recording
from dissect.networks.layers import list_layers
from dissect.networks.registry import load_network

TRANSFORMERS = "tests.dissect.transformers:"


def test_an_in_place_relu_after_the_layer_does_not_change_what_was_recorded():
    network = load_network("tests.dissect.custom_networks:small")

    with recording(network, ["stem"]) as maps:
        forward(network, blank_input(network))

    pixels = network.preprocessing.normalise(blank_input(network))
    expected = torch.nn.functional.conv2d(
        pixels, network.model.stem.weight, network.model.stem.bias, stride=2, padding=2
    )
    assert (expected < 0).any()
    assert torch.equal(maps["stem"], expected)


def test_hooks_are_removed_after_an_error():
    network = load_network("tests.dissect.custom_networks:small")

    with pytest.raises(KeyError), recording(network, ["stem"]):
        raise KeyError

    assert not network.model.stem._forward_hooks
    assert not network.model._forward_pre_hooks


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("strict", r"cannot take images of \(3, 16, 16\): Wrong image height! Expected 32."),
        ("shrinking", r"cannot take images of \(3, 8, 8\): .*[Kk]ernel size"),
    ],
)
def test_images_that_a_network_cannot_take_are_refused_with_a_sentence(kind, says):
    network = load_network(TRANSFORMERS + kind)

    with pytest.raises(BadSetting, match=says):
        list_layers(network)
