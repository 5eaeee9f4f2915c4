"""python -m dissect exemplars"""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from dissect.commands.command import (
    Data,
    add_image_arguments,
    add_layer_arguments,
    add_network_arguments,
    add_out_argument,
    listed_images,
    network_of,
    print_table,
    skipped_of,
    units_by_layer,
)
from dissect.errors import BadSetting
from dissect.format.masks import encode_sheet
from dissect.images.image_list import ImageList
from dissect.networks.device import select_device
from dissect.networks.layers import layer_infos
from dissect.networks.registry import Network
from dissect.render.cutouts import render_exemplars, small_views
from dissect.render.pictures import render_picture
from dissect.segmentation.regions import quantile_segmenter, unit_regions
from dissect.segmentation.upsample import coverage_of
from dissect.storage.store import Folder
from dissect.topk.collect import collect
from dissect.topk.results import CollectedLayer, PassResult
from dissect.topk.unit_sample import UnitSample, with_sample

MAX_DEAD_SHOWN = 20


def add_arguments(parser: ArgumentParser) -> None:
    add_network_arguments(parser)
    add_image_arguments(parser)
    add_layer_arguments(parser)
    parser.add_argument(
        "--top", type=int, default=60, metavar="K", help="images for each unit (60)"
    )
    parser.add_argument(
        "--by",
        choices=["max", "sum"],
        default="max",
        help="the score of an image: the maximum of its map, or the sum",
    )
    parser.add_argument(
        "--keep-duplicates", action="store_true",
        help="rank every copy of an image; otherwise images of equal pixels stand once",
    )  # fmt: skip
    parser.add_argument(
        "--sample", type=int, metavar="N",
        help="N units of each layer, drawn in strata of firing share from those that are not dead "
        "(of latents: nor dense)",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=0, help="of the sample (0)")
    add_out_argument(parser, "write pictures and masks here")
    parser.add_argument(
        "--draw", action="store_true",
        help="with --out: also LAYER/UNIT/RANK.jpg, 112 px, with the region lit",
    )  # fmt: skip


def run(options: Namespace) -> Data:
    """Find the images that excite each unit most.

    An image's score is the maximum of the unit's activation map; ties go to the larger sum of
    the map, then to the earlier image (--by sum: sum and maximum change places). y and x
    count the map's cells to its peak, from 0. Zhou et al. 2015, arXiv:1412.6856. Images of equal
    pixels stand once, under the first path; `copies` lists the others. `dead` are units to which
    all images give one score. With --out, also the network's view of each image and the unit's
    regions (above its 0.995 quantile; Bau et al. 2017, arXiv:1704.05796): one sheet of masks a
    unit, in rank order. coverage is then the region's share of the view, 0 (no cell passes the
    quantile: drawn whole) to 1; null without --out.
    """
    if options.draw and not options.out:
        raise BadSetting("--draw writes pictures: name a folder for them with --out DIR.")
    if options.sample is not None and options.units:
        raise BadSetting("--units names units and --sample draws them: take one of them.")
    network, images = network_of(options), listed_images(options.images)
    units = units_by_layer(network, options)
    collected = collected_of(network, images, options)
    layers: Data = {}
    for layer in collected.layers:
        name = layer.info.name
        if options.sample is not None:
            units[name] = list(layer.units)
        shares = write_pictures(network, layer, images, units[name], options) if options.out else {}
        layers[name] = {
            "units": {
                str(unit): exemplars_of(layer, unit, images, options.by, shares.get(unit))
                for unit in units[name]
            },
            "dead": [unit for unit in units[name] if layer.activity.dead[unit]],
        }
    warn_of_empty_regions(layers)
    warn_of_dead_units(layers)
    warn_of_copies(len(collected.copies), len(images))
    return {
        "layers": layers,
        "skipped": skipped_of(images, collected.bad),
        "copies": copies_of(images, collected.copies),
    }


def copies_of(images: ImageList, copies: Mapping[int, int]) -> list[dict[str, str]]:
    """List the images that are left out as copies, each with the one that stands for it."""
    paths = images.paths
    return [{"image": paths[place], "of": paths[first]} for place, first in copies.items()]


def collected_of(network: Network, images: ImageList, options: Namespace) -> PassResult:
    """The top images of all units, or of the sample of them that --sample asks for."""
    sample = None if options.sample is None else UnitSample(options.sample, options.seed)
    if sample:
        sample.check(layer_infos(network, options.layers))
    collected = collect(
        network, options.layers, images, options.top,
        device=select_device(options.device), by=options.by,
        keep_duplicates=options.keep_duplicates,
        progress=options.progress("forwarding"),
    )  # fmt: skip
    return with_sample(collected, sample, network) if sample else collected


