"""Scenes segmented by the units that people named."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from dissect.analyses.scene_score import MaskedTruth, Scores
from dissect.analyses.scene_segmentation import (
    BACKGROUND,
    NamedUnit,
    concept_weights,
    concepts_of,
    draw_scene,
    labels_of,
)
from dissect.errors import NoGroundTruth
from dissect.format.ground_truth import TRUTH_PX
from dissect.front_door.arguments import (
    AUTO,
    AnyDirections,
    AnyNames,
    AnyNetwork,
    Device,
    named_units,
    opened,
    stage,
    units_of,
)
from dissect.front_door.results import Result, Row, counted, drawn, skipped_images
from dissect.images.image_list import ImageList
from dissect.images.masks_and_labels import find_truth, with_masks
from dissect.images.preprocessing import Preprocessing
from dissect.images.sequences import AnyImages, images_of
from dissect.networks.layers import layer_infos
from dissect.networks.registry import Network
from dissect.render.contact_sheets import ContactSheet, side_by_side
from dissect.segmentation.regions import (
    quantile_thresholds,
    segmentation_threshold,
    upsampled_regions,
)
from dissect.topk.batches import Passes, StageProgress
from dissect.topk.collect import collect

SHOWN_SCENES, SHOWN_PX = 4, 280  # in the picture of a result, and the width of each


@dataclass(frozen=True)
class Scene:
    """One image, segmented.

    Attributes:
        image: its path, or its place in memory. place: in the image list.
        labels: (112, 112) int16 over the network's view: numbers of `Scenes.concepts`, or -1 where
            no region is.
        accuracy: the share of labeled pixels that are right, 0 to 1; None without a mask.
        background_accuracy: that of the answer that all is background.
    """

    image: str
    place: int
    labels: NDArray[np.int16] = field(repr=False)
    accuracy: float | None
    background_accuracy: float | None

    def shares(self) -> dict[int, float]:
        """The share of the view, 0 to 1, of each concept by number, the largest first."""
        counts = Counter(self.labels[self.labels != BACKGROUND].tolist())
        return {number: count / self.labels.size for number, count in counts.most_common()}


@dataclass(frozen=True, repr=False)
class Scenes(Result):
    """Segmented scenes.

    Attributes:
        scenes: in the order of the images.
        concepts: the words that people gave, sorted; spellings count as one.
        named: the units that segment.
        scores: pixel accuracy and mean IoU over all masks; None where there are none.
    """

    network: str
    scenes: tuple[Scene, ...]
    concepts: tuple[str, ...]
    named: tuple[NamedUnit, ...]
    scores: Scores | None
    truth: MaskedTruth | None
    images: ImageList
    skipped: Mapping[str, str]
    preprocessing: Preprocessing

    def rows(self) -> list[Row]:
        return [
            {"image": one.image, "accuracy": one.accuracy,
             "background_accuracy": one.background_accuracy,
             "background_share": float((one.labels == BACKGROUND).mean()),
             "concepts": ", ".join(f"{self.concepts[n]} {s:.1%}" for n, s in one.shares().items())}
            for one in self.scenes
        ]  # fmt: skip

    def summary(self) -> str:
        text = f"{counted(len(self.scenes), 'image')} by {counted(len(self.named), 'named unit')}"
        text += f" of {self.network}"
        if self.scores is None:
            return text
        accuracy, iou = self.scores.accuracy(), self.scores.mean_iou()
        return f"{text}; pixel accuracy {accuracy:.3f}, mean IoU {iou:.3f}"

    def pictures(self) -> Mapping[str, Image.Image]:
        sheets = []
        for one in self.scenes[:SHOWN_SCENES]:
            picture = self.picture(one)
            size = (SHOWN_PX, SHOWN_PX * picture.height // picture.width)
            sheets.append((one.image, ContactSheet(picture.resize(size), ())))
        return drawn({"scenes in the colors of concepts": side_by_side(sheets)} if sheets else {})

    def picture(self, scene: Scene) -> Image.Image:
        """A scene with its concepts in color, and their legend."""
        return draw_scene(
            self.images.open(scene.place), self.preprocessing, scene.labels, self.concepts
        )

    def mask_picture(self, scene: Scene) -> Image.Image | None:
        """The scene's mask in the same colors; None where it has none."""
        if self.truth is None:
            return None
        path = self.images.location(scene.place)
        true = self.truth.labels(path, self.preprocessing, self.concepts)
        if true is None:
            return None
        return draw_scene(self.images.open(scene.place), self.preprocessing, true, self.concepts)


