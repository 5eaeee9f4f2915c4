"""python -m dissect layers"""

import sys
from argparse import ArgumentParser, Namespace

from dissect.commands.command import Data, add_network_arguments, network_of, print_table
from dissect.front_door.layers import layers
from dissect.receptive_fields.nonlinearities import describe_output
from dissect.receptive_fields.theoretical import format_field_size

MAX_LEFT_OUT = 10  # modules on stderr


def add_arguments(parser: ArgumentParser) -> None:
    add_network_arguments(parser)


def run(options: Namespace) -> Data:
    """List a network's layers: dotted name, type, units, map size in cells, receptive field.

    The field is the theoretical one, in pixels of the network's input: its size, and its stride
    from one cell to the next. "whole": nothing bounds it by arithmetic, so it is the whole image.
    Zhou et al. 2015, arXiv:1412.6856, set it beside what occlusion measures: see receptive-field.
    after is the nonlinearity that the layer's output comes after; "" is a linear output, such as a
    linear bottleneck's or a residual sum's, whose units are much harder to name; null is unknown.
    suggested (* in the table) are layers worth asking people about: maps after a nonlinearity.
    input is what the network is fed: the preprocessing of an image, and the type of its numbers.
    A module that runs twice in a forward is two layers: relu, relu:1. left_out has the modules that
    have no units, or whose axes the network does not tell, each with the reason.
    """
    listed = layers(network_of(options))
    return {
        "input": listed.fed,
        "layers": [
            {"name": one.name, "type": one.type, "unit_count": one.unit_count,
             "map_size": list(one.map_size), "theoretical": one.field.facts(),
             "after": one.after, "suggested": one.is_suggested}
            for one in listed.layers.values()
        ],
        "left_out": dict(listed.left_out),
    }  # fmt: skip


def show(data: Data) -> None:
    print(f"Fed: {data['input']}.", file=sys.stderr)
    for reason in list(data["left_out"].values())[:MAX_LEFT_OUT]:
        print(f"Left out: {reason}", file=sys.stderr)
    if (more := len(data["left_out"]) - MAX_LEFT_OUT) > 0:
        print(f"... and {more} more modules; --format json has all.", file=sys.stderr)
    print_table(
        ["", "layer", "type", "units", "map", "field", "output"],
        [
            ["*" * one["suggested"], one["name"], one["type"], one["unit_count"],
             "x".join(map(str, one["map_size"])), format_field_size(one["theoretical"]),
             describe_output(one["after"])]
            for one in data["layers"]
        ],
    )  # fmt: skip