def warn_of_empty_regions(layers: Data) -> None:
    """Print on stderr how many regions are empty."""
    rows = [
        exemplar
        for layer in layers.values()
        for unit in layer["units"].values()
        for exemplar in unit
    ]
    if empty := sum(exemplar["coverage"] == 0 for exemplar in rows):
        print(
            f"{empty:,} of {len(rows):,} regions are empty (no cell passes the unit's 0.995 "
            "quantile): give more --images, or a smaller --top.",
            file=sys.stderr,
        )


def warn_of_dead_units(layers: Data) -> None:
    """Print on stderr which units are dead: their top images are as good as any."""
    for name, layer in layers.items():
        if dead := layer["dead"]:
            print(
                f"{len(dead):,} of {len(layer['units']):,} units of {name} are dead, all images "
                f"have one score: {', '.join(map(str, dead[:MAX_DEAD_SHOWN]))}"
                f"{' ...' if len(dead) > MAX_DEAD_SHOWN else ''}.",
                file=sys.stderr,
            )


def warn_of_copies(count: int, image_count: int) -> None:
    """Print on stderr how many images are left out as copies."""
    if count:
        print(
            f"{count:,} of {image_count:,} images have the pixels of another one and are left "
            "out; --keep-duplicates ranks them too.",
            file=sys.stderr,
        )


def show(data: Data) -> None:
    print_table(
        ["layer", "unit", "rank", "score", "y", "x", "image"],
        [
            [
                layer,
                int(unit),
                rank,
                exemplar["score"],
                exemplar["y"],
                exemplar["x"],
                exemplar["image"],
            ]
            for layer, layer_data in data["layers"].items()
            for unit, exemplars in layer_data["units"].items()
            for rank, exemplar in enumerate(exemplars, start=1)
        ],
    )


def exemplars_of(
    layer: CollectedLayer,
    unit: int,
    images: ImageList,
    by: str,
    coverage: NDArray[np.float32] | None,
) -> list[Data]:
    top = layer.top
    score = top.score_by(by)
    return [
        {
            "image": images.paths[top.image[unit, rank]],
            "score": float(score[unit, rank]),
            "y": int(top.y[unit, rank]),
            "x": int(top.x[unit, rank]),
            "coverage": None if coverage is None else float(coverage[rank]),
        }
        for rank in range(len(top))
    ]


def write_pictures(
    network: Network, layer: CollectedLayer, images: ImageList, units: list[int], options: Namespace
) -> Mapping[int, NDArray[np.float32]]:
    """Write DIR/LAYER/UNIT.png (masks in rank order) and DIR/pictures/PLACE.jpg.

    Returns:
        Unit to the share of the view that each of its regions covers, (top,).
    """
    store, coverage = Folder(options.out), {}
    device = select_device(options.device)
    regions = unit_regions(network, layer, quantile_segmenter(layer), images, device)
    for unit in units:
        masks = regions(unit)
        coverage[unit] = coverage_of(masks)
        store.put(f"{layer.info.name}/{unit}.png", encode_sheet(masks.numpy()))
    for place in np.unique(layer.top.image[units]).tolist():
        picture = render_picture(images, place, network.preprocessing)
        store.put(f"pictures/{place:06d}.jpg", picture.content[picture.row.zoom])
    if options.draw:
        draw_exemplars(network, layer, images, units, regions, store)
    return coverage


def draw_exemplars(
    network: Network,
    layer: CollectedLayer,
    images: ImageList,
    units: list[int],
    regions: Callable[[int], Tensor],
    store: Folder,
) -> None:
    """Write DIR/LAYER/UNIT/RANK.jpg; each image is opened once, and units are drawn in threads."""
    shown = np.unique(layer.top.image[units]).tolist()
    views = small_views(images, shown, network.preprocessing, images.threads)

    def draw_unit(unit: int) -> None:
        places = layer.top.image[unit].tolist()
        drawn = render_exemplars(views, places, regions(unit).numpy())
        for rank, picture in enumerate(drawn, start=1):
            store.put(f"{layer.info.name}/{unit}/{rank:03d}.jpg", picture)

    with ThreadPoolExecutor(images.threads, thread_name_prefix="draw") as pool:
        list(pool.map(draw_unit, units))
