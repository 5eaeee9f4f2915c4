"""python -m dissect segment"""

import io
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from dissect.commands.command import (
    Data,
    add_image_arguments,
    add_layer_arguments,
    add_network_arguments,
    add_out_argument,
    listed_images,
    network_of,
    print_table,
    skipped_of,
)
from dissect.front_door.arguments import units_by_layer
from dissect.images.image_list import find_images
from dissect.networks.device import select_device
from dissect.segmentation.regions import quantile_thresholds
from dissect.segmentation.upsample import coverage_of, upsampled_regions
from dissect.storage.store import Folder
from dissect.topk.batches import Passes
from dissect.topk.collect import collect
from dissect.topk.ranking import Ranking, score_maps


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
    network, images = network_of(options), listed_images(options.images)
    over, device = find_images(options.over or options.images), select_device(options.device)
    units = units_by_layer(network, options.layers, options.units)
    collected = collect(
        network, options.layers, over, 1, device=device, progress=options.progress("thresholds")
    )
    cuts = {unit_data.info.name: quantile_thresholds(unit_data) for unit_data in collected.layers}
    layers: dict[str, Any] = {
        layer: {"units": {str(unit): {"cut": float(cut[unit]), "images": []}
                          for unit in units[layer]}}
        for layer, cut in cuts.items()
    }  # fmt: skip
    passes = Passes(images, 1, device, options.progress("segmenting"))
    for places, maps in passes.over(network, options.layers):
        paths = [images.paths[place] for place in places.tolist()]
        for layer, layer_data in layers.items():
            scores = score_maps(maps[layer], places)
            for unit, unit_data in layer_data["units"].items():
                seen, cut = maps[layer][:, int(unit)].cpu(), cuts[layer][int(unit)]
                regions = upsampled_regions(seen, cut, network.preprocessing.crop)
                names = write_masks(options.out, f"{layer}/{unit}", places, regions)
                unit_data["images"] += describe_regions(scores, int(unit), paths, regions, names)
    return {"layers": layers, "skipped": skipped_of(images, passes.bad)}


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


def write_masks(
    out: Path | None, folder: str, places: NDArray[np.int64], regions: Tensor
) -> list[str | None]:
    """Write each image's region as a PNG and return the paths."""
    if out is None:
        return [None] * len(places)
    names = []
    for place, region in zip(places.tolist(), regions.numpy(), strict=True):
        file = io.BytesIO()
        Image.fromarray(region).save(file, "PNG")
        names.append(f"{folder}/{place:06d}.png")
        Folder(out).put(names[-1], file.getvalue())
    return [str(out / name) for name in names]


def describe_regions(
    scores: Ranking, unit: int, paths: list[str], regions: Tensor, names: list[str | None]
) -> list[dict[str, Any]]:
    """Describe a unit's region in each image of a batch as plain data."""
    coverage = coverage_of(regions)
    return [
        {
            "image": path,
            "score": float(scores.score[unit, row]),
            "y": int(scores.y[unit, row]),
            "x": int(scores.x[unit, row]),
            "coverage": float(coverage[row]),
            "mask": names[row],
        }
        for row, path in enumerate(paths)
    ]
