"""python -m dissect layers"""

from argparse import ArgumentParser, Namespace

from dissect.commands.command import Data, add_network_arguments, network_of, print_table
from dissect.networks.layers import list_layers
from dissect.receptive_fields.theoretical import format_field_size, theoretical_fields


def add_arguments(parser: ArgumentParser) -> None:
    add_network_arguments(parser)


def run(options: Namespace) -> Data:
    """List a network's layers: dotted name, type, units, map size in cells, receptive field.

    The field is the theoretical one, in pixels of the network's input: its size, and its stride
    from one cell to the next. "whole": nothing bounds it by arithmetic, so it is the whole image.
    Zhou et al. 2015, arXiv:1412.6856, set it beside what occlusion measures: see receptive-field.
    """
    network = network_of(options)
    infos = list_layers(network)
    fields = theoretical_fields(network, [info.name for info in infos])
    return {"layers": [
        {"name": i.name, "type": i.type, "unit_count": i.unit_count,
         "map_size": list(i.map_size), "theoretical": fields[i.name].facts()}
        for i in infos
    ]}  # fmt: skip


def show(data: Data) -> None:
    print_table(
        ["layer", "type", "units", "map", "field"],
        [
            [one["name"], one["type"], one["unit_count"], "x".join(map(str, one["map_size"])),
             format_field_size(one["theoretical"])]
            for one in data["layers"]
        ],
    )  # fmt: skip
