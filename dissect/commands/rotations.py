"""python -m dissect rotations"""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from dissect.commands.command import (
    Data,
    add_image_arguments,
    add_network_arguments,
    listed_images,
    network_of,
    print_table,
    skipped_rows,
    stages,
)
from dissect.front_door.rotations import rotations


def add_arguments(parser: ArgumentParser) -> None:
    add_network_arguments(parser)
    add_image_arguments(parser)
    parser.add_argument("--layers", required=True, nargs="+", metavar="L", help="dotted names")
    parser.add_argument("--count", type=int, default=50, help="directions a layer (50)")
    parser.add_argument("--seed", type=int, default=0, help="of the rotation (0)")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="a .safetensors")


def run(options: Namespace) -> Data:
    """Write random directions of layers: the control for what chance alone would name.

    Each layer's channels are centered and brought to equal variance over the images, then turned
    by a seeded Haar rotation (Mezzadri 2007, arXiv:math-ph/0609050); its first --count columns
    are kept. Use the file as --directions of any other command: its units are these directions.
    """
    chance = rotations(
        network_of(options), options.layers, listed_images(options), count=options.count,
        seed=options.seed, device=options.device, progress=stages(options),
    )  # fmt: skip
    chance.save(options.out)
    layers = {
        name: {"unit_count": one.rows.shape[0], "channels": one.rows.shape[1]}
        for name, one in chance.directions.items()
    }
    return {
        "layers": layers,
        "seed": options.seed,
        "file": str(options.out),
        "skipped": skipped_rows(chance.skipped),
    }


def show(data: Data) -> None:
    rows = [
        [layer, layer_data["unit_count"], layer_data["channels"]]
        for layer, layer_data in data["layers"].items()
    ]
    print_table(["layer", "directions", "channels"], rows)
