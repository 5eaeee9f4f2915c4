"""Theoretical fields, judged by what a NaN and a gradient reach."""

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from dissect.networks.layer_outputs import layouts_of, recording
from dissect.networks.layers import list_layers
from dissect.networks.registry import load_network
from dissect.receptive_fields.theoretical import theoretical_fields

ALEXNET = {"features.2": 19, "features.5": 67, "features.7": 99, "features.9": 131,
           "features.12": 195}  # fmt: skip
SQUEEZENET = {"conv1": 3, "fire2": 15, "fire3": 23, "fire4": 47, "fire5": 63, "fire6": 111,
              "fire7": 143, "fire8": 175, "fire9": 207, "conv10": 207}  # fmt: skip


def reached_slowly(network, layer, rows):
    """First and last pixel row (or column) that reaches each of a layer's cells.

    A NaN spreads to whatever reads it, so cells that stay numbers when the first n rows are NaN
    read none of these. In double precision: convolutions by tiles would spread it further.
    """
    side = network.preprocessing.crop
    model = copy.deepcopy(network.model).double()
    double = replace(network, model=model)
    double.layouts.update(layouts_of(network))
    least = []
    for end in (False, True):
        batch = torch.ones(side + 1, 3, side, side, dtype=torch.float64)
        for n in range(side + 1):
            lines = batch[n].movedim(1 if rows else 2, 0)
            lines[slice(side - n, side) if end else slice(0, n)] = float("nan")
        with recording(double, [layer]) as maps, torch.no_grad():
            model(batch)
        bad = maps[layer].isnan().any(dim=1).any(dim=2 if rows else 1)  # (n, cells)
        least.append(bad.float().argmax(dim=0).numpy())  # the least n that reaches the cell
    return least[0] - 1, side - least[1]


@pytest.fixture(scope="module")
def branched():
    return load_network("tests.dissect.branched:branched")


@pytest.mark.parametrize("layer", ["stem", "norm", "pool", "wide", "sum", "both", "last"])
@pytest.mark.parametrize("rows", [True, False])
def test_fields_of_branches_are_where_a_nan_comes_through(branched, layer, rows):
    first, last = reached_slowly(branched, layer, rows)

    field = theoretical_fields(branched, [layer])[layer]

    axis = field.rows if rows else field.columns
    starts = np.array([int(axis.start + i * axis.stride) for i in range(len(first))])
    side = branched.preprocessing.crop
    assert not field.whole
    ends = starts + axis.pixels
    inside = (starts >= 0) & (ends <= side)
    assert inside.any()
    assert np.array_equal(first[inside], starts[inside])
    assert np.array_equal(last[inside], ends[inside] - 1)
    assert (first >= starts).all()  # a dilated kernel may skip the first pixels in the image
    assert (last < ends).all()


def test_fields_of_unequal_sides_are_given_as_height_and_width(branched):
    fields = theoretical_fields(branched, ["stem", "sum", "last"])

    assert fields["stem"].facts() == {"size": [3, 5], "stride": [2, 1], "whole": False}
    assert fields["sum"].facts() == {"size": [21, 14], "stride": [4, 2], "whole": False}
    assert fields["last"].facts() == {"size": [29, 18], "stride": [4, 2], "whole": False}


@pytest.mark.parametrize("layer", ["gated", "head"])
def test_the_field_after_a_gate_or_a_global_average_is_the_whole_image_and_says_so(branched, layer):
    field = theoretical_fields(branched, [layer])[layer]

    assert field.facts() == {"size": 48, "stride": None, "whole": True}
    assert str(field) == "whole image"


@pytest.mark.parametrize(
    ("spec", "sizes"),
    [("torchvision:alexnet", ALEXNET), ("torchvision:squeezenet1_1", {"features.12": 207})],
)
def test_fields_of_published_networks_are_the_known_ones(spec, sizes):
    fields = theoretical_fields(load_network(spec), list(sizes))

    assert {name: field.size for name, field in fields.items()} == {
        name: (size, size) for name, size in sizes.items()
    }


