"""python -m dissect filters"""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from dissect.analyses.filters import (
    SMALLEST,
    filter_sheet,
    filters_of,
    first_convolution,
    noise,
    sees_colours,
)
from dissect.commands.command import (
    Data,
    network_arguments,
    network_of,
    print_table,
    units_of,
)
from dissect.networks.registry import Network
from dissect.storage.store import Folder


def arguments(parser: ArgumentParser) -> None:
    network_arguments(parser)
    parser.add_argument(
        "--layers", nargs="+", metavar="L", help="convolutions (the first one of the network)"
    )
    parser.add_argument("--units", type=int, nargs="+", metavar="U", help="only these (all)")
    parser.add_argument(
        "--normalise", choices=["filter", "layer"], default="filter",
        help="whose largest weight is full white or black; grey is no weight (filter)",
    )  # fmt: skip
    parser.add_argument("--out", type=Path, metavar="DIR", help="write LAYER.png, LAYER.svg here")


def answer(options: Namespace) -> Data:
    """Show the weights of convolutions, and how noisy they are.

    With --out, one sheet a layer with unit numbers, as PNG and SVG: filters that see the image's
    colours as colour tiles, deeper ones as a square of tiles, one for each input channel.

    noise is the share, 0 to 1, of a filter's spectral power above half of the Nyquist frequency
    (0.25 cycles a pixel), beside the 5-95 % range of 20 random initialisations of the layer;
    trained first layers lie below it. It does not apply to filters under 5 x 5. After the slides
    on Zhou et al. 2015, arXiv:1412.6856.
    """
    network = network_of(options)
    layers = options.layers or [first_convolution(network)]
    return {"layers": {layer: described(network, layer, options) for layer in layers}}


def show(data: Data) -> None:
    print_table(
        ["layer", "unit", "largest", "noise", "random 5 %", "random 95 %"],
        [
            [layer, int(unit), one["largest"], one["noise"], *(found["noise"]["random"] or "--")]
            for layer, found in data["layers"].items()
            for unit, one in found["units"].items()
        ],
    )


def described(network: Network, layer: str, options: Namespace) -> Data:
    """One layer's filters as plain data, its sheet written where --out says."""
    filters = filters_of(network, layer)
    units = units_of(options.units, len(filters), layer)
    found = noise(network, layer)
    in_colour = sees_colours(network, layer)
    said: Data = {
        "unit_count": len(filters),
        "channels": filters.shape[1],
        "size": list(filters.shape[2:]),
        "colour": in_colour,
        "sheet": None,
        "noise": {
            "applies": found is not None,
            "reason": None if found else f"filters under {SMALLEST} x {SMALLEST}",
            "random": [found.low, found.high] if found else None,
            "counts": found.counts() if found else None,
        },
        "units": {
            str(unit): {
                "largest": float(filters[unit].abs().max()),
                "noise": float(found.share[unit]) if found else None,
            }
            for unit in units
        },
    }
    if options.out:
        sheet = filter_sheet(filters, units, in_colour, options.normalise)
        store = Folder(options.out)
        store.put(f"{layer}.png", sheet.png())
        store.put(f"{layer}.svg", sheet.svg())
        said["sheet"] = str(options.out / f"{layer}.png")
    return said
