"""python -m dissect activations"""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from dissect.analyses.activation_maps import map_picture
from dissect.analyses.right_images import chosen_facts
from dissect.commands.command import (
    Data,
    add_image_arguments,
    add_layer_arguments,
    add_network_arguments,
    add_out_argument,
    add_right_argument,
    listed_images,
    network_of,
    print_table,
    skipped_rows,
    stages,
)
from dissect.front_door.activations import Activations, LayerMaps, activations
from dissect.render.contact_sheets import enlarged, png
from dissect.storage.store import Folder

SINGLE_MAP_PX = 448


def add_arguments(parser: ArgumentParser) -> None:
    add_network_arguments(parser)
    add_image_arguments(parser)
    add_layer_arguments(parser)
    parser.add_argument(
        "--image", type=Path, metavar="FILE", help="whose maps are shown (the first of --images)"
    )
    add_right_argument(parser)
    parser.add_argument(
        "--normalize", "--normalise", dest="normalise", choices=["unit", "layer"], default="unit",
        help="whose largest activation is full white (unit)",
    )  # fmt: skip
    add_out_argument(
        parser,
        "write LAYER.png here, and of the units that --units names LAYER/UNIT.png, the map, "
        "and LAYER/UNIT-over.png, the map over the image",
    )


def run(options: Namespace) -> Data:
    """Show the activation maps of one image, and how sparse units are over an image set.

    The sheet has every unit's map with its number: black is 0, white the largest activation,
    blue below 0. sparsity is the share, 0 to 1, of a unit's cells over all of --images that are
    at most 1 % of the unit's maximum over them; zeros is the share of exact zeros. maximum is
    over --images, peak, y and x are of the image shown, in cells. With --units, JSON has the maps
    as numbers. With --images FILE alone everything is of that image. After the slides on Zhou et
    al. 2015, arXiv:1412.6856. --right 1 shows one of --images that the network gets right.
    """
    shown = activations(
        network_of(options), options.layers, listed_images(options), image=options.image,
        units=options.units, right=bool(options.right), device=options.device,
        progress=stages(options),
    )  # fmt: skip
    if options.out:
        for name in shown.layers:
            write(shown, name, options)
    layers = {
        name: {
            "map_size": list(layer.maps.shape[1:]),
            "unit_count": len(layer.maps),
            "sheet": options.out and str(options.out / f"{name}.png"),
            "units": {
                str(unit): describe_unit(layer, unit)
                | (describe_map(layer, name, unit, options) if options.units else {})
                for unit in layer.units
            },
        }
        for name, layer in shown.layers.items()
    }
    return {
        "layers": layers,
        "image": shown.image,
        "chosen": chosen_facts(shown.chosen),
        "image_count": shown.image_count,
        "silent_share": shown.silent_share,
        "skipped": skipped_rows(shown.skipped),
    }


def describe_unit(layer: LayerMaps, unit: int) -> Data:
    """Describe one unit's map as plain data."""
    peak, y, x = layer.peak(unit)
    return {
        "sparsity": float(layer.sparsity.silent[unit]),
        "zeros": float(layer.sparsity.zero[unit]),
        "maximum": float(layer.sparsity.maximum[unit]),
        "peak": peak,
        "y": y,
        "x": x,
    }


def describe_map(layer: LayerMaps, name: str, unit: int, options: Namespace) -> Data:
    """Give the map of a unit that --units names as numbers, and where it is drawn."""
    folder = options.out and options.out / name
    return {
        "map": layer.maps[unit].tolist(),
        "picture": folder and str(folder / f"{unit}.png"),
        "over": folder and str(folder / f"{unit}-over.png"),
    }


def write(shown: Activations, name: str, options: Namespace) -> None:
    """Write a layer's sheet, and the maps of the units that --units names."""
    store, layer = Folder(options.out), shown.layers[name]
    store.put(f"{name}.png", shown.sheet(name, normalise=options.normalise).png())
    for unit in options.units or []:
        picture = map_picture(layer.maps[unit], float(layer.maps[unit].abs().max()))
        picture = enlarged(picture, max(1, SINGLE_MAP_PX // max(picture.size)))
        store.put(f"{name}/{unit}.png", png(picture))
        store.put(f"{name}/{unit}-over.png", shown.over_image(name, unit).png())


def show(data: Data) -> None:
    columns = ["sparsity", "zeros", "maximum", "peak", "y", "x"]
    print_table(
        ["layer", "unit", *columns],
        [
            [layer, int(unit), *(unit_data[column] for column in columns)]
            for layer, layer_data in data["layers"].items()
            for unit, unit_data in layer_data["units"].items()
        ],
    )
