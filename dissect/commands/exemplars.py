"""python -m dissect exemplars"""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from dissect.background import Background
from dissect.commands.command import (
    Data,
    add_image_arguments,
    add_layer_arguments,
    add_network_arguments,
    add_out_argument,
    listed_images,
    network_of,
    print_table,
    skipped_rows,
    stages,
)
from dissect.errors import BadSetting
from dissect.format.masks import coverage_of, encode_packed_sheet, pack_regions
from dissect.front_door.exemplars import Exemplars, LayerExemplars, exemplars
from dissect.images.image_list import ImageList
from dissect.render.cutouts import render_exemplars, small_views
from dissect.render.pictures import render_picture
from dissect.storage.store import Folder

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
    result = exemplars(
        network_of(options), options.layers, listed_images(options),
        units=options.units, top=options.top, by=options.by,
        keep_duplicates=options.keep_duplicates, sample=options.sample, seed=options.seed,
        device=options.device, progress=stages(options),
    )  # fmt: skip
    layers: Data = {}
    for name, layer in result.layers.items():
        shares = write_pictures(result, layer, options) if options.out else {}
        layers[name] = {
            "units": {
                str(unit): exemplars_of(layer, row, result.images, shares.get(unit))
                for row, unit in enumerate(layer.units)
            },
            "dead": [unit for unit, dead in zip(layer.units, layer.dead, strict=True) if dead],
        }
    warn_of_empty_regions(layers)
    warn_of_dead_units(layers)
    warn_of_copies(len(result.copies), len(result.images))
    return {
        "layers": layers,
        "skipped": skipped_rows(result.skipped),
        "copies": [{"image": path, "of": first} for path, first in result.copies.items()],
    }


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
    layer: LayerExemplars, row: int, images: ImageList, coverage: NDArray[np.float32] | None
) -> list[Data]:
    """The top images of the unit in a row of the result."""
    return [
        {
            "image": images.paths[layer.image[row, rank]],
            "score": float(layer.score[row, rank]),
            "y": int(layer.y[row, rank]),
            "x": int(layer.x[row, rank]),
            "coverage": None if coverage is None else float(coverage[rank]),
        }
        for rank in range(layer.image.shape[1])
    ]


def write_pictures(
    result: Exemplars, layer: LayerExemplars, options: Namespace
) -> Mapping[int, NDArray[np.float32]]:
    """Write DIR/LAYER/UNIT.png (masks in rank order) and DIR/pictures/PLACE.jpg.

    Returns:
        Unit to the share of the view that each of its regions covers, (top,).
    """
    store, coverage = Folder(options.out), {}
    for unit in layer.units:
        masks = pack_regions(layer.regions(unit).numpy())
        coverage[unit] = coverage_of(masks)
        store.put(f"{layer.layer}/{unit}.png", encode_packed_sheet(masks))
    for place in np.unique(layer.image).tolist():
        picture = render_picture(result.images, place, result.preprocessing)
        store.put(f"pictures/{place:06d}.jpg", picture.content[picture.row.zoom])
    if options.draw:
        draw_exemplars(result, layer, store)
    return coverage


def draw_exemplars(result: Exemplars, layer: LayerExemplars, store: Folder) -> None:
    """Write DIR/LAYER/UNIT/RANK.jpg; each image is opened once, and units are drawn in threads."""
    images = result.images
    shown = np.unique(layer.image).tolist()
    views = small_views(images, shown, result.preprocessing, images.threads)

    def draw_unit(row: int) -> None:
        unit = layer.units[row]
        drawn = render_exemplars(views, layer.image[row].tolist(), layer.regions(unit).numpy())
        for rank, picture in enumerate(drawn, start=1):
            store.put(f"{layer.layer}/{unit}/{rank:03d}.jpg", picture)

    with Background(images.threads, name="draw") as background:
        list(background.map(draw_unit, range(len(layer.units))))
