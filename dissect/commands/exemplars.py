"""python -m dissect exemplars"""

from argparse import ArgumentParser, Namespace
from pathlib import Path

import numpy as np

from dissect.collect import Collected, collect
from dissect.commands.command import (
    Data,
    image_arguments,
    layer_arguments,
    network_arguments,
    network_of,
    print_table,
    units_of,
)
from dissect.feeding import chosen_device
from dissect.images import ImageList, find_images
from dissect.networks import Network
from dissect.pictures import mask_sheet, picture_of
from dissect.regions import by_quantile, regions_of
from dissect.store import Folder


def arguments(parser: ArgumentParser) -> None:
    network_arguments(parser)
    image_arguments(parser)
    layer_arguments(parser)
    parser.add_argument("--top", type=int, default=60, help="images for each unit (60)")
    parser.add_argument(
        "--by", choices=["max", "sum"], default="max", help="score: of the map its max, or its sum"
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="write pictures and masks here")


def answer(options: Namespace) -> Data:
    """Find the images that excite each unit most.

    An image's score is the maximum of the unit's activation map; ties go to the larger sum of
    the map, then to the earlier image (--by sum: sum and maximum change places). y and x
    count the map's cells to its peak, from 0. Zhou et al. 2015, arXiv:1412.6856. With --out, also
    the network's view of each image and the unit's regions (Bau et al. 2017, arXiv:1704.05796):
    one sheet of masks a unit, in rank order.
    """
    network, images = network_of(options), find_images(options.images)
    found = collect(
        network, options.layers, images, options.top,
        device=chosen_device(options.device), by=options.by,
        progress=options.progress("forwarding"),
    )  # fmt: skip
    units = {
        layer.info.name: units_of(options.units, layer.info.unit_count, layer.info.name)
        for layer in found.layers
    }
    if options.out:
        for layer in found.layers:
            write(network, layer, images, units[layer.info.name], options)
    layers = {
        layer.info.name: {
            "units": {
                str(unit): exemplars_of(layer, unit, images, options.by)
                for unit in units[layer.info.name]
            }
        }
        for layer in found.layers
    }
    skipped = [{"image": images.paths[p], "reason": why} for p, why in found.bad.items()]
    return {"layers": layers, "skipped": skipped}


def show(data: Data) -> None:
    print_table(
        ["layer", "unit", "rank", "score", "y", "x", "image"],
        [
            [layer, int(unit), rank, one["score"], one["y"], one["x"], one["image"]]
            for layer, found in data["layers"].items()
            for unit, exemplars in found["units"].items()
            for rank, one in enumerate(exemplars, start=1)
        ],
    )


def exemplars_of(layer: Collected, unit: int, images: ImageList, by: str) -> list[Data]:
    top = layer.top
    score = top.by(by)
    return [
        {
            "image": images.paths[top.image[unit, rank]],
            "score": float(score[unit, rank]),
            "y": int(top.y[unit, rank]),
            "x": int(top.x[unit, rank]),
        }
        for rank in range(len(top))
    ]


def write(
    network: Network, layer: Collected, images: ImageList, units: list[int], options: Namespace
) -> None:
    """DIR/LAYER/unit.png (masks in rank order) and DIR/pictures/PLACE.jpg."""
    store = Folder(options.out)
    device = chosen_device(options.device)
    regions = regions_of(network, layer, by_quantile(layer), images, device)
    for unit in units:
        store.put(f"{layer.info.name}/{unit}.png", mask_sheet(regions(unit).numpy()))
    for place in np.unique(layer.top.image[units]).tolist():
        picture = picture_of(images, place, network.preprocessing)
        store.put(f"pictures/{place:06d}.jpg", picture.content[picture.zoom])
