"""python -m dissect alike"""

from argparse import ArgumentParser, Namespace

from dissect.analyses.unit_similarity import DEFAULT_TOP, UnitSimilarity
from dissect.commands.command import (
    Data,
    add_image_arguments,
    add_layer_arguments,
    add_network_arguments,
    add_sample_argument,
    listed_images,
    network_of,
    print_table,
    skipped_rows,
    stages,
)
from dissect.front_door.comparisons import alike
from dissect.front_door.results import number


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

    correlation is Pearson's correlation, -1 to 1, of two units' scores (the maximum of each map)
    over all images. overlap is the Jaccard overlap, 0 to 1, of their --top top images. Two units
    with the same name that respond to the same images are duplicates; if they respond to others,
    they see different appearances of one thing. After the slides on Zhou et al. 2015,
    arXiv:1412.6856.
    """
    result = alike(
        network_of(options), options.layers, listed_images(options), units=options.units,
        top=options.top, sample=options.sample, device=options.device, progress=stages(options),
    )  # fmt: skip
    return {
        "layers": {layer: as_data(similarity) for layer, similarity in result.layers.items()},
        "image_count": result.image_count,
        "skipped": skipped_rows(result.skipped),
    }


def as_data(similarity: UnitSimilarity) -> Data:
    return {
        "units": list(similarity.units),
        "correlation": [[number(value) for value in row] for row in similarity.correlation],
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
