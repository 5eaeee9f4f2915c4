"""python -m dissect filters"""

from argparse import ArgumentParser, Namespace

from dissect.analyses.filters import (
    MIN_FILTER_PX,
    convolution,
    filter_sheet,
    filters_of,
    first_convolution,
    noise,
    random_filters,
    sees_colours,
)
from dissect.commands.command import (
    Data,
    add_network_arguments,
    add_out_argument,
    network_of,
    print_table,
    units_of,
)
from dissect.networks.registry import Network
from dissect.storage.store import Folder


def add_arguments(parser: ArgumentParser) -> None:
    add_network_arguments(parser)
    parser.add_argument(
        "--layers", nargs="+", metavar="L", help="convolutions (the first one of the network)"
    )
    parser.add_argument("--units", type=int, nargs="+", metavar="U", help="only these (all)")
    parser.add_argument(
        "--normalise", choices=["filter", "layer"], default="filter",
        help="whose largest weight is full white or black; gray is no weight (filter)",
    )  # fmt: skip
    add_out_argument(parser, "write LAYER.png, .svg, and LAYER-random.png, .svg here")


def run(options: Namespace) -> Data:
    """Show the weights of convolutions, and how noisy they are.

    With --out, one sheet a layer with unit numbers, as PNG and SVG: filters that see the image's
    colours as colour tiles, deeper ones as a square of tiles, one for each input channel; and
    the same filters at random initialisation (seed 0).

    noise is the share, 0 to 1, of a filter's spectral power above half of the Nyquist frequency
    (0.25 cycles a pixel), beside the 5-95 % range of 20 random initialisations of the layer;
    trained first layers lie below it. It does not apply to filters under 5 x 5. After the slides
    on Zhou et al. 2015, arXiv:1412.6856.
    """
    network = network_of(options)
    layers = options.layers or [first_convolution(network)]
    return {"layers": {layer: describe_layer(network, layer, options) for layer in layers}}


def show(data: Data) -> None:
    print_table(
        ["layer", "unit", "largest", "noise", "random 5 %", "random 95 %"],
        [
            [
                layer,
                int(unit),
                unit_data["largest"],
                unit_data["noise"],
                *(layer_data["noise"]["random"] or "--"),
            ]
            for layer, layer_data in data["layers"].items()
            for unit, unit_data in layer_data["units"].items()
        ],
    )


def describe_layer(network: Network, layer: str, options: Namespace) -> Data:
    """Describe one layer's filters as plain data, and write its sheet where --out says."""
    filters = filters_of(network, layer)
    units = units_of(options.units, len(filters), layer)
    layer_noise = noise(network, layer)
    in_colour = sees_colours(network, layer)
    layer_data: Data = {
        "unit_count": len(filters),
        "channels": filters.shape[1],
        "size": list(filters.shape[2:]),
        "colour": in_colour,
        "sheet": None,
        "random_sheet": None,
        "noise": {
            "applies": layer_noise is not None,
            "reason": None if layer_noise else f"filters under {MIN_FILTER_PX} x {MIN_FILTER_PX}",
            "random": [layer_noise.low, layer_noise.high] if layer_noise else None,
            "counts": layer_noise.counts() if layer_noise else None,
        },
        "units": {
            str(unit): {
                "largest": float(filters[unit].abs().max()),
                "noise": float(layer_noise.share[unit]) if layer_noise else None,
            }
            for unit in units
        },
    }
    if options.out:
        store = Folder(options.out)
        random = random_filters(convolution(network, layer), seed=0)
        for key, name, shown in (
            ("sheet", layer, filters), ("random_sheet", f"{layer}-random", random),
        ):  # fmt: skip
            sheet = filter_sheet(shown, units, in_colour, options.normalise)
            store.put(f"{name}.png", sheet.png())
            store.put(f"{name}.svg", sheet.svg())
            layer_data[key] = str(options.out / f"{name}.png")
    return layer_data
