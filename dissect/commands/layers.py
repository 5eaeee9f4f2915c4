"""python -m dissect layers"""

from argparse import ArgumentParser, Namespace

from dissect.commands.command import network_arguments, network_of, print_json, print_table
from dissect.layers import list_layers


def arguments(parser: ArgumentParser) -> None:
    network_arguments(parser)


def run(options: Namespace) -> None:
    """List a network's layers: dotted name, type, units, map size in cells."""
    infos = list_layers(network_of(options))
    if options.format == "json":
        print_json({"layers": [
            {"name": i.name, "type": i.type, "unit_count": i.unit_count,
             "map_size": list(i.map_size)}
            for i in infos
        ]})  # fmt: skip
        return
    print_table(
        ["layer", "type", "units", "map"],
        [[i.name, i.type, i.unit_count, f"{i.map_size[0]}x{i.map_size[1]}"] for i in infos],
    )
