"""Which outputs come after a nonlinearity, and which layers are suggested for people."""

import json

import pytest
import torch
from torch import nn

from dissect.commands.command_line import main
from dissect.networks.layers import list_layers
from dissect.networks.registry import load_network
from dissect.receptive_fields.nonlinearities import nonlinearities, suggested_layers

BLOCKS = "tests.dissect.receptive_fields.test_nonlinearities:blocks"


class Bottleneck(nn.Module):
    """Widens, gates and narrows again; ends linearly, in a sum."""

    def __init__(self):
        super().__init__()
        self.widen = nn.Conv2d(4, 8, 1)
        self.norm = nn.BatchNorm2d(8)
        self.act = nn.ReLU6(inplace=True)
        self.same = nn.Identity()
        self.narrow = nn.Conv2d(8, 4, 1)

    def forward(self, x):
        return x + self.narrow(self.same(self.act(self.norm(self.widen(x)))))


class Fire(nn.Module):
    """Two branches, each after its own ReLU, side by side."""

    def __init__(self):
        super().__init__()
        self.one = nn.Sequential(nn.Conv2d(4, 4, 1), nn.ReLU())
        self.two = nn.Sequential(nn.Conv2d(4, 4, 3, padding=1), nn.ReLU())

    def forward(self, x):
        return torch.cat([self.one(x), self.two(x)], dim=1)


class Swish(nn.Module):
    def forward(self, x):
        return x * torch.sigmoid(x)


class Blocks(nn.Module):
    input_size = 16

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), Swish(), nn.MaxPool2d(2))
        self.block = Bottleneck()
        self.fire = Fire()
        self.say = nn.Linear(8, 2)

    def forward(self, x):
        return self.say(self.fire(self.block(self.stem(x))).mean(dim=(2, 3)))


def blocks():
    return Blocks()


@pytest.mark.parametrize(
    ("layer", "after"),
    [
        ("stem.0", ""),
        ("stem.1", "Sigmoid"),  # x * sigmoid(x)
        ("stem.2", "Sigmoid"),  # a pool keeps what it was given
        ("block.widen", ""),
        ("block.norm", ""),
        ("block.act", "ReLU6"),
        ("block.same", "ReLU6"),
        ("block.narrow", ""),
        ("block", ""),  # a residual sum of linear outputs
        ("fire", "ReLU"),
        ("say", ""),
    ],
)
def test_an_output_comes_after_what_made_its_values(layer, after):
    assert nonlinearities(load_network(BLOCKS), [layer]) == {layer: after}


def test_the_outermost_module_after_a_nonlinearity_is_suggested():
    network = load_network(BLOCKS)

    assert suggested_layers(network, list_layers(network)) == {
        "stem.1", "stem.2", "block.act", "fire",
    }  # fmt: skip


def test_the_command_marks_suggested_layers_and_names_linear_outputs(capsys):
    assert main(["layers", "--network", BLOCKS]) == 0
    table = capsys.readouterr().out.splitlines()
    assert main(["layers", "--network", BLOCKS, "--format", "json"]) == 0
    layers = {one["name"]: one for one in json.loads(capsys.readouterr().out)["layers"]}

    (fire,) = (line.split() for line in table if " fire " in line)
    (block,) = (line.split() for line in table if " block " in line)
    assert (fire[0], fire[-2:]) == ("*", ["after", "ReLU"])
    assert (block[0], block[-1]) == ("block", "linear")
    assert (layers["fire"]["after"], layers["fire"]["suggested"]) == ("ReLU", True)
    assert (layers["block"]["after"], layers["block"]["suggested"]) == ("", False)


def test_bottlenecks_of_efficientnet_are_linear_and_fires_of_squeezenet_are_not():
    lite = load_network("efficientnet_lite0")
    squeeze = load_network("squeezenet_bn_places365", "untrained")

    inside = "_blocks.10._project_conv.static_padding"  # an Identity after the block's last ReLU6
    bottlenecks = dict.fromkeys(["_blocks.4", "_blocks.10"], "")
    assert nonlinearities(lite, [*bottlenecks, inside]) == bottlenecks | {inside: "ReLU6"}
    assert nonlinearities(squeeze, ["fire5", "fire9"]) == dict.fromkeys(
        ["fire5", "fire9"], "LeakyReLU"
    )
