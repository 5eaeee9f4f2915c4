"""python -m dissect filters"""

from argparse import ArgumentParser, Namespace
from typing import Any

import numpy as np

from dissect.analyses.filter_noise import MIN_FILTER_PX, MIN_ROUGH_PX, FilterNoise, Noise
from dissect.commands.command import (
    Data,
    add_network_arguments,
    add_out_argument,
    network_of,
    print_table,
)
from dissect.front_door.filters import Filters, filters
from dissect.storage.store import Folder


def add_arguments(parser: ArgumentParser) -> None:
    add_network_arguments(parser, several_weights=True)
    parser.add_argument(
        "--layers", nargs="+", metavar="L", help="convolutions (the first one of the network)"
    )
    parser.add_argument("--units", type=int, nargs="+", metavar="U", help="only these (all)")
    parser.add_argument(
        "--normalize", "--normalise", dest="normalise", choices=["filter", "layer"],
        default="filter",
        help="whose largest weight is full white or black; gray is no weight (filter)",
    )  # fmt: skip
    add_out_argument(parser, "write LAYER.png, .svg, and LAYER-random.png, .svg here")


def run(options: Namespace) -> Data:
    """Show the weights of convolutions, and how noisy they are.

    With --out, one sheet a layer with unit numbers, as PNG and SVG: filters that see the image's
    colors as color tiles, deeper ones as a square of tiles, one for each input channel; and
    the same filters at random initialization (seed 0).

    noise is the share, 0 to 1, of a filter's spectral power above half of the Nyquist frequency
    (0.25 cycles a pixel), beside the 5-95 % range of 20 random initializations of the layer;
    trained first layers lie below it. It does not apply to filters under 5 x 5. roughness is the
    mean squared difference of neighboring weights, in units of what independent weights differ
    by: about 1 for noise, less for smooth filters; it applies from 2 x 2 on. With several
    --weights, such as the checkpoints of one training in their order, the medians of each stand
    in `checkpoints`, and the rest is of the last one. After the slides on Zhou et al. 2015,
    arXiv:1412.6856.
    """
    files = options.weights or [None]
    checkpoints = []
    for file in files:
        network = network_of(Namespace(**vars(options) | {"weights": file}))
        shown = filters(network, options.layers, units=options.units)
        checkpoints.append({
            "weights": file,
            "layers": {name: medians(layer.noise) for name, layer in shown.layers.items()},
        })  # fmt: skip
    described = {name: describe_layer(shown, name, options) for name in shown.layers}
    return {"layers": described} | ({"checkpoints": checkpoints} if len(files) > 1 else {})


def medians(noise: FilterNoise) -> Data:
    """The median of each measure over a layer's filters, and how many are smoother than random."""
    both = {"noise": noise.fine, "roughness": noise.rough}
    return {
        name: None if one is None else {"median": float(np.median(one.share)), **facts(one)}
        for name, one in both.items()
    }


def facts(noise: Noise) -> dict[str, Any]:
    return {"random": [noise.low, noise.high], "counts": noise.counts()}


def show(data: Data) -> None:
    columns = ["layer", "unit", "largest", "noise", "random 5 %", "random 95 %"]
    print_table(
        [*columns, "roughness", "random 5 %", "random 95 %"],
        [
            [
                layer,
                int(unit),
                unit_data["largest"],
                unit_data["noise"],
                *(layer_data["noise"]["random"] or "--"),
                unit_data["roughness"],
                *(layer_data["roughness"]["random"] or "--"),
            ]
            for layer, layer_data in data["layers"].items()
            for unit, unit_data in layer_data["units"].items()
        ],
    )
    if "checkpoints" in data:
        print()
        show_checkpoints(data["checkpoints"])


def show_checkpoints(checkpoints: list[Data]) -> None:
    """Print the noise of each checkpoint of a training, a row for each layer of each."""
    rows = []
    for one in checkpoints:
        for layer, measures in one["layers"].items():
            row = [one["weights"], layer]
            for name in ("noise", "roughness"):
                measure = measures[name] or {"median": None, "counts": {"smoother": None}}
                row += [measure["median"], measure["counts"]["smoother"]]
            rows.append(row)
    columns = ["weights", "layer", "median noise", "smoother than random"]
    print_table([*columns, "median roughness", "smoother than random"], rows)


def describe_layer(shown: Filters, name: str, options: Namespace) -> Data:
    """Describe one layer's filters as plain data, and write its sheet where --out says."""
    layer = shown.layers[name]
    fine, rough = layer.noise.fine, layer.noise.rough
    layer_data: Data = {
        "unit_count": len(layer.weights),
        "channels": layer.weights.shape[1],
        "size": list(layer.weights.shape[2:]),
        "colour": layer.in_colour,
        "sheet": None,
        "random_sheet": None,
        "noise": applies(fine, MIN_FILTER_PX),
        "roughness": applies(rough, MIN_ROUGH_PX),
        "units": {
            str(unit): {
                "largest": float(layer.weights[unit].abs().max()),
                "noise": float(fine.share[unit]) if fine else None,
                "roughness": float(rough.share[unit]) if rough else None,
            }
            for unit in layer.units
        },
    }
    if options.out:
        store = Folder(options.out)
        for key, file, random in (
            ("sheet", name, False), ("random_sheet", f"{name}-random", True),
        ):  # fmt: skip
            sheet = shown.sheet(name, random, options.normalise)
            store.put(f"{file}.png", sheet.png())
            store.put(f"{file}.svg", sheet.svg())
            layer_data[key] = str(options.out / f"{file}.png")
    return layer_data


def applies(noise: Noise | None, least_px: int) -> Data:
    """Whether a measure applies to filters of their size, and what it is for random ones."""
    if noise is None:
        reason = f"filters under {least_px} x {least_px}"
        return {"applies": False, "reason": reason, "random": None, "counts": None}
    return {"applies": True, "reason": None, **facts(noise)}
