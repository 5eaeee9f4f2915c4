import re

import pytest
import torch
import torchvision
from PIL import Image

from dissect.errors import BadSetting, UnknownNetwork
from dissect.networks.layer_outputs import forward
from dissect.networks.layers import list_layers
from dissect.networks.registry import load_network
from tests.dissect import drawn_networks
from tests.dissect.drawn_networks import Plan


def test_torchvision_networks_are_fed_as_their_weights_say(capsys):
    network = load_network("torchvision:mobilenet_v3_small")

    transform = torchvision.models.MobileNet_V3_Small_Weights.DEFAULT.transforms()
    assert network.preprocessing.interpolation == transform.interpolation
    assert network.preprocessing.mean == tuple(transform.mean)
    assert len(network.classes) == 1000
    out = capsys.readouterr()
    assert out.out == ""
    assert "untrained" in out.err


def test_untrained_weights_are_the_same_each_time_and_leave_the_seed_alone():
    torch.manual_seed(5)
    first = load_network("torchvision:squeezenet1_1")
    after = torch.rand(1)
    torch.manual_seed(5)

    assert load_network("torchvision:squeezenet1_1").weights_sha256 == first.weights_sha256
    assert torch.equal(torch.rand(1), after)


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ("torchvision:alexnett", "Did you mean alexnet"),
        ("efficientnet_lite", "Did you mean efficientnet_lite"),
        ("nonsense", "module:factory"),
        ("resnet18", "Did you mean torchvision:resnet18"),
        ("torchvision.models:resnet18", "take torchvision:resnet18, or a factory"),
        ("tests.dissect.custom_networks:absent", "absent"),
        ("tests.dissect.custom_networks:broken", "no GPU in this house"),
        ("tests.dissect.custom_networks:number", "returned int"),
        ("no.such.package:thing", "No module named"),
    ],
)
def test_an_unknown_network_is_one_sentence_with_a_way_out(spec, says):
    with pytest.raises(UnknownNetwork, match=says) as caught:
        load_network(spec)
    assert "\n" not in str(caught.value)


def test_efficientnet_lite_keeps_its_packages_module_names_and_knows_its_classes():
    network = load_network("efficientnet_lite0")

    names = {info.name: info for info in list_layers(network)}

    assert names["_blocks.10"].unit_count == 112
    assert names["_blocks.10"].map_size == (14, 14)
    assert network.classes[0] == "tench"
    runs = [name for name in names if name.startswith("_blocks.3._swish")]
    assert runs == ["_blocks.3._swish", "_blocks.3._swish:1"]  # after expansion, after depthwise


def test_squeezenet_places365_knows_rooms(shared_data):
    weights = shared_data / "weights" / "squeezenet_bn_places365.pth"
    network = load_network("squeezenet_bn_places365", str(weights))
    photos = sorted((shared_data / "places-rooms" / "images" / "bathroom").iterdir())[:40]

    pixels = torch.stack([network.preprocessing.pixels(Image.open(p)) for p in photos])
    scores = forward(network, pixels)

    assert (scores.argmax(dim=1) == 45).float().mean() > 0.4  # its measured top-1 is 0.62


@pytest.mark.parametrize(
    ("size", "channels_and_side"),
    [
        (64, (3, 64)),
        ((64, 64), (3, 64)),
        ((3, 64, 64), (3, 64)),
        ([1, 48, 48], (1, 48)),
        (torch.Size([4, 32, 32]), (4, 32)),
        ((3, 64, 128), "is (3, 64, 128), 64 x 128 px; networks are shown square views"),
        ((128, 64), "is (128, 64), 128 x 64 px; networks are shown square views"),
        ((1, 3, 64, 64), "not (1, 3, 64, 64)"),
        ((), "not ()"),
        (0, "not 0"),
        ("large", "not 'large'"),
        ((2, 64, 64), "take 1, 3 or 4 channels; this one takes 2"),
    ],
)
def test_an_input_size_of_one_to_three_numbers_is_read_or_refused(
    monkeypatch, size, channels_and_side
):
    monkeypatch.setattr("tests.dissect.custom_networks.Bright.input_size", size)

    if isinstance(channels_and_side, str):
        with pytest.raises(BadSetting, match=re.escape(channels_and_side)):
            load_network("tests.dissect.custom_networks:bright")
    else:
        view = load_network("tests.dissect.custom_networks:bright").preprocessing
        assert (view.channels, view.crop) == channels_and_side


def test_an_input_size_with_other_channels_than_the_mean_is_refused(monkeypatch):
    monkeypatch.setattr("tests.dissect.custom_networks.Bright.input_size", (1, 64, 64))
    monkeypatch.setattr("tests.dissect.custom_networks.Bright.mean", (0.5, 0.5, 0.5))

    with pytest.raises(BadSetting, match="input_size has 1 channels, its mean or std 3"):
        load_network("tests.dissect.custom_networks:bright")


def test_a_first_convolution_after_other_steps_does_not_say_what_images_have(monkeypatch):
    monkeypatch.setattr(drawn_networks, "drawn", Plan((("unshuffled", "maps"), ("conv", "maps"))))
    monkeypatch.setattr(drawn_networks.Drawn, "input_size", 12)

    assert load_network("tests.dissect.drawn_networks:make").preprocessing.channels == 3
