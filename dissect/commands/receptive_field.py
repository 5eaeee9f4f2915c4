"""python -m dissect receptive-field"""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from dissect.commands.command import (
    Data,
    add_layer_arguments,
    add_network_arguments,
    add_out_argument,
    listed_images,
    network_of,
    print_table,
    units_of,
)
from dissect.errors import BadSetting, ImagesError
from dissect.images.image_list import ImageList
from dissect.networks.device import select_device
from dissect.networks.registry import Network
from dissect.receptive_fields.empirical import DEFAULT_TOP_IMAGES, EmpiricalFields, empirical_fields
from dissect.receptive_fields.measure import fields_as_json
from dissect.receptive_fields.occluders import DEFAULT_SIZE, DEFAULT_STRIDE, FILLS, Occluders
from dissect.receptive_fields.theoretical import Field, format_field_size, theoretical_fields
from dissect.render.field_pictures import field_sheet
from dissect.storage.store import Folder
from dissect.topk.collect import collect
from dissect.topk.results import CollectedLayer


def add_arguments(parser: ArgumentParser) -> None:
    add_network_arguments(parser)
    add_layer_arguments(parser)
    parser.add_argument("--images", metavar="FILE|DIR", help="where top images are looked for")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    parser.add_argument(
        "--top-images", type=int, default=DEFAULT_TOP_IMAGES, metavar="K",
        help=f"images averaged for each unit ({DEFAULT_TOP_IMAGES})",
    )  # fmt: skip
    add_occluder_arguments(parser, fill="random")
    parser.add_argument(
        "--theoretical-only", action="store_true", help="no occlusion; needs no images"
    )
    add_out_argument(parser, "write LAYER.png of fields here")


def add_occluder_arguments(parser: ArgumentParser, fill: str) -> None:
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
    parser.add_argument("--fill", choices=FILLS, default=fill, help=f"what it hides with ({fill})")
    parser.add_argument("--seed", type=int, default=0, help="of the noise of --fill random (0)")


def run(options: Namespace) -> Data:
    """Receptive fields in pixels: by arithmetic, and as occlusion finds them.

    theoretical: what could reach a unit's cell, composed over all branches; "whole image" where
    nothing bounds it. empirical: a small occluder is put at every place of the unit's top images;
    the maps of how much the activation at the peak changes are centred on the peak and averaged.
    The field's size is the square root of the area above half of the average's maximum; mean and
    sd are over units; cut counts units whose peaks all lie at an edge, so that only a part of
    their field was seen. An occluder of 11 px cannot show fields under 11 px: compare where theory
    says at least 33. Zhou et al. 2015, arXiv:1412.6856. With --out, a sheet for each layer.
    """
    network = network_of(options)
    fields = theoretical_fields(network, options.layers)
    occluders = Occluders(options.occluder, options.stride, options.fill, options.seed)
    layers: dict[str, Data] = {
        name: {"theoretical": field.facts(), "empirical": None, "sheet": None}
        for name, field in fields.items()
    }
    if not options.theoretical_only:
        for name, empirical in measure_layers(network, fields, occluders, options).items():
            layers[name]["empirical"] = fields_as_json(empirical)
            if options.out:
                layers[name]["sheet"] = str(options.out / f"{name}.png")
    return {"layers": layers, "settings": settings(occluders, options)}


def measure_layers(
    network: Network, fields: dict[str, Field], occluders: Occluders, options: Namespace
) -> dict[str, EmpiricalFields]:
    images, device = top_image_source(options), select_device(options.device)
    occluders.starts(network.preprocessing.crop)  # too large an occluder ends it here
    collected = collect(
        network,
        list(fields),
        images,
        options.top_images,
        device=device,
        progress=options.progress("forwarding"),
    ).layers
    units = {
        layer.info.name: units_of(options.units, layer.info.unit_count, layer.info.name)
        for layer in collected
    }
    by_layer = {}
    for layer in collected:
        name = layer.info.name
        by_layer[name] = empirical_fields(
            network, layer.info, fields[name], images, layer.top, units[name], occluders,
            options.progress(f"occluding for {name}"),
        )  # fmt: skip
        if options.out:
            write_sheet(
                network, layer, by_layer[name], fields[name], images, occluders, options.out
            )
    return by_layer


def top_image_source(options: Namespace) -> ImageList:
    if not options.images:
        raise BadSetting("EmpiricalFields fields need --images; or ask for --theoretical-only.")
    images = listed_images(options.images)
    if options.top_images > len(images):
        raise ImagesError(
            f"{images.source} holds {len(images)} images, fewer than the {options.top_images} top "
            f"images asked for: add images, or take --top-images {len(images)} or less."
        )
    return images


def write_sheet(
    network: Network,
    layer: CollectedLayer,
    empirical: EmpiricalFields,
    field: Field,
    images: ImageList,
    occluders: Occluders,
    out: Path,
) -> None:
    sheet = field_sheet(empirical, field, layer.top, images, network.preprocessing, occluders)
    Folder(out).put(f"{layer.info.name}.png", sheet.png())


def settings(occluders: Occluders, options: Namespace) -> Data:
    return {
        "top_images": options.top_images,
        "occluder": occluders.size,
        "stride": occluders.stride,
        "fill": occluders.fill,
        "seed": occluders.seed,
    }


def show(data: Data) -> None:
    rows = []
    for name, layer_data in data["layers"].items():
        theory, empirical = layer_data["theoretical"], layer_data["empirical"] or {}
        measured = [empirical.get(key) for key in ("mean", "std", "unit_count", "cut_count")]
        rows.append([name, format_field_size(theory), theory["stride"], *measured])
    print_table(["layer", "theoretical", "stride", "empirical", "sd", "units", "cut"], rows)
