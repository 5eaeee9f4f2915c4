"""python -m dissect occlusion"""

from argparse import ArgumentParser, Namespace

from dissect.analyses.occlusion import (
    OcclusionMap,
    heat_figure,
    heat_picture,
    occlusion_map,
)
from dissect.analyses.right_images import RightImages, chosen_facts, right_images
from dissect.commands.command import (
    Data,
    add_image_arguments,
    add_network_arguments,
    add_out_argument,
    add_right_argument,
    listed_images,
    network_of,
)
from dissect.commands.receptive_field import add_occluder_arguments
from dissect.errors import ImagesError
from dissect.images.image_list import ImageList
from dissect.networks.classes import class_name
from dissect.networks.device import select_device
from dissect.networks.registry import Network
from dissect.receptive_fields.occluders import Occluders
from dissect.storage.store import Folder

MIN_P, MAX_P = 0.5, 0.97  # of an image that --right chooses, if there is one


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
    predicted. Sizes are in pixels. fill: zero (before normalisation, so black), mean (the image's
    mean colour), random (noise), blur. One object for one image, for more {"images": [...]}.
    With --right N, only N images that the network gets right, each of another class. After the
    slides on Zhou et al. 2015, arXiv:1412.6856.
    """
    network, images = network_of(options), listed_images(options.images)
    device = select_device(options.device)
    network.move(device)
    occluders = Occluders(options.occluder, options.stride, options.fill, options.seed)
    chosen = unsaturated(network, images, options.right) if options.right else None
    places = chosen.places if chosen else range(len(images))
    rows = []
    for place in places:
        image, path = images.open(place), images.paths[place]
        pixels = network.preprocessing.pixels(image).to(device)
        progress = options.progress(f"occluding {path}", "place")
        result = occlusion_map(network, pixels, occluders, options.chosen_class, progress)
        row: Data = {"image": path} | facts(network, result, occluders) | {"picture": None}
        row["chosen"] = chosen_facts(chosen)
        if options.out:
            # By place: a list may name images by their whole path.
            row["picture"] = str(options.out / f"{place:06d}.png")
            picture = heat_picture(network, image, result, occluders)
            Folder(options.out).put(f"{place:06d}.png", heat_figure(picture, result).png())
        rows.append(row)
    return rows[0] if len(rows) == 1 else {"images": rows}


def unsaturated(network: Network, images: ImageList, count: int) -> RightImages:
    """Choose right images whose probability a small square can lower; if there are none, any."""
    try:
        return right_images(
            network, images, count, accepts=lambda pixels, best, p: MIN_P <= p <= MAX_P
        )
    except ImagesError:
        return right_images(network, images, count)


def facts(network: Network, result: OcclusionMap, occluders: Occluders) -> Data:
    indices = sorted({int(index) for index in result.predicted.ravel()} | {result.best})
    return {
        "class": class_name(network, result.class_index),
        "class_index": result.class_index,
        "probability": result.probability,
        "best": class_name(network, result.best),
        "size": occluders.size,
        "stride": occluders.stride,
        "fill": occluders.fill,
        "grid": result.grid.tolist(),
        "predicted": result.predicted.tolist(),
        "names": {str(index): class_name(network, index) for index in indices},
    }


def show(data: Data) -> None:
    """The raw grid of each image, a line a row of places."""
    for row in data.get("images", [data]):
        lowest = min(min(line) for line in row["grid"])
        print(f"{row['image']}: {row['class']} {row['probability']:.4f}, lowest {lowest:.4f}")
        for line in row["grid"]:
            print(" ".join(f"{value:.4f}" for value in line))
