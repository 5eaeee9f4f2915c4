"""python -m dissect minimal-image"""

from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from pathlib import Path
from statistics import mean, median

from PIL import Image

from dissect.analyses.minimal_images.fills import SEGMENT_FILLS
from dissect.analyses.minimal_images.finder import MinimalImage
from dissect.analyses.minimal_images.search import DEFAULT_BUDGET, DEFAULT_DRAWS, FEW_SEGMENTS
from dissect.analyses.minimal_images.segments import DEFAULT_SEGMENTS
from dissect.analyses.right_images import chosen_facts
from dissect.commands.command import (
    Data,
    add_image_arguments,
    add_network_arguments,
    add_out_argument,
    add_right_argument,
    listed_images,
    network_of,
    print_table,
    skipped_rows,
    stages,
)
from dissect.errors import ImagesError
from dissect.format.ground_truth import OBJECT
from dissect.front_door.minimal_images import MinimalImages, minimal_image
from dissect.images.masks_and_labels import images_folder
from dissect.render.contact_sheets import png
from dissect.storage.store import Folder


def add_arguments(parser: ArgumentParser) -> None:
    add_network_arguments(parser)
    add_image_arguments(parser)
    _add_search_arguments(parser)
    add_right_argument(parser)
    parser.add_argument(
        "--per-class", type=int, default=2, metavar="M", help="with --right: at most M a class (2)"
    )
    add_out_argument(
        parser, "write what is left, and what the first random removal leaves, as PNG, here"
    )


def _add_search_arguments(parser: ArgumentParser) -> None:
    """Options of the segments and of the search."""
    parser.add_argument(
        "--class", dest="class_", metavar="NAME|INDEX",
        help="the correct class (from labels.csv; else the network's own best, marked so)",
    )  # fmt: skip
    parser.add_argument(
        "--segments", default="edges-regions",
        metavar="edges-regions|superpixels|masks|masks:LEVEL",
        help="edges and the regions without them (edges-regions), regions that end at edges, or "
        "one for each concept of the image's mask",
    )  # fmt: skip
    parser.add_argument(
        "--count",
        type=int,
        default=DEFAULT_SEGMENTS,
        metavar="N",
        help=f"about how many segments ({DEFAULT_SEGMENTS}); masks have their own number",
    )
    parser.add_argument(
        "--fill", choices=SEGMENT_FILLS,
        help="what replaces removed segments: gradient removes their gradients (default of "
        "edges-regions; that of others is zero)",
    )  # fmt: skip
    parser.add_argument(
        "--exchanges", type=int, default=DEFAULT_BUDGET, metavar="N",
        help="after the greedy order at most N forwards for exchanges that lower the kept area "
        f"({DEFAULT_BUDGET}; 0 for no exchanges)",
    )  # fmt: skip
    parser.add_argument(
        "--draws",
        type=int,
        default=DEFAULT_DRAWS,
        metavar="N",
        help=f"random removals to compare with ({DEFAULT_DRAWS})",
    )


def run(options: Namespace) -> Data:
    """Remove segments of an image, least harm first, until the network's class flips.

    Segments are chains of Canny's edges and the regions without them; the image is the integral of
    the gradients that stay. Each step removes the segment without which the class's probability
    (softmax) stays highest; flipped_at is the number of removals after which the class flipped.
    Then segments are exchanged: one that is left for a smaller one that was removed, and if there
    are few segments also two for one and one for two. This ends when no exchange helps, or when
    the budget of forwards is used. greedy is what the greedy order leaves. kept_share is the share
    of the area, 0 to 1, that is left after exchanges; with many segments a smaller share may
    exist. random is what random removals to the same area leave. Images that the network
    classifies wrong are skipped and counted; without a label the network's own best class counts
    as correct, and labeled is false. Images are refused if the network takes the fill alone for
    their class, because nothing would be left of them. Fills: gradient, zero before normalization
    (black), mean color, random noise, blur. If DIR/masks has masks, classes says by class which
    concepts remain at least half, after minimal and after random removal. With --out, a figure
    shows each image beside what is left of it, in rows by class. Zhou et al. 2015,
    arXiv:1412.6856.
    """
    result = minimal_image(
        network_of(options), listed_images(options, images_folder), class_=options.class_,
        segments=options.segments, count=options.count, fill=options.fill,
        exchanges=options.exchanges, draws=options.draws, right=options.right,
        per_class=options.per_class, device=options.device, progress=stages(options),
    )  # fmt: skip
    return data_of(result, options.out) | {"sheet": write_sheet(result, options.out)}


