"""python -m dissect alike"""

from argparse import ArgumentParser, Namespace

from dissect.analyses.unit_similarity import DEFAULT_TOP, UnitSimilarity, compare_units
from dissect.commands.command import (
    Data,
    add_image_arguments,
    add_layer_arguments,
    add_network_arguments,
    add_sample_argument,
    listed_images,
    network_of,
    print_table,
    skipped_of,
)
from dissect.front_door.arguments import sampled, units_by_layer
from dissect.networks.device import select_device
from dissect.topk.batches import Passes
from dissect.topk.results import TopKSettings


def add_arguments(parser: ArgumentParser) -> None:
    add_network_arguments(parser)
    add_sample_argument(parser)
    add_image_arguments(parser)
    add_layer_arguments(parser)
    parser.add_argument(
        "--top",
        type=int,
        default=DEFAULT_TOP,
        metavar="K",
        help=f"top images whose overlap is measured ({DEFAULT_TOP})",
    )


def run(options: Namespace) -> Data:
    """Compare units of a layer with each other: duplicates, or different appearances.

    correlation is Pearson's, -1 to 1, of two units' scores (the maximum of each map) over all
    images; overlap the Jaccard overlap, 0 to 1, of their top --top images. Two units that people
    call by one word and that answer the same images are duplicates; others see different
    appearances of it. After the slides on Zhou et al. 2015, arXiv:1412.6856.
    """
    network, images = network_of(options), sampled(listed_images(options.images), options.sample)
    TopKSettings(tuple(options.layers), options.top, options.top).check(images)
    units = units_by_layer(network, options.layers, options.units)
    passes = Passes(images, 1, select_device(options.device), options.progress("forwarding"))
    by_layer = compare_units(network, units, passes, options.top)
    return {
        "layers": {layer: as_data(similarity) for layer, similarity in by_layer.items()},
        "image_count": len(images) - len(passes.bad),
        "skipped": skipped_of(images, passes.bad),
    }


def as_data(similarity: UnitSimilarity) -> Data:
    correlation = [
        [None if value != value else value for value in row]
        for row in similarity.correlation.tolist()
    ]
    return {
        "units": list(similarity.units),
        "correlation": correlation,
        "overlap": similarity.overlap.tolist(),
        "of": similarity.of,
    }


def show(data: Data) -> None:
    print_table(
        ["layer", "unit", "with", "correlation", "overlap"],
        [
            [layer, unit, other, layer_data["correlation"][i][j], layer_data["overlap"][i][j]]
            for layer, layer_data in data["layers"].items()
            for i, unit in enumerate(layer_data["units"])
            for j, other in enumerate(layer_data["units"][:i])
        ],
    )
