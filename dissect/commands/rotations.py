"""python -m dissect rotations"""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from dissect.analyses.random_directions import channel_statistics, random_directions
from dissect.commands.command import (
    Data,
    add_image_arguments,
    add_network_arguments,
    listed_images,
    network_of,
    print_table,
)
from dissect.networks.device import select_device
from dissect.networks.direction_files.files import save_directions
from dissect.topk.batches import Passes


def add_arguments(parser: ArgumentParser) -> None:
    add_network_arguments(parser)
    add_image_arguments(parser)
    parser.add_argument("--layers", required=True, nargs="+", metavar="L", help="dotted names")
    parser.add_argument("--count", type=int, default=50, help="directions a layer (50)")
    parser.add_argument("--seed", type=int, default=0, help="of the rotation (0)")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="a .safetensors")


def run(options: Namespace) -> Data:
    """Write random directions of layers: the control for what chance alone would name.

    Each layer's channels are centred and brought to equal variance over the images, then turned
    by a seeded Haar rotation (Mezzadri 2007, arXiv:math-ph/0609050); its first --count columns
    are kept. Use the file as --directions of any other command: its units are these directions.
    """
    network, images = network_of(options), listed_images(options.images)
    passes = Passes(images, 1, select_device(options.device), options.progress("forwarding"))
    channels = channel_statistics(network, options.layers, passes)
    directions = [
        random_directions(layer, channels[layer], options.count, options.seed)
        for layer in options.layers
    ]
    about = {
        "made_by": "unitscope rotations",
        "network": network.spec,
        "weights_sha256": network.weights_sha256,
        "images_sha256": images.sha256,
        "seed": str(options.seed),
    }
    save_directions(options.out, directions, about)
    layers = {
        direction.layer: {
            "unit_count": direction.rows.shape[0],
            "channels": direction.rows.shape[1],
        }
        for direction in directions
    }
    return {"layers": layers, "seed": options.seed, "file": str(options.out)}


def show(data: Data) -> None:
    rows = [
        [layer, layer_data["unit_count"], layer_data["channels"]]
        for layer, layer_data in data["layers"].items()
    ]
    print_table(["layer", "directions", "channels"], rows)
