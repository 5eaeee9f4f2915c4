"""python -m dissect activations"""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from PIL import Image
from torch import Tensor

from dissect.analyses.activation_maps import (
    SILENT_SHARE,
    Sparsity,
    activation_sheet,
    map_figure,
    map_picture,
    maps_of,
    sparsity,
)
from dissect.analyses.right_images import chosen_facts, right_images
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
    skipped_of,
)
from dissect.errors import ImagesError
from dissect.front_door.arguments import units_of
from dissect.images.decoding import read_image
from dissect.images.image_list import ImageList
from dissect.networks.device import select_device
from dissect.networks.registry import Network
from dissect.render.contact_sheets import enlarged, png
from dissect.storage.store import Folder
from dissect.topk.batches import Passes

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
        "--normalise", choices=["unit", "layer"], default="unit",
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
    network, images = network_of(options), listed_images(options.images)
    chosen = right_images(network, images, 1) if options.right and not options.image else None
    path, image = shown_image(images, options.image, chosen.places[0] if chosen else 0)
    maps = maps_of(network, options.layers, image)
    units = {layer: units_of(options.units, len(maps[layer]), layer) for layer in maps}
    passes = Passes(images, 2, select_device(options.device), options.progress("forwarding"))
    sparse = sparsity(network, options.layers, passes)
    if options.out:
        for layer, of_layer in maps.items():
            write(network, image, of_layer, layer, units[layer], options)
    layers = {
        layer: {
            "map_size": list(maps[layer].shape[1:]),
            "unit_count": len(maps[layer]),
            "sheet": options.out and str(options.out / f"{layer}.png"),
            "units": {
                str(unit): describe_unit(maps[layer], sparse[layer], unit)
                | (describe_map(maps[layer], layer, unit, options) if options.units else {})
                for unit in units[layer]
            },
        }
        for layer in maps
    }
    return {
        "layers": layers,
        "image": path,
        "chosen": chosen_facts(chosen),
        "image_count": len(images) - len(passes.bad),
        "silent_share": SILENT_SHARE,
        "skipped": skipped_of(images, passes.bad),
    }


def shown_image(images: ImageList, chosen: Path | None, place: int) -> tuple[str, Image.Image]:
    """Return the path of the image to show, and the image: that of a place if none is chosen.

    Raises:
        ImagesError: it cannot be read.
    """
    if chosen is not None:
        if not chosen.exists():
            raise ImagesError(f"There is no image '{chosen}'.")
        try:
            return str(chosen), read_image(chosen)
        except ImagesError as error:
            raise ImagesError(f"The image '{chosen}' cannot be read: {error}.") from error
    return images.paths[place], images.open(place)


def describe_unit(maps: Tensor, sparse: Sparsity, unit: int) -> Data:
    """Describe one unit's map as plain data."""
    values = maps[unit]
    y, x = divmod(int(values.argmax()), values.shape[1])
    return {
        "sparsity": float(sparse.silent[unit]),
        "zeros": float(sparse.zero[unit]),
        "maximum": float(sparse.maximum[unit]),
        "peak": float(values.max()),
        "y": y,
        "x": x,
    }


def describe_map(maps: Tensor, layer: str, unit: int, options: Namespace) -> Data:
    """Give the map of a unit that --units names as numbers, and where it is drawn."""
    folder = options.out and options.out / layer
    return {
        "map": maps[unit].tolist(),
        "picture": folder and str(folder / f"{unit}.png"),
        "over": folder and str(folder / f"{unit}-over.png"),
    }


def write(
    network: Network, image: Image.Image, maps: Tensor, layer: str, units: list[int],
    options: Namespace,
) -> None:  # fmt: skip
    """Write a layer's sheet, and the maps of the units that --units names."""
    store = Folder(options.out)
    store.put(f"{layer}.png", activation_sheet(maps, units, options.normalise).png())
    for unit in options.units or []:
        picture = map_picture(maps[unit], float(maps[unit].abs().max()))
        picture = enlarged(picture, max(1, SINGLE_MAP_PX // max(picture.size)))
        store.put(f"{layer}/{unit}.png", png(picture))
        store.put(f"{layer}/{unit}-over.png", map_figure(network, image, maps[unit]).png())


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
