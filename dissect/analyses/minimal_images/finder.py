"""Finds the minimal images of a list: segments, greedy order, exchanges, random removals."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from dissect.analyses.minimal_images.exchanges import DEFAULT_BUDGET, Exchanges, exchanges
from dissect.analyses.minimal_images.figure import Pair
from dissect.analyses.minimal_images.fills import GRADIENT
from dissect.analyses.minimal_images.remaining_concepts import RemainingShare, remaining
from dissect.analyses.minimal_images.search import (
    DEFAULT_DRAWS,
    GreedyRemovals,
    Kept,
    RandomRemovals,
    Subject,
    greedy_removals,
    is_taken_for,
    random_removals,
)
from dissect.analyses.minimal_images.segments import (
    DEFAULT_SEGMENTS,
    Segments,
    edges_and_regions,
    regions_only,
    superpixels,
)
from dissect.analyses.right_images import RightImages, labels_of, right_images
from dissect.errors import BadSetting, ImagesError, NoGroundTruth
from dissect.format.ground_truth import Concept, GroundTruth
from dissect.images.image_list import ImageList
from dissect.images.masks_and_labels import find_truth
from dissect.networks.classes import class_index, class_name, probabilities
from dissect.networks.registry import Network
from dissect.render.contact_sheets import png
from dissect.storage.store import Folder

EDGES_REGIONS = "edges-regions"
SEGMENTATIONS = (EDGES_REGIONS, "superpixels", "masks")


@dataclass(frozen=True)
class MinimalImageSettings:
    """How minimal images are searched for.

    Attributes:
        segments: "edges-regions", "superpixels", "masks" or "masks:LEVEL".
        count: segments, about; masks have their own.
        fill: what stands for removed segments; empty is the gradients that stay for edges and
            regions, and black for others.
        class_name: the correct class of all images; None is that of labels.csv, else the
            network's own best.
        budget: forwards for exchanges after the greedy order; 0 is none.
        draws: random removals to compare with.
        out: the folder that pictures go to; None writes none.

    Raises:
        BadSetting: there is no such segmentation, or no draw.
    """

    segments: str = EDGES_REGIONS
    count: int = DEFAULT_SEGMENTS
    fill: str = ""
    class_name: str | None = None
    budget: int = DEFAULT_BUDGET
    draws: int = DEFAULT_DRAWS
    out: Path | None = None

    def __post_init__(self) -> None:
        if self.kind not in SEGMENTATIONS or (self.level and self.kind != "masks"):
            raise BadSetting(
                "--segments is edges-regions, superpixels, masks or masks:LEVEL, "
                f"not {self.segments!r}."
            )
        for name, least, value in (("draws", 1, self.draws), ("exchanges", 0, self.budget)):
            if value < least:
                raise BadSetting(f"--{name} must be at least {least}, got {value}.")
        if not self.fill:
            fill = GRADIENT if self.kind == EDGES_REGIONS else "zero"
            object.__setattr__(self, "fill", fill)

    @property
    def kind(self) -> str:
        return self.segments.partition(":")[0]

    @property
    def level(self) -> str:
        return self.segments.partition(":")[2]


@dataclass(frozen=True)
class Result:
    """One image's minimal image as plain data, as pictures, and the concepts that remain in it."""

    data: dict[str, Any]
    pair: Pair
    remains: Mapping[Concept, RemainingShare]


