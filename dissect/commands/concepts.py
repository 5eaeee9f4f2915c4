"""python -m dissect concepts"""

from argparse import ArgumentParser, Namespace

from dissect.analyses.net_dissection import ConceptMatch
from dissect.commands.command import (
    Data,
    add_image_arguments,
    add_layer_arguments,
    add_network_arguments,
    add_out_argument,
    add_sample_argument,
    listed_images,
    network_of,
    print_table,
    skipped_rows,
    stages,
)
from dissect.front_door.concepts import DEFAULT_BEST, TOP_IMAGES, concepts
from dissect.images.masks_and_labels import images_folder
from dissect.storage.store import Folder


def add_arguments(parser: ArgumentParser) -> None:
    add_network_arguments(parser)
    add_image_arguments(parser)
    add_layer_arguments(parser)
    parser.add_argument(
        "--best",
        type=int,
        default=DEFAULT_BEST,
        metavar="N",
        help=f"units in the table ({DEFAULT_BEST})",
    )
    add_sample_argument(parser)
    add_out_argument(
        parser, f"write LAYER.png here: the best units, each with its top {TOP_IMAGES} images"
    )


def run(options: Namespace) -> Data:
    """Match units with the concepts that masks show: intersection over union.

    --images is DIR with DIR/images, DIR/masks and DIR/classes.csv. A unit's region is its map,
    upsampled, above its 0.995 quantile over the images; IoU, 0 to 1, is summed over the images
    (Bau et al. 2017, arXiv:1704.05796). The best concept is chosen on half of the images and
    scored on the other half: iou is that score, chosen the one on the choosing half, whole that
    on all images. Pixels called void or unlabeled count nowhere.
    """
    matched = concepts(
        network_of(options), options.layers, listed_images(options, images_folder),
        units=options.units, best=options.best, sample=options.sample, device=options.device,
        progress=stages(options),
    )  # fmt: skip
    layers: Data = {}
    for name, layer in matched.layers.items():
        sheet = None
        if options.out:
            Folder(options.out).put(f"{name}.png", matched.sheet(name).png())
            sheet = str(options.out / f"{name}.png")
        layers[name] = {
            "sheet": sheet,
            "best": list(layer.best),
            "units": {str(unit): as_data(layer.matches[unit]) for unit in sorted(layer.matches)},
        }
    return {
        "layers": layers,
        "image_count": matched.image_count,
        "skipped": skipped_rows(matched.skipped),
    }


def as_data(match: ConceptMatch) -> Data:
    return {
        "concept": match.concept.name,
        "level": match.concept.level,
        "group": match.concept.group,
        "iou": match.iou,
        "iou_chosen": match.chosen,
        "iou_whole": match.whole,
    }


def show(data: Data) -> None:
    columns = ["concept", "level", "iou", "iou_chosen", "iou_whole"]
    print_table(
        ["layer", "unit", "concept", "level", "iou", "chosen", "whole"],
        [
            [layer, unit, *(layer_data["units"][str(unit)][column] for column in columns)]
            for layer, layer_data in data["layers"].items()
            for unit in layer_data["best"]
        ],
    )
