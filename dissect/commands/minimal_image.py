"""python -m dissect minimal-image"""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import mean, median
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from dissect.analyses.minimal_image import (
    DEFAULT_DRAWS,
    DEFAULT_SEGMENTS,
    MinimalImage,
    RandomRemovals,
    is_taken_for,
    minimal_image,
    random_removals,
    renumbered,
    superpixels,
)
from dissect.analyses.remaining_concepts import RemainingShare, concept_frequencies, remaining
from dissect.analyses.right_images import RightImages, chosen_facts, labels_of, right_images
from dissect.commands.command import (
    Data,
    add_image_arguments,
    add_network_arguments,
    add_out_argument,
    add_right_argument,
    listed_images,
    network_of,
    print_table,
)
from dissect.errors import BadSetting, ImagesError, NoGroundTruth
from dissect.format.ground_truth import OBJECT, Concept, GroundTruth
from dissect.images.image_list import ImageList
from dissect.images.masks_and_labels import find_truth, images_folder
from dissect.networks.classes import class_count, class_index, class_name, probabilities
from dissect.networks.device import select_device
from dissect.networks.registry import Network
from dissect.receptive_fields.occluders import FILLS
from dissect.render.contact_sheets import png
from dissect.storage.store import Folder


def add_arguments(parser: ArgumentParser) -> None:
    add_network_arguments(parser)
    add_image_arguments(parser)
    parser.add_argument(
        "--class", dest="class_", metavar="NAME|INDEX",
        help="the correct class (from labels.csv; else the network's own best, marked so)",
    )  # fmt: skip
    parser.add_argument(
        "--segments", default="superpixels", metavar="superpixels|masks|masks:LEVEL",
        help="regions that end at edges, or one for each concept of the image's mask",
    )  # fmt: skip
    parser.add_argument(
        "--count",
        type=int,
        default=DEFAULT_SEGMENTS,
        metavar="N",
        help=f"superpixels, about ({DEFAULT_SEGMENTS})",
    )
    parser.add_argument(
        "--fill", choices=FILLS, default="zero", help="what stands for removed segments (zero)"
    )
    parser.add_argument(
        "--draws",
        type=int,
        default=DEFAULT_DRAWS,
        metavar="N",
        help=f"random removals to compare with ({DEFAULT_DRAWS})",
    )
    add_right_argument(parser)
    parser.add_argument(
        "--per-class", type=int, default=2, metavar="M", help="with --right: at most M a class (2)"
    )
    add_out_argument(
        parser, "write what is left, and what the first random removal leaves, as PNG, here"
    )


def run(options: Namespace) -> Data:
    """Remove segments of an image, least harm first, until the network's class flips.

    Each step removes the segment without which the class's probability (softmax) stays highest.
    kept_share is the share of area, 0 to 1, that the last image still held shows; flipped_at is
    the number of removals that flipped it. Beside it stands what random removals to the same
    area leave. Images that the network gets wrong are skipped and counted; without a label the
    network's own best class counts as correct, and labelled is false. Images of a class for which
    the network takes the fill alone are refused: nothing would have to be left of them. Fills:
    zero before normalisation (black), mean colour, random noise, blur. Where DIR/masks has masks:
    which concepts remain, at least half of them, by class, beside random removal. Zhou et al.
    2015, arXiv:1412.6856.
    """
    network, images = network_of(options), listed_images(images_folder(options.images))
    if options.draws < 1:
        raise BadSetting(f"--draws must be at least 1, got {options.draws}.")
    finder = MinimalImages(network, images, options, class_count(network))
    results: list[Result] = []
    wrong: list[dict[str, str]] = []
    skipped: list[dict[str, str]] = []
    progress = options.progress("removing segments")
    chosen = finder.choose(options.right, options.per_class) if options.right else None
    places = chosen.places if chosen else range(len(images))
    for done, place in enumerate(places, start=1):
        path = images.paths[place]
        try:
            result = finder.find(place)
        except ImagesError as error:
            skipped.append({"image": path, "reason": str(error)})
        else:
            results += [result] if isinstance(result, Result) else []
            wrong += [{"image": path, "says": result}] if isinstance(result, str) else []
        progress(done, len(places))
    return data_of(results, wrong, skipped, chosen, len(images) == 1)