def scenes(
    network: AnyNetwork,
    images: AnyImages,
    named: AnyNames,
    *,
    over: AnyImages | None = None,
    level: str | None = None,
    directions: AnyDirections | None = None,
    device: Device = AUTO,
    progress: StageProgress | None = None,
) -> Scenes:
    """In a notebook or script, segment scenes by all units that people named, into their concepts.

    A unit's region is its map, upsampled, above its 0.995 quantile. A pixel gets the concept with
    the most weight there, the sum of its units' precisions.

    >>> names = {"relu5": {1: ("sky", 0.9), 3: ("bed", 0.7)}}
    >>> segmented = scenes("dissect.demo.networks:scene_0", "scenes", names)
    >>> segmented.scenes[0].labels.shape, segmented.concepts
    ((112, 112), ('bed', 'sky'))

    Args:
        network: a SPEC, a `Network` or an nn.Module.
        images: a folder, paths or pictures; DIR with DIR/images and DIR/masks is scored.
        named: what people call units: layer to unit to (concept, precision), or NamedUnit objects,
            or a JSON file {"layers": {L: {U: {"concept", "precision"}}}}.
        over: images whose quantile cuts maps; `images` by default.
        level: of the masks to score at; "object" by default, else the first.
        directions: units in place of channels: a file, or what `rotations` made.
        device: "auto", "cpu", "cuda" or "cuda:N".
        progress: called with the name of the stage, the images done and their number.

    Returns:
        For each image labels (height, width), 112 x 112 px over the network's view, and where
        masks are the share of pixels that are right, 0 to 1. Memory: 25 KB an image.

    Raises:
        BadSetting: no unit is named, a named unit does not exist, or masks have no such level.
        UnknownLayer, UnsupportedLayer: there is no such layer, or it has no units.
        ImagesError: none of the images can be read.

    Source:
        Regions: Bau et al. 2017, arXiv:1704.05796; after the slides on Zhou et al. 2015,
        arXiv:1412.6856.
    """
    units = named_units(named)
    words, listed = concepts_of(units), images_of(with_masks(images))
    layers = list(dict.fromkeys(unit.layer for unit in units))
    with opened(network, device, directions, layers) as (own, chosen):
        cuts, skipped = _cuts(own, units, listed if over is None else over, chosen, progress)
        truth = _truth(listed, level, words)
        scores = Scores(truth.scored if truth else ())
        passes = Passes(listed, 1, chosen, stage(progress, "segmenting"))
        segmented = []
        for places, maps in passes.over(own, layers):
            for row, place in enumerate(places.tolist()):
                labels = _labels({name: maps[name][row] for name in layers}, cuts, units, words)
                shares = _score(scores, listed.location(place), own, labels, truth, words)
                scene = Scene(listed.paths[place], place, labels.astype(np.int16), *shares)
                segmented.append(scene)
    return Scenes(
        network=own.spec,
        scenes=tuple(segmented),
        concepts=words,
        named=tuple(units),
        scores=scores if truth and scores.counts.any() else None,
        truth=truth,
        images=listed,
        skipped=skipped | skipped_images(listed, passes.bad),
        preprocessing=own.preprocessing,
    )


def _of_layer(named: Sequence[NamedUnit], layer: str) -> list[int]:
    return [unit.unit for unit in named if unit.layer == layer]


def _cuts(
    network: Network,
    named: Sequence[NamedUnit],
    over: AnyImages,
    device: torch.device,
    progress: StageProgress | None,
) -> tuple[dict[str, Tensor], dict[str, str]]:
    """The activation above which each named unit's region begins, layer by layer (units,).

    Returns:
        cuts, skipped: and path to the reason why an image could not be read.
    """
    layers = list(dict.fromkeys(unit.layer for unit in named))
    for info in layer_infos(network, layers):
        units_of(_of_layer(named, info.name), info.unit_count, info.name)
    if all(unit.threshold is not None and unit.maximum is not None for unit in named):
        bounds = {
            layer: torch.tensor([(u.threshold, u.maximum) for u in named if u.layer == layer])
            for layer in layers
        }
        return {
            layer: segmentation_threshold(*values.unbind(1)) for layer, values in bounds.items()
        }, {}
    listed = images_of(with_masks(over))
    collected = collect(
        network, layers, listed, 1, device=device, progress=stage(progress, "thresholds")
    )
    cuts = {
        layer.info.name: quantile_thresholds(layer)[_of_layer(named, layer.info.name)]
        for layer in collected.layers
    }
    return cuts, skipped_images(listed, collected.bad)


def _truth(images: ImageList, level: str | None, words: Sequence[str]) -> MaskedTruth | None:
    """The masks beside the images; None where there are none."""
    try:
        return MaskedTruth.of_level(find_truth(images), level, words)
    except NoGroundTruth:
        return None


def _labels(
    maps: Mapping[str, Tensor],
    cuts: Mapping[str, Tensor],
    named: Sequence[NamedUnit],
    words: Sequence[str],
) -> NDArray[np.int64]:
    """The labels of one image (side, side), from its maps (units, height, width) by layer."""
    regions = {
        layer: upsampled_regions(values[_of_layer(named, layer)].cpu(), cuts[layer], TRUTH_PX)
        for layer, values in maps.items()
    }
    return labels_of(concept_weights(regions, named, words))


def _score(
    scores: Scores,
    path: Path,
    network: Network,
    labels: NDArray[np.int64],
    truth: MaskedTruth | None,
    words: Sequence[str],
) -> tuple[float | None, float | None]:
    """Add an image to the scores; its own accuracy and its background's, None without a mask."""
    seen = truth.seen(path, network.preprocessing, TRUTH_PX) if truth else None
    if truth is None or seen is None:
        return None, None
    own = Scores(truth.scored)
    for one in (own, scores):
        one.add(seen.labels, truth.numbers(labels, words), seen.known)
    return own.accuracy(), own.background_accuracy()
