import pickle

import numpy as np
import pytest
import torch
import torchvision
from PIL import Image
from safetensors.torch import save_file
from torchvision.transforms import CenterCrop, InterpolationMode, Normalize, Resize, ToTensor

from dissect.errors import UnknownLayer, UnknownNetwork, UnreadableWeights, UnsupportedLayer
from dissect.images.preprocessing import Preprocessing
from dissect.networks.layers import blank_input, forward, layer_infos, list_layers, recording
from dissect.networks.registry import load_network
from tests.dissect.custom_networks import Small


@pytest.fixture
def photo():
    values = np.random.default_rng(0).integers(0, 256, (30, 41, 3), dtype=np.uint8)
    return Image.fromarray(values).resize((410, 300), Image.Resampling.BICUBIC)


def test_preprocessing_is_torchvisions_to_the_bit(photo):
    bicubic = Resize(256, interpolation=InterpolationMode.BICUBIC)
    wanted = Normalize([0.4, 0.5, 0.6], [0.2, 0.3, 0.4])(
        ToTensor()(CenterCrop(224)(bicubic(photo)))
    )
    shape = Preprocessing(mean=(0.4, 0.5, 0.6), std=(0.2, 0.3, 0.4))

    assert torch.equal(shape.normalise(shape.pixels(photo)[None])[0], wanted)


@pytest.mark.parametrize("size", [(410, 300), (300, 411), (256, 256), (37, 900)])
def test_the_box_is_what_the_crop_shows(size):
    """A ramp over the image: its values at the crop's edges are the box's edges."""
    shape = Preprocessing()
    left, top, right, bottom = shape.box(*size)
    ramp = np.linspace(0, size[0], size[0] * 4, endpoint=False, dtype=np.float32)
    wide = Image.fromarray(np.tile(ramp[::4][: size[0]], (size[1], 1)))  # value = x
    crop = CenterCrop(224)(Resize(256, interpolation=InterpolationMode.BILINEAR)(wide))
    across = np.asarray(crop)[112]

    step = (right - left) / 224
    assert across[5] == pytest.approx(left + 5.5 * step - 0.5, abs=step)
    assert across[-6] == pytest.approx(right - 5.5 * step - 0.5, abs=step)
    assert 0 <= round(top, 6) < bottom <= size[1] + 1e-6


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


@pytest.mark.parametrize("ending", ["pth", "safetensors"])
def test_weights_come_from_a_file(tmp_path, ending):
    other = Small()
    torch.nn.init.constant_(other.deep.bias, 7.0)
    path = tmp_path / f"weights.{ending}"
    if ending == "pth":
        torch.save({"state_dict": {f"module.{k}": v for k, v in other.state_dict().items()}}, path)
    else:
        save_file(other.state_dict(), path)

    network = load_network("tests.dissect.custom_networks:small", str(path))

    assert torch.equal(network.model.deep.bias, other.deep.bias)
    assert network.weights == path.name


def test_a_pickle_that_runs_code_is_not_opened(tmp_path):
    class Boom:
        def __reduce__(self):
            return (open, (str(tmp_path / "ran"), "w"))

    path = tmp_path / "evil.pth"
    torch.save({"weight": Boom()}, path)

    with pytest.raises(UnreadableWeights, match="not a plain file of tensors"):
        load_network("tests.dissect.custom_networks:small", str(path))
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("content", [b"", b"rubbish" * 100, pickle.dumps([1, 2])])
def test_unreadable_weights_are_one_sentence(tmp_path, content):
    path = tmp_path / "weights.pth"
    path.write_bytes(content)

    with pytest.raises(UnreadableWeights, match=r"weights\.pth"):
        load_network("tests.dissect.custom_networks:small", str(path))


def test_weights_that_do_not_fit_say_which(tmp_path):
    torch.save({"stem.weight": torch.zeros(1)}, tmp_path / "w.pth")

    with pytest.raises(UnreadableWeights, match="do not fit the network"):
        load_network("tests.dissect.custom_networks:small", str(tmp_path / "w.pth"))


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ("torchvision:alexnett", "Did you mean alexnet"),
        ("efficientnet_lite", "Did you mean efficientnet_lite"),
        ("nonsense", "package.module:factory"),
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
    assert "_swish" not in names  # runs twice


def test_layers_run_in_order_with_units_and_map_sizes():
    infos = list_layers(load_network("tests.dissect.custom_networks:small"))

    assert [(i.name, i.type, i.unit_count, i.map_size) for i in infos] == [
        ("stem", "Conv2d", 6, (24, 24)),
        ("deep", "Conv2d", 8, (12, 12)),
        ("head", "Linear", 4, (1, 1)),
    ]


def test_an_unknown_layer_offers_the_nearest_names():
    network = load_network("tests.dissect.custom_networks:small")

    with pytest.raises(UnknownLayer, match=r"named 'deeep'\. Did you mean deep"):
        layer_infos(network, ["stem", "deeep"])


@pytest.mark.parametrize(("layer", "says"), [("conv", "2 times"), ("pair", "puts out a tuple")])
def test_layers_without_one_map_a_unit_are_refused_with_a_sentence(layer, says):
    with pytest.raises(UnsupportedLayer, match=says):
        layer_infos(load_network("tests.dissect.custom_networks:twice"), [layer])


def test_an_in_place_relu_after_the_layer_does_not_change_what_was_recorded():
    network = load_network("tests.dissect.custom_networks:small")

    with recording(network.model, ["stem"]) as maps:
        forward(network, blank_input(network))

    pixels = network.preprocessing.normalise(blank_input(network))
    wanted = torch.nn.functional.conv2d(
        pixels, network.model.stem.weight, network.model.stem.bias, stride=2, padding=2
    )
    assert (wanted < 0).any()
    assert torch.equal(maps["stem"], wanted)


def test_hooks_let_go_whatever_happens():
    network = load_network("tests.dissect.custom_networks:small")

    with pytest.raises(KeyError), recording(network.model, ["stem"]):
        raise KeyError

    assert not network.model.stem._forward_hooks
    assert not network.model._forward_pre_hooks


def test_squeezenet_places365_knows_rooms(shared_data):
    weights = shared_data / "weights" / "squeezenet_bn_places365.pth"
    network = load_network("squeezenet_bn_places365", str(weights))
    photos = sorted((shared_data / "places-rooms" / "images" / "bathroom").iterdir())[:40]

    pixels = torch.stack([network.preprocessing.pixels(Image.open(p)) for p in photos])
    scores = forward(network, pixels)

    assert (scores.argmax(dim=1) == 45).float().mean() > 0.4  # its measured top-1 is 0.62
