"""python -m dissect scenes"""

from argparse import ArgumentParser, Namespace
from collections import Counter
from pathlib import Path

from dissect.analyses.scene_segmentation import BACKGROUND, concept_key
from dissect.commands.command import (
    Data,
    add_image_arguments,
    add_network_arguments,
    add_out_argument,
    listed_images,
    network_of,
    print_table,
    skipped_rows,
    stages,
)
from dissect.front_door.arguments import named_units
from dissect.front_door.scenes import Scene, Scenes, scenes
from dissect.images.masks_and_labels import images_folder
from dissect.render.contact_sheets import png
from dissect.storage.store import Folder


def add_arguments(parser: ArgumentParser) -> None:
    add_network_arguments(parser)
    add_image_arguments(parser)
    parser.add_argument(
        "--named", type=Path, required=True, metavar="FILE",
        help='JSON of what people call units: {"layers": {L: {U: {"concept", "precision"}}}}; '
        'where each has "threshold" and "maximum" too, --over is not looked at',
    )  # fmt: skip
    parser.add_argument(
        "--over", metavar="FILE|DIR", help="images whose 0.995 quantile cuts maps (--images)"
    )
    parser.add_argument("--level", help="of the masks to score at (object, else the first)")
    parser.add_argument(
        "--directions",
        type=Path,
        metavar="FILE|DIR",
        help="directions or a sparse autoencoder, whose units stand for channels",
    )
    add_out_argument(parser, "write images with their concepts in color here")


def run(options: Namespace) -> Data:
    """Segment scenes by all units that people named, each region carrying its unit's concept.

    A unit's region is its map, upsampled, above its 0.995 quantile (Bau et al. 2017,
    arXiv:1704.05796). A pixel gets the concept with the most weight there, the sum of its units'
    precisions; where no region is, background. share is of the view's area, 0 to 1. Where
    DIR/masks has masks: accuracy, the share of known pixels that are right, and the mean IoU of
    the concepts that units are named for and of background, beside the answer that all is
    background; what masks show besides is background. After the slides on Zhou et al. 2015,
    arXiv:1412.6856.
    """
    named = named_units(options.named)
    options.layers = list(dict.fromkeys(unit.layer for unit in named))  # of --directions
    segmented = scenes(
        network_of(options), listed_images(options, images_folder), named,
        over=options.over, level=options.level, device=options.device,
        progress=stages(options),
    )  # fmt: skip
    scores, truth = segmented.scores, segmented.truth
    return {
        "images": [
            {"image": scene.image}
            | draw(segmented, scene, options.out)
            | describe(segmented, scene)
            | {"accuracy": scene.accuracy, "background_accuracy": scene.background_accuracy}
            for scene in segmented.scenes
        ],
        "score": scores.facts(truth.level) if scores and truth else None,
        "concepts": dict(Counter(sorted(concept_key(unit.concept) for unit in named))),
        "skipped": skipped_rows(segmented.skipped),
    }


def draw(segmented: Scenes, scene: Scene, out: Path | None) -> Data:
    """Draw the scene and its mask in the colors of concepts; return the paths or None."""
    paths: Data = {"picture": None, "truth_picture": None}
    if out is None:
        return paths
    pictures = {
        "picture": segmented.picture(scene),
        "truth_picture": segmented.mask_picture(scene),
    }
    for key, picture in pictures.items():
        if picture is not None:
            name = f"{scene.place:06d}-{key}.png"
            Folder(out).put(name, png(picture))
            paths[key] = str(out / name)
    return paths


def describe(segmented: Scenes, scene: Scene) -> Data:
    """List the concepts of an image, the largest area first."""
    return {
        "concepts": [
            {"concept": segmented.concepts[number], "share": share}
            for number, share in scene.shares().items()
        ],
        "background_share": float((scene.labels == BACKGROUND).mean()),
    }


def show(data: Data) -> None:
    print_table(
        ["image", "accuracy", "background", "concepts"],
        [
            [row["image"], row["accuracy"], row["background_share"],
             ", ".join(f"{c['concept']} {c['share']:.1%}" for c in row["concepts"][:5])]
            for row in data["images"]
        ],
    )  # fmt: skip
    if score := data["score"]:
        print(f"{score['level'] or 'masks'}: pixel accuracy {score['accuracy']:.3f} "
              f"(all background {score['background_accuracy']:.3f}), mean IoU "
              f"{score['mean_iou']:.3f} ({score['background_mean_iou']:.3f})")  # fmt: skip