class MinimalImageFinder:
    """Finds the minimal image of each image of a list; keeps what they share.

    Args:
        network: its model on the device to use.

    Raises:
        BadSetting: there is no such class. NoGroundTruth: there are no masks to segment by.
    """

    def __init__(
        self, network: Network, images: ImageList, settings: MinimalImageSettings, classes: int
    ) -> None:
        self.network, self.images, self.settings = network, images, settings
        self.device = next((p.device for p in network.model.parameters()), torch.device("cpu"))
        name = settings.class_name
        self.chosen = class_index(network, name, classes) if name else None
        self.labels = {} if name else labels_of(network, images)
        self.truth: GroundTruth | None = None
        try:
            self.truth = find_truth(images)
        except NoGroundTruth:
            if settings.kind == "masks":
                raise

    def choose(self, count: int, per_class: int) -> RightImages:
        """Choose images that are right, of classes that the fill alone does not give."""

        def accepts(pixels: Tensor, class_index: int, probability: float) -> bool:
            return not is_taken_for(self.network, pixels, self.settings.fill, class_index)

        return right_images(self.network, self.images, count, per_class, accepts)

    def find(self, place: int) -> Result | str:
        """Find one minimal image; where the network is wrong, return the class it predicts.

        Raises:
            ImagesError: the image has no minimal image, or no mask.
        """
        pixels = self.network.preprocessing.pixels(self.images.open(place)).to(self.device)
        label = self.labels.get(place) if self.chosen is None else self.chosen
        best = int(probabilities(self.network, pixels[None])[0].argmax())
        if label is not None and label != best:
            return class_name(self.network, best)
        segments = self.segments(self.images.location(place), pixels)
        fill = self.settings.fill
        if is_taken_for(self.network, pixels, fill, best):
            raise ImagesError(
                f"the network takes the fill alone ({fill}) for {class_name(self.network, best)}, "
                f"so nothing of the image has to stay: choose another fill than {fill}"
            )
        subject = Subject(self.network, pixels, segments, best, fill)
        greedy = greedy_removals(subject)
        less = exchanges(subject, greedy.kept, greedy.left_probability, self.settings.budget)
        random = random_removals(subject, less.kept, self.settings.draws)
        return self.result(place, pixels, subject, greedy, less, random, label is not None)

    def segments(self, path: Path, pixels: Tensor) -> Segments:
        """Cut an image into the segments that the settings name."""
        if self.settings.kind == EDGES_REGIONS:
            return edges_and_regions(pixels, self.settings.count)
        if self.settings.kind == "superpixels" or self.truth is None:
            return regions_only(superpixels(pixels, self.settings.count))
        level = self.settings.level or self.truth.levels[0]
        if level not in self.truth.levels:
            raise BadSetting(
                f"The masks have no level {level!r}; they have {', '.join(self.truth.levels)}."
            )
        shape = self.network.preprocessing
        seen = self.truth.seen(path, level, shape, shape.crop)
        if seen is None:
            raise ImagesError("it has no mask")
        return regions_only(seen)

    def result(
        self, place: int, pixels: Tensor, subject: Subject, greedy: GreedyRemovals,
        less: Exchanges, random: RandomRemovals, is_labelled: bool,
    ) -> Result:  # fmt: skip
        """Describe one minimal image, and write its pictures."""
        remains: Mapping[Concept, RemainingShare] = {}
        if self.truth is not None:
            kept = less.kept[subject.segments.labels]
            path, shape = self.images.location(place), self.network.preprocessing
            remains = remaining(self.truth, path, shape, kept, random.kept)
        data: dict[str, Any] = {"image": self.images.paths[place], "labelled": is_labelled}
        data |= _search_facts(subject, greedy, less, random)
        data |= {
            "class": class_name(self.network, subject.class_index),
            "fill": self.settings.fill,
            "picture": self.write(f"{place:06d}.png", pixels, subject, less.kept),
            "remaining": [
                {"concept": concept.name, "level": concept.level, **asdict(share)}
                for concept, share in remains.items()
            ],
        }
        name = f"{place:06d}-random.png"
        data["random"]["picture"] = self.write(name, pixels, subject, random.segments[0])
        pair = Pair(data["class"], _picture_of(pixels), _picture_of(subject.picture(less.kept)))
        return Result(data, pair, remains)

    def write(self, name: str, pixels: Tensor, subject: Subject, kept: Kept) -> str | None:
        """Write what remains, and return the picture's path.

        It is what the network saw where gradients were removed; else removed parts are transparent.
        """
        if not self.settings.out:
            return None
        if self.settings.fill == GRADIENT:
            picture = _picture_of(subject.picture(kept))
        else:
            picture = _picture_of(pixels)
            alpha = kept[subject.segments.labels].astype(np.uint8) * 255
            picture.putalpha(Image.fromarray(alpha))
        Folder(self.settings.out).put(name, png(picture))
        return str(self.settings.out / name)


def _search_facts(
    subject: Subject, greedy: GreedyRemovals, less: Exchanges, random: RandomRemovals
) -> dict[str, Any]:
    """Describe the search for one minimal image as plain data."""
    return {
        "class_index": subject.class_index,
        "probability": subject.probability,
        "kept_share": subject.share(less.kept),
        "left_probability": less.probability,
        "steps": [asdict(step) for step in greedy.steps],
        "flipped_at": greedy.flipped_at,
        "greedy": {
            "kept_share": subject.share(greedy.kept), "left_probability": greedy.left_probability,
        },
        "exchanges": {
            "steps": [asdict(step) for step in less.steps], "ended": less.ended,
            "kinds": less.kinds, "forwards": less.forwards,
        },
        "segment_count": subject.segments.count,
        "random": {
            "draws": len(random.held),
            "kept_share": float(random.kept.mean()),
            "probability": float(random.probability.mean()),
            "held_share": float(random.held.mean()),
        },
    }  # fmt: skip


def _picture_of(pixels: Tensor) -> Image.Image:
    """A picture in color of what a network sees: (channels, height, width) uint8."""
    view = pixels.cpu().numpy()[:3].transpose(1, 2, 0)
    return Image.fromarray(np.ascontiguousarray(np.broadcast_to(view, (*view.shape[:2], 3))))
