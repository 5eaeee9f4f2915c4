"""python -m dissect occlusion"""

from argparse import ArgumentParser, Namespace

from dissect.analyses.right_images import chosen_facts
from dissect.commands.command import (
    Data,
    add_image_arguments,
    add_network_arguments,
    add_out_argument,
    add_right_argument,
    listed_images,
    network_of,
    stages,
)
from dissect.commands.receptive_field import add_occluder_arguments
from dissect.front_door.occlusion import OccludedImage, Occlusions, occlusion
from dissect.storage.store import Folder


def add_arguments(parser: ArgumentParser) -> None:
    add_network_arguments(parser)
    add_image_arguments(parser)
    parser.add_argument(
        "--class", dest="chosen_class", metavar="NAME|INDEX",
        help="the class to look at (the network's own best one)",
    )  # fmt: skip
    add_occluder_arguments(parser)
    add_right_argument(parser)
    add_out_argument(parser, "write heat maps as PNG here")


def run(options: Namespace) -> Data:
    """Find the places of an image that a class depends on, by hiding each in turn.

    grid[i][j] is the probability of the class with an occluder whose upper left pixel is
    (i x stride, j x stride) of the network's view; predicted[i][j] the index of the class then
    predicted. Sizes are in pixels. fill: zero (before normalization, so black), mean (the image's
    mean color), random (noise), blur. One object for one image, for more {"images": [...]}.
    With --right N, only N images that the network gets right, each of another class. After the
    slides on Zhou et al. 2015, arXiv:1412.6856.
    """
    result = occlusion(
        network_of(options), listed_images(options), class_=options.chosen_class,
        occluder=options.occluder, stride=options.stride, fill=options.fill, seed=options.seed,
        right=options.right, device=options.device, progress=stages(options, "place"),
    )  # fmt: skip
    rows = []
    for number, one in enumerate(result.occluded):
        row: Data = {"image": one.image} | facts(result, one) | {"picture": None}
        row["chosen"] = chosen_facts(result.chosen)
        if options.out:
            # By place: a list may name images by their whole path.
            row["picture"] = str(options.out / f"{one.place:06d}.png")
            Folder(options.out).put(f"{one.place:06d}.png", result.sheet(number).png())
        rows.append(row)
    return rows[0] if len(rows) == 1 else {"images": rows}


def facts(result: Occlusions, one: OccludedImage) -> Data:
    return {
        "class": one.class_name,
        "class_index": one.map.class_index,
        "probability": one.map.probability,
        "best": one.best,
        "size": result.occluders.size,
        "stride": result.occluders.stride,
        "fill": result.occluders.fill,
        "grid": one.map.grid.tolist(),
        "predicted": one.map.predicted.tolist(),
        "names": {str(index): name for index, name in one.names.items()},
    }


def show(data: Data) -> None:
    """The raw grid of each image, a line a row of places."""
    for row in data.get("images", [data]):
        lowest = min(min(line) for line in row["grid"])
        print(f"{row['image']}: {row['class']} {row['probability']:.4f}, lowest {lowest:.4f}")
        for line in row["grid"]:
            print(" ".join(f"{value:.4f}" for value in line))
