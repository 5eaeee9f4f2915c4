"""python -m dissect segment"""

import io
from argparse import ArgumentParser, Namespace
from typing import Any

from PIL import Image

from dissect.commands.command import (
    Data,
    add_image_arguments,
    add_layer_arguments,
    add_network_arguments,
    add_out_argument,
    listed_images,
    network_of,
    print_table,
    skipped_rows,
    stages,
)
from dissect.front_door.segmentation import Segmentation, UnitRegions, segment
from dissect.storage.store import Folder


def add_arguments(parser: ArgumentParser) -> None:
    add_network_arguments(parser)
    add_image_arguments(parser)
    add_layer_arguments(parser)
    parser.add_argument(
        "--over", metavar="FILE|DIR", help="images whose 0.995 quantile cuts maps (--images)"
    )
    add_out_argument(parser, "write LAYER/UNIT/IMAGE.png here, 1 bit a pixel")


def run(options: Namespace) -> Data:
    """Cut out the region of each image that a unit looks at.

    The region is where the unit's activation map, upsampled bilinearly to the network's view,
    lies above the unit's 0.995 quantile over the images of --over (Bau et al. 2017,
    arXiv:1704.05796). coverage is the region's share of the view, 0 (nothing) to 1 (all); score
    is the map's maximum; y and x are its cell. Masks are as wide as the network's view in pixels.
    """
    cut = segment(
        network_of(options), options.layers, listed_images(options), units=options.units,
        over=options.over, device=options.device, progress=stages(options),
    )  # fmt: skip
    layers = {
        name: {
            "units": {
                str(unit): {
                    "cut": one.cut,
                    "images": describe_regions(cut, one, f"{name}/{unit}", options),
                }
                for unit, one in units.items()
            }
        }
        for name, units in cut.layers.items()
    }
    return {"layers": layers, "skipped": skipped_rows(cut.skipped)}


def describe_regions(
    cut: Segmentation, one: UnitRegions, folder: str, options: Namespace
) -> list[dict[str, Any]]:
    """Describe a unit's region in each image as plain data, and write it where --out says."""
    rows = []
    for number, place in enumerate(cut.places.tolist()):
        name = None
        if options.out:
            file = io.BytesIO()
            Image.fromarray(one.region(number)).save(file, "PNG")
            Folder(options.out).put(f"{folder}/{place:06d}.png", file.getvalue())
            name = str(options.out / f"{folder}/{place:06d}.png")
        rows.append({
            "image": cut.images.paths[place],
            "score": float(one.score[number]),
            "y": int(one.y[number]),
            "x": int(one.x[number]),
            "coverage": float(one.coverage[number]),
            "mask": name,
        })  # fmt: skip
    return rows


def show(data: Data) -> None:
    columns = ["image", "score", "y", "x", "coverage"]
    print_table(
        ["layer", "unit", *columns],
        [
            [layer, int(unit), *(row[column] for column in columns)]
            for layer, layer_data in data["layers"].items()
            for unit, unit_data in layer_data["units"].items()
            for row in unit_data["images"]
        ],
    )