def write_sheet(result: MinimalImages, out: Path | None) -> str | None:
    """Write the figure of all pairs as PNG and SVG; return the path of the PNG."""
    if out is None or not result.minimal:
        return None
    sheet = result.sheet()
    Folder(out).put("minimal-images.svg", sheet.svg())
    Folder(out).put("minimal-images.png", sheet.png())
    return str(out / "minimal-images.png")


def data_of(result: MinimalImages, out: Path | None) -> Data:
    """Describe one image by the keys of its result, several by a list and what remains by class.

    Raises:
        ImagesError: a single image has no minimal image.
    """
    is_single = len(result.images) == 1
    if not result.minimal and is_single:
        wrong = [f"the network says {name}" for name in result.wrong.values()]
        raise ImagesError(f"There is no minimal image: {[*result.skipped.values(), *wrong][0]}.")
    images = [describe(result, one, out) for one in result.minimal]
    if is_single:
        return images[0]
    return {
        "images": images,
        "classes": {
            name: [
                {"concept": often.concept.name, "level": often.concept.level,
                 "group": often.concept.group, "image_count": often.image_count,
                 **asdict(often.mean)}
                for often in frequencies
            ]
            for name, frequencies in result.remaining().items()
        },
        "wrong_count": len(result.wrong),
        "wrong": [{"image": path, "says": name} for path, name in result.wrong.items()],
        "skipped": skipped_rows(result.skipped),
        "chosen": chosen_facts(result.chosen),
    }  # fmt: skip


def describe(result: MinimalImages, one: MinimalImage, out: Path | None) -> Data:
    """Describe one minimal image as plain data, and write its pictures to --out."""
    greedy, less = one.greedy, one.less
    random = asdict(one.random)
    return {
        "image": result.images.paths[one.place],
        "labelled": one.labelled,
        "class_index": one.class_index,
        "probability": one.probability,
        "kept_share": one.kept_share,
        "left_probability": less.probability,
        "steps": [asdict(step) for step in greedy.steps],
        "flipped_at": greedy.flipped_at,
        "greedy": {
            "kept_share": one.greedy_share, "left_probability": greedy.left_probability,
        },
        "exchanges": {
            "steps": [asdict(step) for step in less.steps], "ended": less.ended,
            "kinds": less.kinds, "forwards": less.forwards,
        },
        "segment_count": one.segment_count,
        "class": one.class_name,
        "fill": result.fill,
        "picture": write(out, f"{one.place:06d}.png", one.picture),
        "remaining": [
            {"concept": concept.name, "level": concept.level, **asdict(share)}
            for concept, share in one.remains.items()
        ],
        "random": random
        | {"picture": write(out, f"{one.place:06d}-random.png", one.random_picture)},
    }  # fmt: skip


def write(out: Path | None, name: str, picture: Image.Image) -> str | None:
    """Write a picture of what is left of an image; returns its path."""
    if out is None:
        return None
    Folder(out).put(name, png(picture))
    return str(out / name)


def show(data: Data) -> None:
    columns = ["image", "class", "labelled", "probability", "flipped_at"]
    images = data.get("images", [data])
    rows = [
        [*(row[name] for name in columns), row["greedy"]["kept_share"], row["kept_share"],
         row["exchanges"]["ended"], row["random"]["held_share"]]
        for row in images
    ]  # fmt: skip
    print_table([*columns, "greedy kept", "kept", "ended by", "random held"], rows)
    if len(rows) > 1:
        shares, held = [row["kept_share"] for row in images], [row[-1] for row in rows]
        print(f"{len(rows)} images: a median of {median(shares):.0%} of the area is left "
              f"({min(shares):.0%} to {max(shares):.0%}). Random removal to the same area keeps "
              f"the class in {mean(held):.0%} of draws.")  # fmt: skip
    if any(row["segment_count"] > FEW_SEGMENTS for row in images):
        print(f"With more than {FEW_SEGMENTS} segments, exchanges are of one for one only. Less "
              "may be enough for the class.")  # fmt: skip
    for name, often in data.get("classes", {}).items():
        objects = [row for row in often if row["group"] == OBJECT]
        for row in (objects or often)[:5]:
            print(f"{name}: {row['concept']} remains in {row['remains']:.0%} of "
                  f"{row['image_count']}, at random {row['random_remains']:.0%}")  # fmt: skip
    if wrong := data.get("wrong"):
        print(f"Skipped because the network classifies them wrong: {len(wrong)}.")