@dataclass(frozen=True)
class Result:
    """One image's minimal image as plain data, and the concepts that remain in it."""

    data: dict[str, Any]
    remains: Mapping[Concept, RemainingShare]


class MinimalImages:
    """Finds the minimal image of each image; keeps what they share."""

    def __init__(
        self, network: Network, images: ImageList, options: Namespace, classes: int
    ) -> None:
        self.device = select_device(options.device)
        network.move(self.device)
        self.network = network
        self.images, self.options, self.classes = images, options, classes
        self.chosen = options.class_ and class_index(network, options.class_, classes)
        self.labels = {} if options.class_ else labels_of(self.network, images)
        kind, _, self.level = options.segments.partition(":")
        if kind not in ("superpixels", "masks"):
            raise BadSetting(f"--segments is superpixels, masks or masks:LEVEL, not {kind!r}.")
        self.truth: GroundTruth | None = None
        try:
            self.truth = find_truth(images)
        except NoGroundTruth:
            if kind == "masks":
                raise
        self.by_masks = kind == "masks"

    def choose(self, count: int, per_class: int) -> RightImages:
        """Choose images that are right, of classes that the fill alone does not give."""

        def accepts(pixels: Tensor, class_index: int, probability: float) -> bool:
            return not is_taken_for(self.network, pixels, self.options.fill, class_index)

        return right_images(self.network, self.images, count, per_class, accepts)

    def label(self, place: int) -> int | None:
        """The index of the correct class; None where there is no label that the network knows."""
        return int(self.chosen) if self.options.class_ else self.labels.get(place)

    def segments(self, path: Path, pixels: Tensor) -> NDArray[np.int64]:
        if not self.by_masks or self.truth is None:
            return superpixels(pixels, self.options.count)
        level = self.level or self.truth.levels[0]
        if level not in self.truth.levels:
            raise BadSetting(
                f"The masks have no level {level!r}; they have {', '.join(self.truth.levels)}."
            )
        shape = self.network.preprocessing
        seen = self.truth.seen(path, level, shape, shape.crop)
        if seen is None:
            raise ImagesError("it has no mask")
        return renumbered(seen)

    def find(self, place: int) -> Result | str:
        """Find one minimal image; where the network is wrong, return the class it predicts."""
        path = self.images.location(place)
        pixels = self.network.preprocessing.pixels(self.images.open(place)).to(self.device)
        label = self.label(place)
        best = int(probabilities(self.network, pixels[None])[0].argmax())
        if label is not None and label != best:
            return class_name(self.network, best)
        segments, fill = self.segments(path, pixels), self.options.fill
        if is_taken_for(self.network, pixels, fill, best):
            raise ImagesError(
                f"the network takes the fill alone ({fill}) for {class_name(self.network, best)}, "
                f"so nothing of the image has to stay: choose another fill than {fill}"
            )
        minimal = minimal_image(self.network, pixels, segments, best, fill)
        random = random_removals(self.network, pixels, segments, minimal, fill, self.options.draws)
        remains: Mapping[Concept, RemainingShare] = {}
        if self.truth is not None:
            shape = self.network.preprocessing
            remains = remaining(self.truth, path, shape, minimal, random)
        picture = self.write(f"{place:06d}.png", pixels, minimal.kept)
        random_picture = self.write(f"{place:06d}-random.png", pixels, random.kept[0])
        known = {"image": self.images.paths[place], "labelled": label is not None}
        data = self.data(minimal, random, int(segments.max()) + 1)
        data["random"]["picture"] = random_picture
        return Result(known | data | {"picture": picture, "remaining": listed(remains)}, remains)

    def data(self, minimal: MinimalImage, random: RandomRemovals, count: int) -> dict[str, Any]:
        return {
            "class": class_name(self.network, minimal.class_index),
            "class_index": minimal.class_index,
            "probability": minimal.probability,
            "kept_share": minimal.kept_share,
            "steps": [asdict(step) for step in minimal.steps],
            "flipped_at": minimal.flipped_at,
            "segment_count": count,
            "fill": self.options.fill,
            "random": {
                "draws": len(random.held),
                "kept_share": float(random.kept.mean()),
                "probability": float(random.probability.mean()),
                "held_share": float(random.held.mean()),
            },
        }

    def write(self, name: str, pixels: Tensor, kept: NDArray[np.bool_]) -> str | None:
        """Write what remains, the removed part transparent; return the picture's path."""
        if not self.options.out:
            return None
        view = pixels.cpu().numpy()[:3].transpose(1, 2, 0)
        view = np.broadcast_to(view, (*view.shape[:2], 3))
        alpha = kept[..., None].astype(np.uint8) * 255
        content = png(Image.fromarray(np.concatenate([view, alpha], axis=2)))
        Folder(self.options.out).put(name, content)
        return str(self.options.out / name)