def test_fields_of_squeezenet_places365_are_those_of_its_table(shared_data):
    weights = shared_data / "weights" / "squeezenet_bn_places365.pth"
    fields = theoretical_fields(
        load_network("squeezenet_bn_places365", str(weights)), list(SQUEEZENET)
    )

    assert {name: field.size[0] for name, field in fields.items()} == SQUEEZENET
    assert [fields[name].rows.stride for name in ("conv1", "fire3", "fire5", "fire9")] == [
        2, 4, 8, 16
    ]  # fmt: skip


class SumPool(nn.Module):
    """In the place of a maximum, which lets one gradient through only."""

    def __init__(self, pool: nn.MaxPool2d) -> None:
        super().__init__()
        self.pool = nn.AvgPool2d(pool.kernel_size, pool.stride, pool.padding, pool.ceil_mode)

    def forward(self, x):
        return self.pool(x)


def positive(model: nn.Module) -> nn.Module:
    """The same network with every weight above zero, so that no gradient cancels."""
    for name, module in list(model.named_modules()):
        if isinstance(module, nn.MaxPool2d):
            parent, _, child = name.rpartition(".")
            setattr(model.get_submodule(parent), child, SumPool(module))
        elif isinstance(module, nn.ReLU6):
            parent, _, child = name.rpartition(".")
            setattr(model.get_submodule(parent), child, nn.ReLU())
        for parameter in module.parameters(recurse=False):
            parameter.data = torch.full_like(parameter, 1e-2)
        if isinstance(module, nn.Conv2d):  # a plain average, so that depth does not overflow
            module.weight.data.fill_(1 / module.weight[0].numel())
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.zero_(), module.running_var.fill_(1), module.weight.data.fill_(1)
    return model.double()


DEEP = {
    "torchvision:resnet18": ["maxpool", "layer1.1", "layer2", "layer3.0", "layer3", "layer4"],
    "efficientnet_lite0": ["_conv_stem", "_blocks.2", "_blocks.4", "_blocks.7", "_conv_head"],
    "torchvision:squeezenet1_1": ["features.3", "features.7", "features.12"],
    "torchvision:alexnet": list(ALEXNET),
}


@pytest.mark.parametrize("spec", DEEP)
def test_fields_agree_with_the_support_of_gradients(spec):
    network = load_network(spec)
    fields = theoretical_fields(network, DEEP[spec])
    model = positive(network.model)
    side = network.preprocessing.crop

    for layer, field in fields.items():
        image = torch.ones(1, 3, side, side, dtype=torch.float64, requires_grad=True)
        kept = {}
        hook = model.get_submodule(layer).register_forward_hook(
            lambda m, i, output, kept=kept: kept.update(map=output.clone())
        )
        model(image)
        hook.remove()
        y, x = (cells // 2 for cells in kept["map"].shape[2:])
        kept["map"][0, :, y, x].sum().backward()
        reached = (image.grad != 0).any(dim=1)[0]

        for lines, axis, cell in (
            (reached.any(1), field.rows, y),
            (reached.any(0), field.columns, x),
        ):
            start = int(axis.start + cell * axis.stride)
            places = lines.nonzero().flatten()
            assert places.min() == max(0, start), layer
            assert places.max() + 1 == min(side, start + axis.pixels), layer


def test_a_layer_that_an_operation_in_place_follows_keeps_its_own_field():
    network = load_network("tests.dissect.custom_networks:small")

    fields = theoretical_fields(network, ["stem", "deep", "head"])

    assert fields["stem"].size == (5, 5)
    assert fields["deep"].size == (9, 9)
    assert fields["head"].whole


def test_tokens_keep_the_field_of_their_patch_until_attention_mixes_them():
    network = load_network("torchvision:vit_b_16")

    fields = theoretical_fields(network, ["conv_proj", "encoder.layers.encoder_layer_0.mlp"])

    assert fields["conv_proj"].facts() == {"size": 16, "stride": 16, "whole": False}
    assert fields["encoder.layers.encoder_layer_0.mlp"].whole


def test_fields_of_channels_apart_and_together_again_are_followed():
    network = load_network("torchvision:shufflenet_v2_x0_5")

    names = [info.name for info in list_layers(network) if info.name.startswith("stage2.")]
    fields = theoretical_fields(network, names)

    assert fields["stage2.0"].size == (15, 15)
    assert fields["stage2.1"].size == (31, 31)
