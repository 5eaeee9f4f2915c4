"""python -m dissect receptive-field"""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import replace

from dissect.commands.command import (
    Data,
    add_layer_arguments,
    add_network_arguments,
    add_out_argument,
    add_skip_argument,
    listed_images,
    network_of,
    print_table,
    skipped_rows,
    stages,
)
from dissect.errors import BadSetting
from dissect.format.axis_options import AxisOptions
from dissect.front_door.receptive_fields import ReceptiveFields, receptive_field
from dissect.networks.registry import Network, load_network
from dissect.receptive_fields.empirical import DEFAULT_TOP_IMAGES
from dissect.receptive_fields.occluders import (
    CONSTANT_FILLS,
    DEFAULT_SIZE,
    DEFAULT_STRIDE,
    FILLS,
)
from dissect.receptive_fields.theoretical import format_field_size
from dissect.render.field_pictures import FieldRow, field_sheet, fields_figure
from dissect.storage.store import Folder


def add_arguments(parser: ArgumentParser) -> None:
    add_network_arguments(parser)
    parser.add_argument(
        "--beside", metavar="SPEC", help="a second network, whose fields stand beside; its layers "
        "are those of --layers, or after = (pool1=features.2)",
    )  # fmt: skip
    parser.add_argument("--beside-weights", metavar="FILE", help="of the second network")
    add_layer_arguments(parser)
    parser.add_argument("--images", metavar="FILE|DIR", help="where top images are looked for")
    add_skip_argument(parser)
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    parser.add_argument(
        "--top-images", type=int, default=DEFAULT_TOP_IMAGES, metavar="K",
        help=f"images averaged for each unit ({DEFAULT_TOP_IMAGES}; fewer give a quick field)",
    )  # fmt: skip
    add_occluder_arguments(parser, (CONSTANT_FILLS, *FILLS))
    parser.add_argument(
        "--theoretical-only", action="store_true", help="no occlusion; needs no images"
    )
    add_out_argument(parser, "write LAYER.png of fields, and fields.png of all networks, here")


def add_occluder_arguments(parser: ArgumentParser, fills: Sequence[str] = FILLS) -> None:
    parser.add_argument(
        "--occluder",
        type=int,
        default=DEFAULT_SIZE,
        metavar="PX",
        help=f"its side in pixels ({DEFAULT_SIZE})",
    )
    parser.add_argument(
        "--stride", type=int, default=DEFAULT_STRIDE, metavar="PX",
        help=f"pixels from one place to the next ({DEFAULT_STRIDE})",
    )  # fmt: skip
    parser.add_argument(
        "--fill", choices=fills, default=fills[0],
        help=f"what it hides with ({fills[0]}); constants: black, gray and white in turn, combined "
        "by root mean square" if CONSTANT_FILLS in fills else f"what it hides with ({fills[0]})",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=0, help="of the noise of --fill random (0)")


def run(options: Namespace) -> Data:
    """Receptive fields in pixels: by arithmetic, and as occlusion finds them.

    theoretical: what could reach a unit's cell, composed over all branches; "whole image" where
    nothing bounds it. empirical: a small occluder is put at every place of the unit's top images;
    the maps of how much the activation at the peak changes are centered on the peak and averaged.
    The field's size is the square root of the area above half of the average's maximum; mean and
    sd are over units; cut counts units whose peaks all lie at an edge, so that only a part of
    their field was seen; corrected is the size with the occluder's width taken out by RMS widths.
    An occluder of 11 px cannot show fields under 11 px: compare where theory says at least 33. The
    average is over 25 top images; over fewer it is a quick field, which belongs in no table with
    others. Zhou et al. 2015, arXiv:1412.6856. With --out, a sheet for each layer, and fields.png:
    three units of each layer, with --beside those of two networks side by side.
    """
    network = network_of(options)
    pairs = [layer.partition("=") for layer in options.layers]
    rows: dict[str, list[FieldRow]] = {}
    data = of_network(network, [own for own, _, _ in pairs], options, rows)
    if options.beside:
        other = replace(
            load_network(options.beside, options.beside_weights), axes=AxisOptions.of(vars(options))
        )
        names = [theirs or own for own, _, theirs in pairs]
        data["beside"] = of_network(other, names, options, rows)
        del data["beside"]["settings"], data["beside"]["skipped"]
    data["figure"] = None
    if any(rows.values()):
        Folder(options.out).put("fields.png", fields_figure(rows).png())
        data["figure"] = str(options.out / "fields.png")
    return data


def of_network(
    network: Network, names: list[str], options: Namespace, rows: dict[str, list[FieldRow]]
) -> Data:
    """Describe the fields of one network's layers; put their pictures into `rows` by network.

    A second network may have layers of the same names, so its sheets are LAYER-beside.png.
    """
    if not options.theoretical_only and not options.images:
        raise BadSetting("Empirical fields need --images; or ask for --theoretical-only.")
    fields = receptive_field(
        network, names, None if options.theoretical_only else listed_images(options),
        units=options.units, top_images=options.top_images, occluder=options.occluder,
        stride=options.stride, fill=options.fill, seed=options.seed, device=options.device,
        progress=stages(options),
    )  # fmt: skip
    drawn = rows.setdefault(f"{'B' if rows else 'A'}: {network.spec}", [])
    layers: dict[str, Data] = {}
    for name, layer in fields.layers.items():
        measured = layer.empirical
        layers[name] = {
            "theoretical": layer.theoretical.facts(),
            "empirical": measured.as_json() if measured else None,
            "sheet": None,
        }
        if options.out and measured:
            file = f"{name}-beside.png" if len(rows) > 1 else f"{name}.png"
            of_layer = fields.drawn(name)
            drawn += of_layer
            Folder(options.out).put(file, field_sheet(of_layer).png())
            layers[name]["sheet"] = str(options.out / file)
    return {
        "network": network.spec,
        "layers": layers,
        "settings": settings(fields),
        "skipped": skipped_rows(fields.skipped),
    }


def settings(fields: ReceptiveFields) -> Data:
    occluders = fields.occluders
    return {
        "top_images": fields.top_images,
        "quick": fields.is_quick,
        "occluder": occluders.size,
        "stride": occluders.stride,
        "fill": occluders.fill,
        "seed": occluders.seed,
    }


def show(data: Data) -> None:
    rows = []
    networks = [data, data["beside"]] if "beside" in data else [data]
    for number, network in enumerate(networks):
        for name, layer_data in network["layers"].items():
            theory, empirical = layer_data["theoretical"], layer_data["empirical"] or {}
            keys = ("mean", "std", "corrected", "unit_count", "cut_count")
            measured = [empirical.get(key) for key in keys]
            size = format_field_size(theory)
            rows.append(["AB"[number], name, size, theory["stride"], *measured])
    columns = ["network", "layer", "theoretical", "stride", "empirical", "sd", "corrected"]
    first = 0 if len(networks) > 1 else 1
    print_table([*columns, "units", "cut"][first:], [row[first:] for row in rows])
    if data["settings"]["quick"] and any(layer["empirical"] for layer in data["layers"].values()):
        print(f"Quick fields, of {data['settings']['top_images']} top images: not for a table with "
              f"fields of {DEFAULT_TOP_IMAGES}.")  # fmt: skip