def listed(remains: Mapping[Concept, RemainingShare]) -> list[dict[str, Any]]:
    return [
        {"concept": concept.name, "level": concept.level, **asdict(one)}
        for concept, one in remains.items()
    ]


def data_of(
    results: list[Result],
    wrong: list[dict[str, str]],
    skipped: list[dict[str, str]],
    chosen: RightImages | None,
    is_single: bool,
) -> Data:
    """Describe a single image by its own keys, several by a list and what remains by class.

    Raises:
        ImagesError: a single image has no minimal image.
    """
    if not results and is_single:
        reason = skipped[0]["reason"] if skipped else f"the network says {wrong[0]['says']}"
        raise ImagesError(f"There is no minimal image: {reason}.")
    by_class: dict[str, list[Mapping[Concept, RemainingShare]]] = {}
    for result in results:
        by_class.setdefault(result.data["class"], []).append(result.remains)
    classes = {
        name: [
            {"concept": often.concept.name, "level": often.concept.level,
             "group": often.concept.group, "image_count": often.image_count, **asdict(often.mean)}
            for often in concept_frequencies(remains)
        ]
        for name, remains in by_class.items()
    }  # fmt: skip
    if is_single:
        return results[0].data
    return {
        "images": [result.data for result in results],
        "classes": classes,
        "wrong_count": len(wrong),
        "wrong": wrong,
        "skipped": skipped,
        "chosen": chosen_facts(chosen),
    }


def show(data: Data) -> None:
    columns = ["image", "class", "labelled", "probability", "kept_share", "flipped_at"]
    rows = [
        [row[name] for name in columns] + [row["random"]["held_share"]]
        for row in data.get("images", [data])
    ]
    print_table([*columns, "random held"], rows)
    if len(rows) > 1:
        shares, held = [row["kept_share"] for row in data["images"]], [row[-1] for row in rows]
        print(f"{len(rows)} images: of the area {median(shares):.0%} is left in the median, "
              f"{min(shares):.0%} to {max(shares):.0%}; removed at random to the same area "
              f"{mean(held):.0%} of draws keep the class.")  # fmt: skip
    for name, often in data.get("classes", {}).items():
        objects = [row for row in often if row["group"] == OBJECT]
        for row in (objects or often)[:5]:
            print(f"{name}: {row['concept']} remains in {row['remains']:.0%} of "
                  f"{row['image_count']}, at random {row['random_remains']:.0%}")  # fmt: skip
    if wrong := data.get("wrong"):
        print(f"Skipped, as the network gets them wrong: {len(wrong)}.")
