"""python -m dissect compare"""

from argparse import Action, ArgumentParser, Namespace
from dataclasses import replace
from typing import Any

from dissect.analyses.compare_networks import DEFAULT_OVERLAP, DEFAULT_TOP, LayerOrder
from dissect.commands.command import (
    Data,
    add_image_arguments,
    add_out_argument,
    add_sample_argument,
    listed_images,
    print_table,
    skipped_rows,
    stages,
)
from dissect.errors import BadSetting
from dissect.format.axis_options import AXIS_OPTIONS, NO_AXIS_OPTIONS, AxisOptions
from dissect.front_door.comparisons import Comparison, compare
from dissect.networks.registry import Network, load_network
from dissect.storage.store import Folder


class InOrder(Action):
    """Keeps --network and --weights in the order given, so that they can be paired."""

    def __call__(
        self, parser: ArgumentParser, namespace: Namespace, values: Any, option: str | None = None
    ) -> None:
        pairs = getattr(namespace, "networks_and_weights", None) or []
        namespace.networks_and_weights = [*pairs, (self.dest, values)]


def add_arguments(parser: ArgumentParser) -> None:
    for option, declared in AXIS_OPTIONS.items():
        parser.add_argument(option, **declared)
    parser.add_argument(
        "--network", action=InOrder, required=True, metavar="SPEC", help="A, and once more for B"
    )
    parser.add_argument(
        "--weights", action=InOrder, metavar="FILE", help="of the --network before it, or one each"
    )
    add_image_arguments(parser)
    add_sample_argument(parser)
    parser.add_argument(
        "--layers", required=True, nargs="+", metavar="L|LA=LB",
        help="dotted names; LA=LB where A's layer is called LA and B's LB",
    )  # fmt: skip
    parser.add_argument(
        "--top",
        type=int,
        default=DEFAULT_TOP,
        metavar="K",
        help=f"images shown for each layer ({DEFAULT_TOP})",
    )
    parser.add_argument(
        "--overlap", type=int, default=DEFAULT_OVERLAP, metavar="K",
        help=f"top images whose overlap is measured ({DEFAULT_OVERLAP})",
    )  # fmt: skip
    add_out_argument(parser, "write compare.png, .svg here")


def run(options: Namespace) -> Data:
    """Compare what the layers of two networks prefer among the same images.

    An image's score for a layer is the sum of all the layer's activations. Each layer's top
    images stand side by side; overlap is the Jaccard overlap, 0 to 1, of both networks' top K,
    chance that of two random choices of K images. Figure 1 of Zhou et al. 2015,
    arXiv:1412.6856: early layers prefer similar images, later ones do not. One pair of weights
    says something about these weights, not about training.
    """
    networks = networks_of(options.networks_and_weights, AxisOptions.of(vars(options)))
    compared = compare(
        *networks, [pair_of(name) for name in options.layers], listed_images(options),
        top=options.top, overlap=options.overlap, sample=options.sample, device=options.device,
        progress=stages(options),
    )  # fmt: skip
    sheet = None
    if options.out:
        drawn = compared.sheet()
        Folder(options.out).put("compare.png", drawn.png())
        Folder(options.out).put("compare.svg", drawn.svg())
        sheet = str(options.out / "compare.png")
    return as_data(networks, compared) | {"sheet": sheet}


def show(data: Data) -> None:
    print_table(
        ["layer of A", "layer of B", "overlap", "chance", "A's top images", "B's top images"],
        [
            [*pair["layers"], pair["overlap"]["jaccard"], pair["overlap"]["chance"]]
            + [" ".join(image["image"] for image in top) for top in pair["top"]]
            for pair in data["layers"]
        ],
    )


def networks_of(
    options: list[tuple[str, str]], axes: AxisOptions = NO_AXIS_OPTIONS
) -> tuple[Network, Network]:
    """Load the two networks, each with the weights named after it or at the same place.

    Args:
        axes: of layers of both whose networks do not tell them.

    Raises:
        BadSetting: there are not two networks, or it is unclear whose weights are whose.
    """
    specs = [value for option, value in options if option == "network"]
    files = [value for option, value in options if option == "weights"]
    if len(specs) != 2:
        raise BadSetting(f"compare takes two --network, got {len(specs)}.")
    weights: list[str | None] = list(files)
    if len(files) != 2:
        at = [place for place, (option, _) in enumerate(options) if option == "network"]
        after = [options[at[0] + 1 : at[1]], options[at[1] + 1 :]]
        weights = [next((value for _, value in part), None) for part in after]
        if sum(weight is not None for weight in weights) != len(files):
            raise BadSetting("Name each --weights right after its --network.")
    first, second = (
        replace(load_network(*pair), axes=axes) for pair in zip(specs, weights, strict=True)
    )
    return first, second


def pair_of(name: str) -> tuple[str, str]:
    """A's and B's layer: `LA=LB`, or `L` for both."""
    first, _, second = name.partition("=")
    return first, second or first


def as_data(networks: tuple[Network, Network], compared: Comparison) -> Data:
    return {
        "networks": [
            {"spec": network.spec, "weights": network.weights,
             "weights_sha256": network.weights_sha256}
            for network in networks
        ],
        "image_count": compared.image_count,
        "skipped": skipped_rows(compared.skipped),
        "layers": [
            {
                "layers": list(pair.layers),
                "overlap": {"jaccard": pair.jaccard, "chance": pair.chance, "of": pair.of},
                "top": [top_images(compared, order) for order in pair.orders],
            }
            for pair in compared.pairs
        ],
    }  # fmt: skip


def top_images(compared: Comparison, order: LayerOrder) -> list[Data]:
    places, sums = (values[: compared.top].tolist() for values in (order.places, order.sums))
    return [
        {"image": compared.images.paths[place], "sum": total}
        for place, total in zip(places, sums, strict=True)
    ]
