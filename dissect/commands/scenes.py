"""python -m dissect scenes"""

from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dissect.analyses.scene_score import MaskedTruth, Scores, masked_truth
from dissect.analyses.scene_segmentation import (
    BACKGROUND,
    NamedUnit,
    concept_key,
    concept_weights,
    concepts_of,
    draw_scene,
    labels_of,
    read_named,
)
from dissect.commands.command import (
    Data,
    add_image_arguments,
    add_network_arguments,
    add_out_argument,
    listed_images,
    network_of,
    print_table,
    skipped_of,
)
from dissect.errors import NoGroundTruth
from dissect.format.ground_truth import TRUTH_PX
from dissect.front_door.arguments import units_of
from dissect.images.image_list import ImageList, find_images
from dissect.images.masks_and_labels import find_truth, images_folder
from dissect.networks.device import select_device
from dissect.networks.layers import layer_infos
from dissect.networks.registry import Network
from dissect.render.contact_sheets import png
from dissect.segmentation.regions import quantile_thresholds
from dissect.segmentation.upsample import segmentation_threshold, upsampled_regions
from dissect.storage.store import Folder
from dissect.topk.batches import Passes
from dissect.topk.collect import collect


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
    add_out_argument(parser, "write images with their concepts in colour here")


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
    named = read_named(options.named)
    options.layers = list(dict.fromkeys(unit.layer for unit in named))
    network, images = network_of(options), listed_images(images_folder(options.images))
    cuts, concepts = cuts_of(network, named, options), concepts_of(named)
    truth = truth_of(images, options.level, concepts)
    scores = Scores(truth.scored if truth else ())
    passes = Passes(images, 1, select_device(options.device), options.progress("segmenting"))
    rows: list[Data] = []
    for places, maps in passes.over(network, options.layers):
        for row, place in enumerate(places.tolist()):
            regions = {
                layer: upsampled_regions(
                    layer_maps[row][_units(named, layer)].cpu(), cuts[layer], TRUTH_PX
                )
                for layer, layer_maps in maps.items()
            }
            scene = Scene(
                network, images, place, labels_of(concept_weights(regions, named, concepts))
            )
            rows.append(
                {"image": images.paths[place]}
                | draw(scene, truth, concepts, options.out)
                | describe(scene.labels, concepts)
                | score(scores, scene, truth, concepts)
            )
    return {
        "images": rows,
        "score": scores.facts(truth.level) if truth and scores.counts.any() else None,
        "concepts": dict(Counter(sorted(concept_key(unit.concept) for unit in named))),
        "skipped": skipped_of(images, passes.bad),
    }


@dataclass(frozen=True)
class Scene:
    """One image segmented by named units; `labels` is (TRUTH_PX, TRUTH_PX)."""

    network: Network
    images: ImageList
    place: int
    labels: NDArray[np.int64]

    @property
    def path(self) -> Path:
        return self.images.location(self.place)


def truth_of(images: ImageList, level: str | None, concepts: Sequence[str]) -> MaskedTruth | None:
    """Find the masks beside the images; None where there are none."""
    try:
        return masked_truth(find_truth(images), level, concepts)
    except NoGroundTruth:
        return None


def draw(
    scene: Scene, truth: MaskedTruth | None, concepts: Sequence[str], out: Path | None
) -> Data:
    """Draw the scene and its mask in the colours of concepts; return the paths or None."""
    shape = scene.network.preprocessing
    true = truth.labels(scene.path, shape, concepts) if truth and out else None
    paths: Data = {}
    for key, shown in {"picture": scene.labels, "truth_picture": true}.items():
        paths[key] = None
        if out and shown is not None:
            name = f"{scene.place:06d}-{key}.png"
            view = draw_scene(scene.images.open(scene.place), shape, shown, concepts)
            Folder(out).put(name, png(view))
            paths[key] = str(out / name)
    return paths


def _units(named: Sequence[NamedUnit], layer: str) -> list[int]:
    return [unit.unit for unit in named if unit.layer == layer]


def cuts_of(network: Network, named: Sequence[NamedUnit], options: Namespace) -> dict[str, Tensor]:
    """The activation above which each named unit's region begins, layer by layer (units,)."""
    for info in layer_infos(network, options.layers):
        units_of(_units(named, info.name), info.unit_count, info.name)
    if all(unit.threshold is not None and unit.maximum is not None for unit in named):
        bounds = {
            layer: torch.tensor([(u.threshold, u.maximum) for u in named if u.layer == layer])
            for layer in options.layers
        }
        return {
            layer: segmentation_threshold(*values.unbind(1)) for layer, values in bounds.items()
        }
    over = find_images(images_folder(options.over or options.images))
    collected = collect(
        network, options.layers, over, 1, device=select_device(options.device),
        progress=options.progress("thresholds"),
    )  # fmt: skip
    return {
        layer.info.name: quantile_thresholds(layer)[_units(named, layer.info.name)]
        for layer in collected.layers
    }


def describe(labels: NDArray[np.int64], concepts: Sequence[str]) -> Data:
    """List the concepts of an image, the largest area first."""
    counts = Counter(labels[labels != BACKGROUND].tolist())
    return {
        "concepts": [
            {"concept": concepts[number], "share": n / labels.size}
            for number, n in counts.most_common()
        ],
        "background_share": float((labels == BACKGROUND).mean()),
    }


def score(scores: Scores, scene: Scene, truth: MaskedTruth | None, concepts: Sequence[str]) -> Data:
    """Add an image to the scores; return its own accuracy, None where it has no mask."""
    seen = truth.seen(scene.path, scene.network.preprocessing, TRUTH_PX) if truth else None
    if truth is None or seen is None:
        return {"accuracy": None, "background_accuracy": None}
    own = Scores(truth.scored)
    for one in (own, scores):
        one.add(seen.labels, truth.numbers(scene.labels, concepts), seen.known)
    return {"accuracy": own.accuracy(), "background_accuracy": own.background_accuracy()}


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
