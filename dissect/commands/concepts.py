"""python -m dissect concepts"""

from argparse import ArgumentParser, Namespace

from dissect.analyses.net_dissection import ConceptMatch, overlaps
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
)
from dissect.front_door.arguments import sampled, units_by_layer
from dissect.images.image_list import ImageList
from dissect.images.masks_and_labels import find_truth, images_folder
from dissect.networks.device import select_device
from dissect.networks.registry import Network
from dissect.render.contact_sheets import labelled_rows
from dissect.render.cutouts import cutouts, small_views
from dissect.segmentation.regions import quantile_segmenter, quantile_thresholds, unit_regions
from dissect.storage.store import Folder
from dissect.topk.batches import Passes
from dissect.topk.collect import collect
from dissect.topk.results import CollectedLayer

TOP_IMAGES = 5  # of a unit in the picture
DEFAULT_BEST = 10


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
    on all images. Pixels called void or unlabelled count nowhere.
    """
    network = network_of(options)
    images = sampled(listed_images(images_folder(options.images)), options.sample)
    truth, device = find_truth(images), select_device(options.device)
    units = units_by_layer(network, options.layers, options.units)
    collected = collect(
        network, options.layers, images, min(TOP_IMAGES, len(images)), device=device,
        progress=options.progress("finding thresholds"),
    )  # fmt: skip
    cuts = {one.info.name: quantile_thresholds(one) for one in collected.layers}
    passes = Passes(images, 1, device, options.progress("matching"))
    overlap = overlaps(network, cuts, truth, passes, units)
    matched = {
        layer: dict(zip(units[layer], one.best(), strict=True)) for layer, one in overlap.items()
    }
    layers: Data = {}
    for one in collected.layers:
        matches = matched[one.info.name]
        order = best_first(units[one.info.name], matches)
        best = order[: options.best]
        layers[one.info.name] = {
            "sheet": draw(network, one, matches, best, images, options) if options.out else None,
            "best": best,
            "units": {str(unit): as_data(matches[unit]) for unit in sorted(order)},
        }
    return {"layers": layers, "image_count": len(images) - len(collected.bad)}


def best_first(units: list[int], matches: dict[int, ConceptMatch]) -> list[int]:
    return sorted(units, key=lambda unit: (-matches[unit].iou, unit))


def draw(
    network: Network,
    layer: CollectedLayer,
    matches: dict[int, ConceptMatch],
    units: list[int],
    images: ImageList,
    options: Namespace,
) -> str:
    """Draw a row of each unit's top images with their regions lit; return the path."""
    device = select_device(options.device)
    regions = unit_regions(network, layer, quantile_segmenter(layer), images, device)
    places = {unit: layer.top.image[unit].tolist() for unit in units}
    all_places = sorted({place for shown in places.values() for place in shown})
    views = small_views(images, all_places, network.preprocessing, images.threads)
    rows, captions = [], []
    for unit in units:
        rows.append(cutouts(views, places[unit], regions(unit).numpy()))
        captions.append(f"{unit}  {matches[unit].concept.name}  {matches[unit].iou:.2f}")
    name = f"{layer.info.name}.png"
    Folder(options.out).put(name, labelled_rows(rows, captions).png())
    return str(options.out / name)


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


def as_data(match: ConceptMatch) -> Data:
    return {
        "concept": match.concept.name,
        "level": match.concept.level,
        "group": match.concept.group,
        "iou": match.iou,
        "iou_chosen": match.chosen,
        "iou_whole": match.whole,
    }
